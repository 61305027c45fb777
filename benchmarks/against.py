"""What this code costs beside another checkout of it, with the same answers: cold, warm, memory.

    python benchmarks/against.py --baseline ../before PHOTO... [--cold 3] [--repeats 3] [--csv FILE]

Correctness first: all photos must get the same answer from both, but for times; it stops with the
name of the first that does not. Then it prints CPU seconds, peak memory and their ratio to the
baseline: of a process for each of the first `--cold` photos, and of one process that locates all
photos, after it has located them once. Both take turns, so that other work slows them alike.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
ABSTAINED = 3
IGNORED = "seconds"
WARM = """
import asyncio, json, os, sys, time
from geoagent_graph.settings import load_settings, prepare_process
prepare_process()
from geoagent_graph import locate, open_toolbox
from geoagent_graph.allocator import bound_memory
bound_memory()
async def run(photos):
    tools = open_toolbox(load_settings())
    for photo in photos:
        await locate(photo, toolbox=tools)
    began = time.process_time()
    answers = [await locate(photo, toolbox=tools) for photo in photos]
    spent = time.process_time() - began
    await tools.aclose()
    print(json.dumps({"cpu": spent, "answers": [a.model_dump(mode="json") for a in answers]}))
asyncio.run(run(sys.argv[1:]))
"""
Costs = dict[str, list[float]]


def main() -> None:
    """Compare, then print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--baseline", type=Path, required=True, help="a checkout of other code")
    parser.add_argument("--cold", type=int, default=3, help="photos that get a process each")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--csv", type=Path, help="a file to append the figures to")
    given = parser.parse_args()
    trees = {"baseline": given.baseline.resolve(), "now": HERE}
    photos = [photo.resolve() for photo in given.photos]
    costs: dict[str, Costs] = {name: {} for name in trees}
    for _ in range(given.repeats):
        answers = {
            name: measure(tree, photos, given.cold, costs[name]) for name, tree in trees.items()
        }
        for photo, before, now in zip(photos, answers["baseline"], answers["now"], strict=True):
            if before != now:
                raise SystemExit(f"{photo.name}: another answer than that of {given.baseline}")
    rows = list(table(costs["baseline"], costs["now"]))
    print(f"{len(photos)} photos, the same answers; median of {given.repeats}")
    print(f"{'':34}{'baseline':>10}{'now':>10}{'ratio':>8}")
    for name, before, now in rows:
        print(f"{name:34}{before:10.2f}{now:10.2f}{now / before:8.2f}")
    if given.csv:
        append(given.csv, rows)


def measure(tree: Path, photos: list[Path], cold: int, costs: Costs) -> list[Any]:
    """Return the answers of a checkout, times left out; adds what they cost."""
    for photo in photos[:cold]:
        command = ["-m", "geoagent_graph.cli", "locate", str(photo), "--json", "--quiet"]
        _, cpu, peak = run(tree, command)
        costs.setdefault(f"cold, CPU s: {photo.name}"[:33], []).append(cpu)
        costs.setdefault(f"cold, peak MB: {photo.name}"[:33], []).append(peak)
    found, _, peak = run(tree, ["-c", WARM, *map(str, photos)])
    costs.setdefault("warm, CPU s a photo", []).append(found["cpu"] / len(photos))
    costs.setdefault("warm, peak MB", []).append(peak)
    return [without_times(answer) for answer in found["answers"]]


def run(tree: Path, arguments: list[str]) -> tuple[Any, float, float]:
    """Return what a process of a checkout printed as JSON, its CPU seconds and peak MB."""
    with tempfile.TemporaryFile() as out:
        # Python looks for modules in the folder it is started in first
        process = subprocess.Popen([sys.executable, *arguments], cwd=tree, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, ABSTAINED):
            raise SystemExit(f"{tree}: a process ended with {process.returncode}")
        out.seek(0)
        return json.loads(out.read()), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def without_times(value: Any) -> Any:
    """Return an answer without what differs from run to run."""
    if isinstance(value, dict):
        return {key: without_times(part) for key, part in value.items() if key != IGNORED}
    return [without_times(part) for part in value] if isinstance(value, list) else value


def table(before: Costs, now: Costs) -> Iterator[tuple[str, float, float]]:
    """Yield (what, median of the baseline, median now)."""
    for name, values in before.items():
        yield name, statistics.median(values), statistics.median(now[name])


def append(path: Path, rows: list[tuple[str, float, float]]) -> None:
    """Append date, what, both figures; the head is written where the file is new."""
    is_new = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(("date", "measure", "baseline", "now"))
        today = datetime.now(UTC).date()
        writer.writerows((today, name, f"{a:.3f}", f"{b:.3f}") for name, a, b in rows)


if __name__ == "__main__":
    main()
