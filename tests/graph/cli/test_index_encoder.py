"""An index is built by the encoder that was named and searched by its own."""

import json
from pathlib import Path

import pytest
from PIL import Image

from geoagent_graph.retrieval.index_format import read_manifest
from tests.graph.perception.test_open_encoder import place
from tests.support.scripted_cli import run
from tests.support.tiny_towers import random_photos, save_dinov2


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    rows = []
    for number, photo in enumerate(random_photos((40, 30), (30, 40), (32, 32))):
        Image.fromarray(photo).save(tmp_path / f"{number}.png")
        place_of = {"lat": 38.0 + number, "lon": -9.0, "country": "PT"}
        rows.append({"id": f"photo-{number}", "file": f"{number}.png", **place_of})
    path = tmp_path / "photos.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_an_index_finds_its_own_encoder(
    manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from geoagent_graph.settings import Settings

    monkeypatch.setattr("geoagent_graph.weights.store.is_as_catalogued", lambda entry, pin: True)
    weights, folder = tmp_path / "weights", tmp_path / "dinov2"
    monkeypatch.setenv("GEOAGENT_WEIGHTS_DIR", str(weights))
    save_dinov2(folder)
    out = tmp_path / "index"
    assert run("index", "build", manifest, "--out", out, "--encoder", folder) == 0
    assert read_manifest(out).encoder_id.startswith("dinov2/")
    capsys.readouterr()
    assert run("index", "search", out, tmp_path / "1.png") == 1
    assert "`geoagent weights pull dinov2-base`" in capsys.readouterr().err
    monkeypatch.setenv("GEOAGENT_ENCODER", str(folder))
    assert run("index", "search", out, tmp_path / "1.png") == 0
    monkeypatch.delenv("GEOAGENT_ENCODER")
    place(Settings(weights_dir=weights), "dinov2-base", save_dinov2)
    capsys.readouterr()
    assert run("index", "search", out, tmp_path / "1.png", "--json", "-k", "1") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["id"], round(found["score"], 4)) == ("photo-1", 1.0)


def test_an_encoder_that_is_not_there_is_one_sentence(
    manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("GEOAGENT_WEIGHTS_DIR", str(tmp_path / "weights"))
    assert run("index", "build", manifest, "--out", tmp_path / "index", "--encoder", "clip") != 0
    said = capsys.readouterr().err
    assert (
        "clip-vit-l14: not on this machine; get it with `geoagent weights pull clip-vit-l14`"
        in (said)
    )
    assert not (tmp_path / "index").exists()
