"""What engines add to the bare policy: CPU time a photo, memory of a worker, the same rows.

CPU time is that of all processes of a run, from the first photos that come back to the last: the
start is apart. Memory is the proportional set size (PSS) of all of them at the last photo.

    python benchmarks/batch.py PHOTOS --photos 100 --engine bare --engine local:1 --engine local:2

Each engine is a run of this script in a process of its own; ratios are to `bare`, so name it first.
`--keep DIR` keeps what each engine came to, and takes from there those that ran before: two
thousand photos take longer than one sitting.
"""

import argparse
import asyncio
import contextlib
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_graph.allocator import bound_memory
from geoagent_graph.batch.listing import open_input
from geoagent_graph.batch.locate_rows import batch_of_rows, row_of_result
from geoagent_graph.batch.options import BatchOptions, open_tools
from geoagent_graph.batch.photo_source import PhotoSource
from geoagent_graph.batch.run import CHUNK_ROWS, BatchRequest, BatchWatcher, run_batch
from geoagent_graph.batch.shards import ShardFolder
from geoagent_graph.kept_answers import photos_in

COLUMNS = (
    "engine", "workers", "photos", "cpu_s_per_photo", "ratio", "photos_per_s", "pss_mb",
    "rows_differ",
)  # fmt: skip
_LEFT_OUT = ("seconds", "trace", "row", "copy_of")


@dataclass
class Meter(BatchWatcher):
    """Takes the CPU time of this process and all below it when photos come back."""

    expected: int
    photos: int = 0
    begun_at: float = 0.0
    begun_with: int = 0
    clock_at: float = 0.0
    cpu_s_per_photo: float = 0.0
    photos_per_s: float = 0.0
    pss_mb: float = 0.0

    def add(self, failures: list[str], rows: int) -> None:
        """Note the time at the first photos, and at the last."""
        del failures
        self.photos += rows
        if self.photos == rows:
            self.begun_at, self.begun_with = cpu_seconds(), rows
            self.clock_at = time.monotonic()
        if self.photos >= self.expected:
            spent, counted = cpu_seconds() - self.begun_at, self.photos - self.begun_with
            self.cpu_s_per_photo = spent / counted
            self.photos_per_s = counted / (time.monotonic() - self.clock_at)
            self.pss_mb = pss_megabytes()


def processes(root: int | None = None) -> list[int]:
    """Return a process, this one where none is named, and all below it."""
    found, waiting = [], [root or os.getpid()]
    while waiting:
        number = waiting.pop()
        found.append(number)
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{number}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def cpu_seconds(root: int | None = None) -> float:
    """Return the CPU time of all of them so far."""
    ticks = 0
    for number in processes(root):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_megabytes() -> float:
    """Return the memory of all of them, shared pages counted once."""
    kibibytes = 0
    for number in processes():
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{number}/smaps_rollup").read_text()
            kibibytes += next(int(line.split()[1]) for line in text.splitlines() if "Pss:" in line)
    return kibibytes * 1024 / 1e6


async def run_bare(photos: list[Path], meter: Meter) -> list[dict[str, Any]]:
    """Return the rows of a loop over `locate_many`, one photo at a time."""
    from geoagent_graph.api import locate_many

    tools, rows = open_tools(BatchOptions()), []
    run = locate_many(photos, toolbox=tools.toolbox, options=tools.run, concurrency=1)
    async for outcome in run:
        result = outcome.answer or outcome.error
        assert result is not None
        rows.append(row_of_result(PhotoSource(outcome.name, outcome.name), result))
        if len(rows) % CHUNK_ROWS == 0 or len(rows) == len(photos):
            meter.add([], len(rows) - meter.photos)
    kept: list[dict[str, Any]] = batch_of_rows(rows).to_pylist()
    return kept


def run_engine(folder: Path, name: str, workers: int, meter: Meter) -> list[dict[str, Any]]:
    bound_memory()  # as the command does
    with tempfile.TemporaryDirectory() as out:
        request = BatchRequest(
            source=open_input(str(folder)),
            out=Path(out) / "out",
            options=BatchOptions(),
            engine="ray" if name == "ray" else "local",
            workers=workers,
            watcher=meter,
        )
        report = run_batch(request)
        tables = [ShardFolder(request.out).read(number) for number in range(report.shards)]
        return [row for table in tables if table is not None for row in table.to_pylist()]


def measure(folder: Path, engine: str) -> dict[str, Any]:
    """Return what one engine takes for a folder, and its rows without times."""
    name, _, workers = engine.partition(":")
    photos = photos_in(folder)
    meter = Meter(len(photos))
    if name == "bare":
        rows = asyncio.run(run_bare(photos, meter))
    else:
        rows = run_engine(folder, name, int(workers), meter)
    kept = [
        {k: v for k, v in row.items() if k not in _LEFT_OUT and not isinstance(v, bytes)}
        for row in rows
    ]
    for row in kept:
        row.pop("answer", None)
    return {
        "engine": name,
        "workers": int(workers or 1),
        "photos": len(photos),
        "cpu_s_per_photo": round(meter.cpu_s_per_photo, 4),
        "photos_per_s": round(meter.photos_per_s, 2),
        "pss_mb": round(meter.pss_mb, 1),
        "rows": kept,
    }


def run_apart(folder: Path, engine: str, keep: Path | None) -> dict[str, Any]:
    """Return what one engine came to in a process of its own, now or in an earlier call."""
    kept = keep / f"{engine.replace(':', '-')}.json" if keep is not None else None
    if kept is not None and kept.exists():
        text = kept.read_text()
    else:
        command = [sys.executable, __file__, str(folder), "--one", engine]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        text = done.stdout.splitlines()[-1]
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text)
    found: dict[str, Any] = json.loads(text)
    return found


def compare(folder: Path, engines: list[str], keep: Path | None) -> list[dict[str, Any]]:
    """Return a row per engine, with its ratio to the first."""
    results: list[dict[str, Any]] = []
    for engine in engines:
        found = run_apart(folder, engine, keep)
        first = results[0] if results else found
        found["ratio"] = round(found["cpu_s_per_photo"] / first["cpu_s_per_photo"], 3)
        pairs = zip(found["rows"], first["rows"], strict=True)
        found["rows_differ"] = sum(one != other for one, other in pairs)
        results.append(found)
        print({column: found[column] for column in COLUMNS}, flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=100, help="so many, spread over the folder")
    parser.add_argument("--engine", action="append", help="bare, local:WORKERS, ray:WORKERS")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--keep", type=Path, help="keep what each engine came to")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.folder, given.one)))
        return
    with tempfile.TemporaryDirectory() as room:
        sample = Path(room) / "photos"  # called alike in every call: rows hold names
        sample.mkdir()
        photos = photos_in(given.folder)
        for photo in photos[:: max(1, len(photos) // given.photos)][: given.photos]:
            (sample / photo.name).symlink_to(photo.absolute())
        results = compare(sample, given.engine or ["bare", "local:1", "local:2"], given.keep)
    if given.csv:
        with given.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(results)


if __name__ == "__main__":
    main()
