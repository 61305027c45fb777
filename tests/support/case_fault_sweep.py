"""Kills and fails runs of cases at every write, and counts what became of them.

    python tests/support/case_fault_sweep.py [SCENARIO:FAULT:FIRST:STRIDE ...]

Prints one JSON line per sweep and exits with 1 if any run did not come back as if nothing had
happened. Without arguments it runs all sweeps, some 30 minutes of one core; the tests take a sample
of them. Needs Linux and a C compiler. See `case_fault_runs.py` for what a sweep is.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SWEEPS = (
    "trip:kill:0:1",
    "steered:kill:0:1",
    "asked:kill:0:1",
    "migrated:kill:0:4",
    "plain:tear:0:4",
    "steered:random:0:100",
    "trip:random:0:100",
    "steered:full:0:12",
    "trip:error:0:12",
    "trip:full:5:24",
    "steered:error:5:24",
)


def main() -> None:
    """Run the sweeps and print their counts."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / "case_faults.so"
        source = HERE / "case_faults.c"
        command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(source), "-ldl"]
        subprocess.run(command, check=True)
        for sweep in sys.argv[1:] or SWEEPS:
            failed += run(sweep, shim, Path(folder) / sweep.replace(":", "-"))
    sys.exit(1 if failed else 0)


def run(sweep: str, shim: Path, homes: Path) -> int:
    """Run one sweep, print its counts, and return how many runs did not come back."""
    faults = {"LD_PRELOAD": str(shim), "FAULT_FOLDER": f"{homes}/"}
    program = [sys.executable, str(HERE / "case_fault_runs.py"), str(homes), sweep]
    began = time.monotonic()
    used = _cpu_seconds()
    done = subprocess.run(
        program,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **faults},
        cwd=HERE.parents[1],
        check=True,
    )
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [outcome for outcome in outcomes if not came_back(outcome)]
    told = {
        "sweep": sweep,
        "writes": max((outcome["of"] for outcome in outcomes), default=0),
        "runs": len(outcomes),
        "ended": dict(Counter(str(outcome["first"]) for outcome in outcomes)),
        "came_back": len(outcomes) - len(wrong),
        "redid_a_step": sum(bool(outcome.get("repeated")) for outcome in outcomes),
        "wall_s": round(time.monotonic() - began),
        "cpu_s": round(_cpu_seconds() - used),
    }
    print(json.dumps(told), flush=True)  # noqa: T201
    for outcome in wrong:
        print(json.dumps(outcome), flush=True)  # noqa: T201
    return len(wrong) + (not outcomes)


def came_back(outcome: dict[str, Any]) -> bool:
    """Return whether a run was resumed to the answer and trace of an unbroken one."""
    return (
        outcome["resumed"] == 0
        and outcome["same"]
        and outcome["problems"] == []
        and len(outcome["repeated"]) <= 1
    )


def _cpu_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
