"""Rows held out by place."""

import logging

import numpy as np
import pytest
from geoagent_training.data.eval_split import APART_KM, split_by_place, warn_of_shared_places
from geoagent_training.data.rows import LocatedPhoto
from geoagent_training.data.sources import SourceRow
from geoagent_training.errors import DataError
from numpy.typing import NDArray

from geoagent_graph.geo.sphere import chord_to_km, unit_vectors


def _rows(points: NDArray[np.float64]) -> list[SourceRow]:
    return [
        SourceRow(f"t:{n}", LocatedPhoto(image="x", lat_deg=lat, lon_deg=lon, country=""))
        for n, (lat, lon) in enumerate(points.tolist())
    ]


def _points(rows: list[SourceRow]) -> NDArray[np.float64]:
    return unit_vectors(*np.array([[r.photo.lat_deg, r.photo.lon_deg] for r in rows]).T)


def test_no_row_held_out_is_near_a_row_that_is_trained_on() -> None:
    chooser = np.random.default_rng(1)
    towns = chooser.uniform((-60, -180), (70, 180), (60, 2))
    near = towns[chooser.integers(0, 60, 400)] + chooser.normal(0, 0.004, (400, 2))
    rows = _rows(near)
    training, held_out = split_by_place(rows, 0.2, seed=3)
    assert len(training) + len(held_out) == 400
    assert 60 <= len(held_out) <= 80
    apart = np.linalg.norm(_points(training)[:, None] - _points(held_out), axis=2)
    assert chord_to_km(apart).min() > APART_KM
    assert split_by_place(rows, 0.2, seed=3)[1] == held_out
    assert split_by_place(rows, 0.2, seed=4)[1] != held_out


def test_rows_of_one_place_cannot_be_split() -> None:
    with pytest.raises(DataError, match=r"eval_fraction: 0\.5 of 6 rows cannot be held out"):
        split_by_place(_rows(np.zeros((6, 2))), 0.5, seed=0)


def test_rows_of_another_file_at_the_same_place_are_said(caplog: pytest.LogCaptureFixture) -> None:
    training = _rows(np.array([[1.0, 1.0], [2.0, 2.0]]))
    with caplog.at_level(logging.WARNING):
        warn_of_shared_places(training, _rows(np.array([[5.0, 5.0]])))
        assert not caplog.text
        warn_of_shared_places(training, _rows(np.array([[2.0, 2.0001]])))
    assert "1 of 2 training rows" in caplog.text
    assert "t:1" in caplog.text
