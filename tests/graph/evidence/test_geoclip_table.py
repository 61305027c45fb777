"""The table of all towns is computed once, mapped in half precision, and belongs to its weights."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.evidence import geoclip_table
from geoagent_graph.evidence.geoclip_table import open_town_embeddings
from geoagent_graph.perception.geoclip import FILE_NAME, GeoClip
from geoagent_graph.settings import Settings
from geoagent_graph.weights.lock_file import Pin, PinnedFile
from geoagent_graph.weights.store import WeightStore
from tests.support.tiny_geoclip import tiny_geoclip_file
from tests.support.weight_rows import digest

TOWNS: Any = SimpleNamespace(
    lat_deg=np.array([38.7, 41.1, -33.9, 64.1]), lon_deg=np.array([-9.1, -8.6, 151.2, -21.9])
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("geoagent_graph.weights.store.is_as_catalogued", lambda entry, pin: True)
    return Settings(weights_dir=tmp_path / "weights", cache_dir=tmp_path / "cache")


def place_geoclip(settings: Settings, seed: int = 0) -> Path:
    store, data = WeightStore(settings.weights_dir), tiny_geoclip_file(seed)
    path = store.folder_of("geoclip") / FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    pinned = PinnedFile(sha256=digest(data), size_bytes=len(data))
    store.write_pin("geoclip", Pin(repository="a", files={FILE_NAME: pinned}, complete=True))
    return path


def test_without_the_weights_one_sentence_says_how_to_get_them(settings: Settings) -> None:
    with pytest.raises(InputError, match="geoagent weights pull geoclip"):
        open_town_embeddings(TOWNS, settings)


def test_every_town_is_embedded_once_and_scored(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = GeoClip(place_geoclip(settings))
    said: list[tuple[float, str]] = []
    table = open_town_embeddings(TOWNS, settings, lambda share, words: said.append((share, words)))
    exact = model.embed_points(TOWNS.lat_deg, TOWNS.lon_deg)
    assert table.vectors.dtype == np.float16
    assert not table.vectors.flags.writeable
    np.testing.assert_allclose(table.vectors, exact, atol=2e-4)
    assert table.scale == pytest.approx(model.scale)
    assert said[-1][0] == 1.0
    monkeypatch.setattr(geoclip_table, "_SCORED_TOWNS", 3)
    np.testing.assert_allclose(table.cosines(exact[2]), exact @ exact[2], atol=1e-3)
    assert int(table.cosines(exact[2]).argmax()) == 2
    monkeypatch.setattr(geoclip_table, "_compute_table", None)  # a second process computes nothing
    again = open_town_embeddings(TOWNS, settings)
    np.testing.assert_array_equal(again.vectors, table.vectors)


def test_other_weights_or_towns_make_another_table(settings: Settings) -> None:
    place_geoclip(settings)
    first = open_town_embeddings(TOWNS, settings).vectors.copy()
    place_geoclip(settings, seed=1)
    assert not np.allclose(open_town_embeddings(TOWNS, settings).vectors, first, atol=1e-2)
    fewer: Any = SimpleNamespace(lat_deg=TOWNS.lat_deg[:2], lon_deg=TOWNS.lon_deg[:2])
    assert len(open_town_embeddings(fewer, settings).vectors) == 2
