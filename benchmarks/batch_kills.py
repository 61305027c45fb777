"""Kills `geoagent batch` at random moments and compares the end with an unbroken run.

Each round starts the command, ends it with SIGKILL at a random CPU second, and looks at the shards:
every shard is whole, and no row is in two. Then the command runs to its end; its rows
must be those of a run that nobody killed.

    python -m benchmarks.batch_kills PHOTOS --photos 60 --kills 20
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.batch import cpu_seconds
from geoagent_graph.kept_answers import photos_in

MIN_CPU_SECONDS, MAX_CPU_SECONDS = 2.0, 9.0
_POLL_SECONDS = 0.1
_LEFT_OUT = ("seconds",)


def command(folder: Path, out: Path) -> list[str]:
    run = [sys.executable, "-m", "geoagent_graph.cli", "batch", str(folder), "--out", str(out)]
    return [*run, "--shard-rows", "8", "--quiet"]


def kept_rows(out: Path) -> list[dict[str, Any]]:
    """Return the rows of all shards; a shard that is not whole raises."""
    found: list[dict[str, Any]] = []
    for path in sorted((out / "shards").glob("part-*.parquet")):
        table = pq.ParquetFile(path, page_checksum_verification=True).read()
        found += table.drop_columns(list(_LEFT_OUT)).to_pylist()
    return found


def kill_once(folder: Path, out: Path, seconds: float) -> bool:
    """Return whether the run was killed in the CPU second named, and had not ended before."""
    process = subprocess.Popen(command(folder, out), start_new_session=True)
    while process.poll() is None and cpu_seconds(process.pid) < seconds:
        time.sleep(_POLL_SECONDS)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return was_running


def run_kills(folder: Path, out: Path, kills: int, rng: random.Random) -> tuple[int, int]:
    """Return how many runs were killed, and how often all was done before that."""
    killed = ended = 0
    number = 0
    while killed < kills:
        target = out / f"killed-{number}"
        if not kill_once(folder, target, rng.uniform(MIN_CPU_SECONDS, MAX_CPU_SECONDS)):
            ended += 1
            number += 1  # begin another batch
            continue
        killed += 1
        rows = [row["row"] for row in kept_rows(target)]
        assert len(rows) == len(set(rows)), "a row twice"
        print(f"kill {killed}: {len(rows)} rows whole", flush=True)
    return killed, ended


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        sample, out = Path(room) / "photos", Path(room) / "out"
        sample.mkdir()
        for number, photo in enumerate(photos_in(given.folder)[: given.photos]):
            target = sample / photo.name
            if number % 100 == 50:
                target.write_bytes(b"no photo")
            else:
                target.symlink_to(photo.absolute())
        out.mkdir()
        killed, ended = run_kills(sample, out, given.kills, random.Random(given.seed))
        for target in [out / "unbroken", *sorted(out.glob("killed-*"))]:
            subprocess.run(command(sample, target), check=False)
        unbroken = kept_rows(out / "unbroken")
        same = [kept_rows(path) == unbroken for path in sorted(out.glob("killed-*"))]
        left = list(out.rglob("*.part"))
    print(f"{killed} kills, {ended} runs ended before; {len(unbroken)} rows; same: {same}")
    print(f"half-written files left: {len(left)}")
    sys.exit(0 if all(same) and not left else 1)


if __name__ == "__main__":
    main()
