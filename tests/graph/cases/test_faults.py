"""Killed or out of disk at any write, a case comes back as if nothing had happened.

The whole sweep (every write) is `case_fault_sweep.py`; here every run takes other writes of it,
spread over the whole run.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT, TESTS

HERE = TESTS / "support"
WRITES = {
    "plain": 620,
    "asked": 830,
    "steered": 1280,
    "trip": 2260,
    "migrated": 770,
}  # about: the sweeps spread over them
PER_SWEEP = 3
SWEEPS = [
    ("steered", "kill"),
    ("asked", "kill"),
    ("plain", "tear"),
    ("steered", "full"),
    ("plain", "error"),
    ("steered", "random"),
    ("trip", "kill"),
    ("trip", "full"),
    ("migrated", "kill"),
]
FINE, REFUSED, KILLED = 0, 7, -9
Outcomes = dict[tuple[str, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Return the compiled shim, None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    target = tmp_path_factory.mktemp("shim") / "case_faults.so"
    source = HERE / "case_faults.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", target, source, "-ldl"], check=True)
    return target


@pytest.fixture(scope="module")
def outcomes(shim: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Return what became of every fault of every sweep; one process imports and forks them all."""
    folder = tmp_path_factory.mktemp("faults") / "homes"
    extra = {"LD_PRELOAD": str(shim), "FAULT_FOLDER": f"{folder}/"} if shim else {}
    program = [sys.executable, str(HERE / "case_fault_runs.py"), str(folder)]
    done = subprocess.run(
        [*program, *(_specification(*sweep) for sweep in SWEEPS if shim or sweep[1] == "random")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **extra},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    found: Outcomes = {}
    for line in done.stdout.splitlines():
        outcome = json.loads(line)
        found.setdefault((outcome["scenario"], outcome["fault"]), []).append(outcome)
    return found


def _specification(scenario: str, fault: str) -> str:
    stride = PER_SWEEP if fault == "random" else WRITES[scenario] // PER_SWEEP
    return f"{scenario}:{fault}:{random.randrange(10_000)}:{stride}"


@pytest.mark.parametrize(("scenario", "fault"), SWEEPS)
def test_a_case_comes_back(
    outcomes: Outcomes, shim: Path | None, scenario: str, fault: str
) -> None:
    if shim is None and fault != "random":
        pytest.skip("needs Linux and a C compiler")
    found = outcomes[scenario, fault]
    assert len(found) >= PER_SWEEP - 1
    broken_off = {"full": REFUSED, "error": REFUSED}.get(fault, KILLED)
    for outcome in found:
        # The number of writes differs by a few from run to run: the last may not come.
        assert outcome["first"] in {broken_off, FINE}, outcome
        if outcome["first"] == REFUSED:
            assert "\n" not in outcome["error"]
        assert outcome["resumed"] == FINE, outcome
        assert outcome["same"], outcome
        assert outcome["problems"] == [], outcome
        assert len(outcome["repeated"]) <= 1, outcome  # the step that was in flight
    # A run that was timed on a busy machine may be over before its random moment comes.
    least = 1 if fault == "random" else PER_SWEEP // 2
    assert sum(outcome["first"] == broken_off for outcome in found) >= least
