"""`geoagent weights` as people type it; the rows of the catalogue are replaced by tiny ones."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoagent_graph.weights import catalogue
from tests.support.loopback_hub import LoopbackHub, loopback_hub, point_library_at
from tests.support.scripted_cli import run
from tests.support.weight_rows import NON_COMMERCIAL, REPOSITORY, row, tiny_weights


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LoopbackHub]:
    rows = {
        "tiny": row(needs=["walled"]),
        "walled": row(name="walled", licence=NON_COMMERCIAL, title="Walled"),
    }
    monkeypatch.setattr(catalogue, "catalogue", lambda: rows)
    monkeypatch.setattr("geoagent_graph.weights.store.catalogue", lambda: rows)
    monkeypatch.setenv("GEOAGENT_WEIGHTS_DIR", str(tmp_path / "weights"))
    with loopback_hub() as running:
        point_library_at(monkeypatch, running.endpoint)
        running.add(REPOSITORY, {"model.safetensors": tiny_weights()})
        yield running


def test_a_row_is_listed_pulled_verified_found_and_removed(
    hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("weights", "list") == 0
    assert "tiny                 absent" in capsys.readouterr().out
    assert run("weights", "pull", "tiny") == 0
    said = capsys.readouterr()
    assert said.out.startswith("tiny: pulled, 0.0 MB, in ")
    assert "geoagent weights pull walled" in said.err
    assert run("weights", "verify") == 0
    assert capsys.readouterr().out == "tiny: sound\n"
    assert run("weights", "where", "tiny") == 0
    folder = Path(capsys.readouterr().out.strip())
    assert folder == tmp_path / "weights" / "tiny"
    (folder / "model.safetensors").write_bytes(tiny_weights(seed=3))
    assert run("weights", "verify", "tiny", "--json") == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert problems[0]["problem"] == "has another content than when it was pulled"
    assert run("weights", "remove", "tiny") == 0
    assert not folder.exists()
    assert run("weights", "where", "tiny") == 2
    assert "geoagent weights pull tiny" in capsys.readouterr().err


def test_a_licence_is_asked_for_and_a_row_explained(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("weights", "pull", "walled") == 2
    assert "--accept-licence accepts it" in capsys.readouterr().err
    assert run("weights", "list", "walled") == 0
    out = capsys.readouterr().out
    assert "licence     CC-BY-NC-4.0, read on 2026-11-30 in: tests" in out
    assert "revision    pinned at the first pull" in out
    assert run("weights", "pull", "walled", "--accept-licence") == 0
    capsys.readouterr()
    assert run("weights", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert {row["name"]: row["state"] for row in listed} == {"tiny": "absent", "walled": "there"}


def test_nothing_there_is_said(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("weights", "verify") == 0
    assert "nothing was pulled" in capsys.readouterr().out
    assert run("weights", "remove", "tiny") == 1
    assert hub.asked == []
