"""Traces that a run left: which file is read, and what becomes of odd ones."""

import json
from pathlib import Path

import pytest
from geoagent_evaluation.contract.run_folder import trace_file
from geoagent_evaluation.report.traces import read_trace

from tests.evaluation.support.score_folders import drawn_trace


def write_trace(folder: Path, photo: str, content: str) -> None:
    path = trace_file(folder, photo)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_steps_candidates_and_warnings_are_read(tmp_path: Path) -> None:
    write_trace(tmp_path, "a/b.jpg", json.dumps(drawn_trace("a/b.jpg")))
    trace = read_trace(tmp_path, "a/b.jpg")
    assert trace is not None
    assert [step.name for step in trace.steps] == ["observe", "judge · country"]
    assert trace.candidates[0].place == "Brazil, BR"
    assert trace.warnings == ("the file states no position",)


@pytest.mark.parametrize("photo", ["../secret", "..", "/etc/passwd", "a\x00b", "", "none.jpg"])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, photo: str) -> None:
    (tmp_path / "secret.json").write_text(json.dumps(drawn_trace("secret")))
    assert read_trace(tmp_path / "run", photo) is None


@pytest.mark.parametrize(
    "content",
    ["", "[]", "[" * 50_000, '{"steps": 3, "candidates": [1], "warnings": {"a": 1}}',
     '{"candidates": {"city": [{"probability": NaN, "evidence": [{"log_lr": 1e999}]}]}}'],
)  # fmt: skip
def test_odd_traces_have_no_steps(tmp_path: Path, content: str) -> None:
    write_trace(tmp_path, "x", content)
    trace = read_trace(tmp_path, "x")
    assert trace is None or trace.steps == ()
