"""Killed or out of disk at any write, a case comes back as if nothing had happened.

The whole sweep (every write) is `python tests/graph/case_fault_runs.py FOLDER SCENARIO FAULT 0 1`;
here every run takes other writes of it, spread over the whole run.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PER_SWEEP = 9
FINE, REFUSED, KILLED = 0, 7, -9


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the compiled shim; without a compiler only the random kills run."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler")
    target = tmp_path_factory.mktemp("shim") / "case_faults.so"
    source = HERE / "case_faults.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", target, source, "-ldl"], check=True)
    return target


def sweep(folder: Path, scenario: str, fault: str, shim: Path | None) -> list[dict[str, Any]]:
    """Return what became of each fault of a sweep."""
    stride = PER_SWEEP
    if shim is not None:
        stride = {"plain": 430, "asked": 470, "steered": 960}[scenario] // PER_SWEEP
    first = int.from_bytes(os.urandom(2), "big") % stride if shim is not None else 0
    extra = {"LD_PRELOAD": str(shim), "FAULT_FOLDER": str(folder / "homes")} if shim else {}
    program = [sys.executable, HERE / "case_fault_runs.py", folder, scenario, fault]
    done = subprocess.run(
        [*map(str, program), str(first), str(stride)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **extra},
        cwd=HERE.parents[1],
    )
    assert done.returncode == 0, done.stderr
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(outcomes) >= PER_SWEEP - 2, done.stderr
    return outcomes


def check_came_back(outcome: dict[str, Any]) -> None:
    """Require the answer and the trace of an unbroken run, and at most one step done twice."""
    assert outcome["resumed"] == FINE, outcome
    assert outcome["same"], outcome
    assert outcome["problems"] == [], outcome
    assert len(outcome["repeated"]) <= 1, outcome


@pytest.mark.parametrize("scenario", ["plain", "asked", "steered"])
@pytest.mark.parametrize("fault", ["kill", "tear"])
def test_killed_at_a_write(tmp_path: Path, shim: Path, scenario: str, fault: str) -> None:
    for outcome in sweep(tmp_path, scenario, fault, shim):
        assert outcome["first"] == KILLED, outcome
        check_came_back(outcome)


@pytest.mark.parametrize(("scenario", "fault"), [("plain", "full"), ("steered", "error")])
def test_no_space_or_a_bad_disk(tmp_path: Path, shim: Path, scenario: str, fault: str) -> None:
    for outcome in sweep(tmp_path, scenario, fault, shim):
        assert outcome["first"] in (FINE, REFUSED), outcome
        if outcome["first"] == REFUSED:
            assert "\n" not in outcome["error"]
        check_came_back(outcome)


@pytest.mark.parametrize("scenario", ["plain", "steered"])
def test_killed_at_random_moments(tmp_path: Path, scenario: str) -> None:
    for outcome in sweep(tmp_path, scenario, "random", None):
        assert outcome["first"] in (FINE, KILLED), outcome
        check_came_back(outcome)
