"""Classifiers in files: what is written is read, what is damaged or huge is refused."""

import io
import json
import zipfile

import numpy as np
import pytest

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.protocols import Geocell
from geoagent_graph.retrieval.cell_classifier import (
    CellClassifier,
    ClassifierSkill,
    Likeness,
    classifier_bytes,
    read_classifier,
)

SKILL = ClassifierSkill(
    places=120,
    cells=3,
    gain_nats=0.2,
    low_nats=0.1,
    high_nats=0.3,
    country_right=0.4,
    country_right_by_prior=0.2,
)
CELLS = (
    Geocell(country_code="PT"),
    Geocell(box=(-90.0, -180.0, 90.0, 0.5)),
    Geocell(box=(-90.0, 0.5, 90.0, 180.0)),
)


def classifier() -> CellClassifier:
    draw = np.random.default_rng(2)
    weights = draw.normal(size=(3, 4)).astype(np.float32)
    prior = np.log(np.array([0.5, 0.3, 0.2], np.float32))
    likeness = Likeness(hits=2, low=0.25, usual=0.75)
    return CellClassifier(CELLS, weights, np.zeros(3, np.float32), prior, SKILL, likeness)


def read(data: bytes, dimension: int = 4) -> CellClassifier:
    return read_classifier(io.BytesIO(data), len(data), dimension)


def test_what_is_written_is_read() -> None:
    made = classifier()
    found = read(classifier_bytes(made))
    assert (found.cells, found.skill) == (made.cells, made.skill)
    assert found.likeness == made.likeness
    look = np.array([0.5, 0.5, 0.5, 0.5], np.float32)
    assert found.scores(look) == made.scores(look)


def test_scores_are_the_posterior_over_the_prior() -> None:
    made = classifier()
    look = np.array([1.0, 0.0, 0.0, 0.0], np.float32)
    posterior = np.exp(made.weights[:, 0].astype(float))
    posterior /= posterior.sum()
    expected = np.log(posterior / [0.5, 0.3, 0.2])
    given = [score.log_likelihood for score in made.scores(look)]
    np.testing.assert_allclose(given, expected, atol=6e-4)


def test_a_photo_of_another_kind_says_less() -> None:
    likeness = Likeness(hits=2, low=0.25, usual=0.75)
    shares = [likeness.share_of(np.array(c, np.float32)) for c in ([0.1, 0.2], [0.4, 0.6], [1, 1])]
    assert shares == pytest.approx([0.0, 0.5, 1.0])
    look = np.array([1.0, 0.0, 0.0, 0.0], np.float32)
    full, half = classifier().scores(look), classifier().scores(look, 0.5)
    for whole, part in zip(full, half, strict=True):
        assert part.log_likelihood == pytest.approx(whole.log_likelihood / 2, abs=1e-3)


@pytest.mark.parametrize(
    "likeness", [{"hits": 0, "low": 0.1, "usual": 0.2}, {"hits": 5, "low": 0.1}, [1], "no"]
)
def test_a_likeness_that_is_none_is_refused(likeness: object) -> None:
    with pytest.raises(ReferenceIndexError, match="no classifier"):
        read(stored(likeness=likeness))


def stored(**changed: object) -> bytes:
    """Return an archive whose parts differ in one."""
    with np.load(io.BytesIO(classifier_bytes(classifier()))) as parts:
        arrays = dict(parts)
    about = json.loads(arrays["about"].tobytes())
    for name, value in changed.items():
        if name in arrays:
            arrays[name] = np.asarray(value)
        else:
            about[name] = value
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return sink.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        classifier_bytes(classifier())[:-30],
        stored(bias=np.full(3, np.nan, np.float32)),
        stored(bias=np.zeros(3)),
        stored(weights=np.zeros((3, 5), np.float32)),
        stored(log_prior=np.full(3, -1e9, np.float32)),
        stored(bias=np.array([None] * 3)),
        stored(cells=[{"country_code": "PT", "box": None}]),
        stored(cells="all"),
        stored(cells=[{"country_code": code} for code in ("PT", "ES", "<b>")]),
        stored(cells=[{"box": [0.0, 0.0, side, 1.0]} for side in (1.0, 91.0, 2.0)]),
        stored(cells=[{"box": [5.0, 0.0, 1.0, 1.0]}] * 3),
        stored(cells=[{"box": [0.0, 0.0, 1.0]}] * 3),
        stored(skill={"places": 1}),
    ],
)
def test_what_is_no_classifier_is_refused(data: bytes) -> None:
    with pytest.raises(ReferenceIndexError):
        read(data)


def test_what_unpacks_to_more_than_any_classifier_is_refused_before_it_does() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weights.npy", b"\0" * 30_000_000)
    assert len(sink.getvalue()) < 100_000
    with pytest.raises(ReferenceIndexError, match="unpacks"):
        read(sink.getvalue())
