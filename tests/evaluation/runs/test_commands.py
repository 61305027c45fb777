"""`eval run` and `eval baselines` as people type them; a scripted agent stands for the real one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.runs import baselines_command, run_command
from geoagent_evaluation.runs.agent import Agent

from geoagent_graph.state import RunOptions
from tests.support.evaluation_runs import rows_of, scripted_agent, write_manifest


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a manifest of three photos; commands open a scripted agent."""

    def open_scripted(*_: Any, use_exif: bool = False, **__: Any) -> Agent:
        return replace(scripted_agent(), options=RunOptions(use_exif=use_exif))

    monkeypatch.setattr(run_command, "open_agent", open_scripted)
    monkeypatch.setattr(baselines_command, "open_agent", open_scripted)
    rows = [
        {"id": f"p{n}", "file": f"p{n}.jpg", "lat": 38.7, "lon": -9.1 + n, "cluster_id": f"c{n}"}
        for n in range(3)
    ]
    return write_manifest(tmp_path / "photos", rows)


def test_a_run_its_baselines_and_their_score(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["run", str(manifest), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out == f"3 photos: 3 claims, 0 abstained, 0 failed; {out / 'predictions.jsonl'}\n"
    assert "3 of 3 photos" in said.err
    assert main(["baselines", str(out)]) == 0
    assert "2 baselines: best_constant_left_out, oracle_candidate" in capsys.readouterr().out
    files = [str(out / name) for name in ("predictions.jsonl", "truth.jsonl")]
    assert main(["score", *files, "--out", str(out)]) == 0
    assert "  oracle_candidate" in capsys.readouterr().out
    assert main(["run", str(manifest), "--out", str(out), "--exif"]) == 2
    assert "was begun with different options" in capsys.readouterr().err


def test_baselines_of_photos_that_have_moved(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, moved = tmp_path / "out", tmp_path / "moved"
    assert main(["run", str(manifest), "--out", str(out), "--baselines"]) == 0
    manifest.parent.rename(moved)
    assert main(["baselines", str(out)]) == 2
    assert "there is no such manifest" in capsys.readouterr().err
    assert main(["baselines", str(out), "--manifest", str(moved / manifest.name)]) == 0
    assert len(rows_of(out / "baselines" / "oracle_candidate.jsonl")) == 3
    assert main(["run", str(moved / manifest.name), "--out", str(out)]) == 0  # moved, not changed
