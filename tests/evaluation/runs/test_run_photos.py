"""Whole runs with a scripted agent: what is written, and that a run goes on where it was."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from geoagent_evaluation.contract.run_folder import trace_file
from geoagent_evaluation.runs import run_state
from geoagent_evaluation.runs.agent import Agent
from geoagent_evaluation.runs.run_photos import RunChoice, run_photos
from geoagent_evaluation.runs.run_state import RunError

from geoagent_graph.errors import PhotoError
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.state import RunOptions
from geoagent_graph.testing import MemoryImages, ScriptedPolicy
from tests.support.evaluation_runs import (
    photos_of,
    rows_of,
    scripted_agent,
    silent_progress,
    write_manifest,
)
from tests.support.paths import ROOT


class FailingImages(MemoryImages):
    """A store that refuses files whose name ends in `missing`."""

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        if isinstance(source, Path) and source.name.endswith("missing"):
            raise PhotoError(f"{source.name}: no such file")
        return super().open(source, name)


def _manifest(folder: Path, count: int = 4) -> Path:
    rows: list[dict[str, Any]] = [
        {"id": f"p{n}", "file": f"p{n}.jpg", "lat": 38.7, "lon": -9.1, "country": "PT"}
        for n in range(count)
    ]
    return write_manifest(folder, rows)


def _run(manifest: Path, agent: Agent, out: Path, **choice: Any) -> dict[str, int]:
    return run_photos(
        photos_of(manifest), manifest, agent, RunChoice(out, **choice), silent_progress
    )


def test_a_run_writes_what_is_scored(tmp_path: Path) -> None:
    manifest, out = _manifest(tmp_path / "in"), tmp_path / "out"
    counts = _run(manifest, scripted_agent(), out)
    assert counts == {"photos": 4, "claims": 4, "abstained": 0, "failed": 0}
    rows = rows_of(out / "predictions.jsonl")
    assert [row["id"] for row in rows] == ["p0", "p1", "p2", "p3"]
    first = rows[0]
    assert (first["level"], first["country"], first["city"]) == ("city", "PT", "Lisbon")
    assert first["candidates"][0]["place"] == "2267057"
    assert sum(one["probability"] for one in first["candidates"]) <= 1.0
    assert first["countries"]["PT"] > first["countries"]["ES"]
    assert not first["abstained"]
    assert rows_of(out / "truth.jsonl")[3] == {
        "id": "p3", "lat_deg": 38.7, "lon_deg": -9.1, "country": "PT",
    }  # fmt: skip
    trace = json.loads(trace_file(out, "p0").read_text())
    assert [step["node"] for step in trace["steps"]][:2] == ["observe", "propose"]
    description = json.loads((out / "run.json").read_text())
    assert description["result"] == {"finished": True, **counts}
    assert description["manifest"]["photos"] == 4
    assert description["tools"]["policy"] == "scripted"
    assert description["options"]["use_exif"] is False


def test_what_was_written_is_not_located_again(tmp_path: Path) -> None:
    manifest, out = _manifest(tmp_path / "in"), tmp_path / "out"
    _run(manifest, scripted_agent(), out)
    before = (out / "predictions.jsonl").read_bytes()
    policy = ScriptedPolicy.towards_lisbon()
    _run(manifest, scripted_agent(policy), out)
    assert policy.seen == []
    assert (out / "predictions.jsonl").read_bytes() == before


def test_a_photo_that_fails_is_a_row_and_stops_no_other(tmp_path: Path) -> None:
    rows = [{"file": "a.jpg"}, {"file": "b.missing"}, {"file": "c.jpg"}]
    manifest, out = write_manifest(tmp_path / "in", rows), tmp_path / "out"
    counts = _run(manifest, scripted_agent(images=FailingImages()), out)
    assert counts == {"photos": 3, "claims": 2, "abstained": 0, "failed": 1}
    failed = rows_of(out / "predictions.jsonl")[1]
    assert failed == {"id": "b.missing", "error": "b.missing: no such file"}
    policy = ScriptedPolicy.towards_lisbon()
    assert _run(manifest, scripted_agent(policy, images=FailingImages()), out) == counts
    assert policy.seen == []
    healed = _run(manifest, scripted_agent(images=_AnyImages()), out, retry_failed=True)
    assert healed["failed"] == 0


class _AnyImages(MemoryImages):
    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        return super().open(str(source).encode(), name)


@pytest.mark.parametrize("what", ["manifest", "options", "tools"])
def test_a_run_begun_with_something_else_is_refused(tmp_path: Path, what: str) -> None:
    manifest, out = _manifest(tmp_path / "in"), tmp_path / "out"
    agent = scripted_agent()
    _run(manifest, agent, out)
    if what == "manifest":
        manifest = _manifest(tmp_path / "in", count=5)
    elif what == "options":
        agent = replace(agent, options=RunOptions(use_exif=True))
    else:
        agent = scripted_agent(ScriptedPolicy.towards_lisbon(name="another"))
    with pytest.raises(RunError, match=f"was begun with different {what}"):
        _run(manifest, agent, out)


def test_predictions_that_no_run_wrote_are_left_alone(tmp_path: Path) -> None:
    manifest, out = _manifest(tmp_path / "in"), tmp_path / "out"
    out.mkdir()
    (out / "predictions.jsonl").write_text("mine\n")
    with pytest.raises(RunError, match="no run wrote"):
        _run(manifest, scripted_agent(), out)
    assert (out / "predictions.jsonl").read_text() == "mine\n"


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    manifest, out = _manifest(tmp_path / "in"), tmp_path / "out"
    with run_state.RunState(out, {}), pytest.raises(RunError, match="another run is at work"):
        _run(manifest, scripted_agent(), out)


def test_a_torn_line_is_not_taken_for_whole(tmp_path: Path) -> None:
    manifest, out = _manifest(tmp_path / "in"), tmp_path / "out"
    _run(manifest, scripted_agent(), out)
    predictions = out / "predictions.jsonl"
    lines = predictions.read_bytes().splitlines(keepends=True)
    predictions.write_bytes(b"".join(lines[:2]) + lines[2].rstrip(b"\n"))  # whole but for its end
    policy = ScriptedPolicy.towards_lisbon()
    _run(manifest, scripted_agent(policy), out)
    ids = [row["id"] for row in rows_of(predictions)]
    assert ids == ["p0", "p1", "p2", "p3"]
    assert len({situation.image.sha256 for situation in policy.seen}) == 2
    assert [row["id"] for row in rows_of(out / "observations.jsonl")] == ids


def test_a_hostile_id_stays_in_its_folder(tmp_path: Path) -> None:
    rows = [{"id": "../../x", "file": "a.jpg"}, {"id": "..", "file": "b.jpg"}]
    manifest, out = write_manifest(tmp_path / "in", rows), tmp_path / "out"
    _run(manifest, scripted_agent(), out)
    kept = list((out / "traces").iterdir())
    assert len(kept) == 2
    assert {trace_file(out, row["id"]) for row in rows} == set(kept)


_KILLED = """
import os, signal, sys
from pathlib import Path
from geoagent_evaluation.runs import journal, run_state
from geoagent_evaluation.runs.run_photos import RunChoice, run_photos
from tests.support.evaluation_runs import photos_of, scripted_agent, silent_progress

append = run_state.append_row

def append_and_die(file, row):
    if row["id"] != "p2" or file.name != "predictions.jsonl":
        return append(file, row)
    with file.open("a") as stream:
        stream.write(journal._line_of(row)[:40])
        stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)

run_state.append_row = append_and_die
manifest = Path(sys.argv[1])
choice = RunChoice(Path(sys.argv[2]))
run_photos(photos_of(manifest), manifest, scripted_agent(), choice, silent_progress)
"""


def test_a_run_killed_in_the_middle_of_a_line_goes_on(tmp_path: Path) -> None:
    manifest, out = _manifest(tmp_path / "in"), tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(manifest), str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert not (out / "predictions.jsonl").read_bytes().endswith(b"\n")
    policy = ScriptedPolicy.towards_lisbon()
    counts = _run(manifest, scripted_agent(policy), out)
    assert counts == {"photos": 4, "claims": 4, "abstained": 0, "failed": 0}
    assert [row["id"] for row in rows_of(out / "predictions.jsonl")] == ["p0", "p1", "p2", "p3"]
    assert [row["id"] for row in rows_of(out / "observations.jsonl")] == ["p0", "p1", "p2", "p3"]
    assert len({situation.image.sha256 for situation in policy.seen}) == 2  # p0, p1 were whole
