"""What the common things cost now beside last time: `make bench`.

    PYTHONPATH=. python -m benchmarks.history [--store FILE] [--repeats 3]

Each figure is the least CPU seconds of several runs, of this process and its children: the least is
what other work on the machine disturbs least. Rows with date, commit and versions are appended to
the file, and the newest ones of the same machine stand beside what was measured now.
"""

import argparse
import csv
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from geoagent_graph.settings import load_settings, prepare_process

prepare_process()  # libraries read what it sets when they are imported

# ruff: noqa: E402
from benchmarks.growth import trip_photos, unit_vectors
from geoagent_graph import locate_sync, open_toolbox
from geoagent_graph.evidence.trip.joint_posterior import weigh_trip
from geoagent_graph.retrieval.vector_index import make_index
from tests.support.evidence_cases import model

STORE = Path("build/bench.csv")
COLUMNS = ("date", "commit", "machine", "python", "packages", "measure", "cpu_seconds")
PACKAGES = ("langgraph", "onnxruntime", "numpy", "pydantic", "rapidocr", "faiss-cpu")
CLEARLY_SLOWER = 1.15
ROW = "{:24} {:>9} {:>9} {:>7}  {}"


def main() -> None:
    """Measure, print the table, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    before = newest_rows(given.store, platform.node())
    with tempfile.TemporaryDirectory(prefix="geoagent-bench-") as folder:
        works = measures(Path(folder))
        now = {name: least_seconds(work, given.repeats) for name, work in works.items()}
    print(ROW.format("CPU seconds", "now", "before", "ratio", "measured then"))
    for name, seconds in now.items():
        print(comparison(name, seconds, before.get(name)))
    append_rows(given.store, now)


def measures(folder: Path) -> dict[str, Callable[[], object]]:
    """Return what is measured, by its name; a first photo is a process of its own."""
    photo = folder / "street.png"
    run_quietly([sys.executable, "tools/draw_street.py", "--out", str(photo)])
    command = [sys.executable, "-m", "geoagent_graph.cli"]
    photos, vectors = trip_photos("+01:00")[:8], unit_vectors(60_000)
    tools = open_toolbox(load_settings())
    locate_sync(photo, toolbox=tools)  # models are loaded
    weigh_trip(model(), photos[:2])  # tables are read
    return {
        "help": lambda: run_quietly([*command, "--help"]),
        "first photo": lambda: run_quietly([*command, "locate", str(photo), "--json", "--quiet"]),
        "next photo": lambda: locate_sync(photo, toolbox=tools),
        "trip of 8 photos": lambda: weigh_trip(model(), photos),
        "index of 60,000 vectors": lambda: make_index(vectors, np.arange(len(vectors))),
    }


def run_quietly(command: list[str]) -> None:
    """Run a command; abstaining is an answer too."""
    status = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    if status not in (0, 3):
        raise SystemExit(f"{' '.join(command)}: ended with {status}")


def least_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the least CPU seconds of some runs, with those of child processes."""
    return min(seconds_of(work) for _ in range(repeats))


def seconds_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one run."""
    began = cpu_seconds()
    work()
    return cpu_seconds() - began


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def newest_rows(store: Path, machine: str) -> dict[str, dict[str, str]]:
    """Return the newest row of each measure on this machine; none where nothing was stored."""
    if not store.is_file():
        return {}
    with store.open(newline="", encoding="utf-8") as file:
        return {row["measure"]: row for row in csv.DictReader(file) if row["machine"] == machine}


def comparison(name: str, seconds: float, before: dict[str, str] | None) -> str:
    """Return a row of the table; one that is clearly slower says so."""
    if before is None:
        return ROW.format(name, f"{seconds:.3f}", "-", "-", "").rstrip()
    then = float(before["cpu_seconds"])
    ratio = seconds / then if then > 0 else 1.0
    slower = "  SLOWER" if ratio > CLEARLY_SLOWER else ""
    when = f"{before['date']} {before['commit']}{slower}"
    return ROW.format(name, f"{seconds:.3f}", f"{then:.3f}", f"{ratio:.2f}", when)


def append_rows(store: Path, figures: dict[str, float]) -> None:
    """Keep the figures with date, commit and versions; the folder is made where it is missing."""
    store.parent.mkdir(parents=True, exist_ok=True)
    is_new = not store.is_file()
    common = (
        datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"), commit(), platform.node(),
        platform.python_version(), " ".join(f"{p}={metadata.version(p)}" for p in PACKAGES),
    )  # fmt: skip
    with store.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerows((*common, name, f"{value:.4f}") for name, value in figures.items())


def commit() -> str:
    """Return the short name of the commit, with a plus where files differ from it."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
