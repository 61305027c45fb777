"""What a model that sees is worth is fitted on drawn embeddings, and not written where it is
nothing."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.evidence.visual_weights import read_visual_weights
from geoagent_graph.geo.sphere import unit_vectors
from geoagent_graph.testing import FixedPhotoPlaces
from tests.support.small_gazetteer import small_town_table
from tools import draw_photo_embeddings, fit_visual
from tools.fit_visual import LocatedEmbeddings

SHARPNESS = 40.0


def town_scores(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how near each embedding, a point on the sphere, is to the towns."""
    towns = small_town_table().vectors
    return np.asarray(SHARPNESS * vectors @ towns.T, np.float32)


def drawn_photos(count: int, noise: float) -> LocatedEmbeddings:
    """Return photos around the towns whose embeddings are their points, mixed with noise."""
    rng, table = np.random.default_rng(0), small_town_table()
    towns = rng.integers(0, len(table), count)
    lat = table.gazetteer.lat_deg[towns] + rng.uniform(-0.1, 0.1, count)
    lon = np.clip(table.gazetteer.lon_deg[towns] + rng.uniform(-0.1, 0.1, count), -179.9, 179.9)
    vectors = unit_vectors(lat, lon) + noise * rng.standard_normal((count, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return LocatedEmbeddings(lat, lon, vectors.astype(np.float32))


def run_main(folder: Path, photos: LocatedEmbeddings, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the exit status of the script over drawn embeddings."""
    places = FixedPhotoPlaces(np.zeros(8, np.float32))
    opened = (places, town_scores, small_town_table())
    monkeypatch.setattr(fit_visual, "open_places", lambda is_drawn: opened)
    np.savez(folder / "drawn.npz", **vars(photos))
    files = [str(folder / "drawn.npz"), "--out", str(folder / "visual.json")]
    monkeypatch.setattr("sys.argv", ["fit_visual.py", *files])
    return fit_visual.main()


def test_what_helps_is_fitted_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(tmp_path, drawn_photos(80, 0.05), monkeypatch) == 0
    weights = read_visual_weights(tmp_path / "visual.json", "fixed/v1")
    assert weights.shares[0] > 0.3
    assert weights.uninformative == 0.05  # the floor
    stored = json.loads((tmp_path / "visual.json").read_text())
    assert stored["how"].startswith("fitted on half the places of 80 SYNTHETIC embeddings")
    assert "held back, within 25 km: +" in capsys.readouterr().out


def test_what_says_nothing_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(tmp_path, drawn_photos(80, 50.0), monkeypatch) == 1
    assert "nothing is written" in capsys.readouterr().out
    assert run_main(tmp_path, drawn_photos(10, 0.05), monkeypatch) == 1
    assert "at least 40 are needed" in capsys.readouterr().out
    assert not (tmp_path / "visual.json").exists()


def test_no_place_is_on_both_sides() -> None:
    photos = drawn_photos(80, 0.05)
    fitting, held_back = fit_visual.split_places(photos)
    cells = [
        {(int(np.floor(photos.lat_deg[row] * 10)), int(np.floor(photos.lon_deg[row] * 10)))
         for row in rows.tolist()}
        for rows in (fitting, held_back)
    ]  # fmt: skip
    assert cells[0] & cells[1] == set()
    assert len(fitting) + len(held_back) == 80


def test_photos_of_a_folder_are_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    Image.new("RGB", (40, 30), (200, 10, 10)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no photo")
    rows = [{"file": "a.png", "lat": 1.5, "lon": 2.5}, {"file": "b.png", "lat": 0, "lon": 0},
            {"file": "a.png", "lat": None, "lon": 2.0}]  # fmt: skip
    manifest = tmp_path / "metadata.jsonl"
    manifest.write_text("\n".join(json.dumps(row) for row in rows))
    places = FixedPhotoPlaces(np.zeros(8, np.float32))
    found = fit_visual.look_at_photos(manifest, places)
    assert (found.lat_deg.tolist(), found.embedding.shape) == ([1.5], (1, 1))
    assert places.asked == [(30, 40, 3)]
    assert "skipped" in capsys.readouterr().err


def test_drawn_embeddings_are_as_accurate_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    table: Any = small_town_table()
    truths = np.stack([rng.uniform(36, 52, 300), rng.uniform(-9, 13, 300)], axis=1)
    rings = draw_photo_embeddings.Rings(truths, table, rng)
    assert rings.points.shape == (300, 6, 2)
    np.testing.assert_array_equal(rings.points[:, 0], truths)
    model = SimpleNamespace(embed_points=lambda lat, lon: unit_vectors(lat, lon).astype(np.float32))
    embed: Any = draw_photo_embeddings.embed_points
    vectors = embed(model, rings.points.reshape(-1, 2)).reshape(300, 6, 3)
    gallery = embed(model, rings.points.reshape(-1, 2))
    for name in ("SIGNAL_SPREAD", "SIGNAL_BY_RING"):
        monkeypatch.setattr(draw_photo_embeddings, name, 0.0)
    monkeypatch.setattr(draw_photo_embeddings, "SIGNAL", 0.7)
    found, ring, reached = draw_photo_embeddings.draw_embeddings(
        truths, vectors, gallery, rings.points.reshape(-1, 2), 1
    )
    assert found.shape == (300, 3)
    assert set(ring.tolist()) <= set(range(6))
    assert (np.diff(reached) >= 0).all()
