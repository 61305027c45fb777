"""Kills builds, additions, removals and merges of an index at random moments, and compares the end.

Each round starts a command on a fresh copy of what it works on, ends it with SIGKILL at a random
moment of the time that an unbroken run takes, and looks: what was there before can be opened and is
whole. Then the command runs to its end, and every file must be that of an unbroken run, byte for
byte, but for the time of writing in `manifest.json`.

    python -m benchmarks.index_kills --photos 400 --kills 20
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_format import is_index

COMMAND = """
import sys
import numpy as np
from PIL import Image
from geoagent_graph.cli import app
from geoagent_graph.cli.index import tools
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.testing import MeanColourEncoder
decode = lambda data, name: np.asarray(Image.open(name).convert("RGB"))
tools.open_embedder = lambda encoder=None: PhotoEmbedder(MeanColourEncoder(), decode, 1_000_000)
tools.open_own_encoder = lambda folder: MeanColourEncoder()
app.main(["index", *sys.argv[1:]])
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """A command, what it works on, and which index comes out of it."""

    name: str
    arguments: list[str]
    target: str
    before: Callable[[Path], None]


def draw_photos(folder: Path, numbers: range) -> Path:
    """Write small photos of one colour each, and the table that lists them."""
    rows = []
    for number in numbers:
        colour = ((37 * number) % 256, (91 * number) % 253, number % 251)
        Image.new("RGB", (8, 8), colour).save(folder / f"{number}.png")
        rows.append(
            {
                "file": f"{number}.png",
                "id": f"photo-{number}",
                "lat": number % 80,
                "lon": number % 170,
                "country": ("PT", "DE", "FR")[number % 3],
                "license": "CC0" if number % 7 else "CC BY 4.0",
            }
        )
    table = folder / f"photos-{numbers.start}.jsonl"
    table.write_text("\n".join(map(json.dumps, rows)))
    return table


def run(arguments: list[str], room: Path) -> "subprocess.Popen[bytes]":
    """Start a command; what it says of errors is in the file `errors` of the room."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=room,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=(room / "errors").open("wb"),
    )


def contents(folder: Path) -> dict[str, Any]:
    """Return every file of an index by its name; of manifests all but the times of writing."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.name == "manifest.json":
            found[str(path.relative_to(folder))] = _without_times(json.loads(path.read_bytes()))
        elif path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def _without_times(fields: dict[str, Any]) -> dict[str, Any]:
    fields.pop("created")
    for shard in fields.get("shards", ()):
        shard.pop("manifest")  # the digest of a file that has a time in it
    return fields


def check_round(trial: Trial, room: Path, seconds: float, ends: list[dict[str, Any]]) -> bool:
    """Return whether a run was killed before its end; refuse what it left if it is not whole.

    `ends` are what the target may hold: as before, and as an unbroken run leaves it.
    """
    trial.before(room)
    process = run(trial.arguments, room)
    time.sleep(seconds)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    for folder in sorted(path for path in room.iterdir() if path.is_dir() and is_index(path)):
        FaissRetriever.load(folder, None)
    now = contents(room / trial.target) if is_index(room / trial.target) else {}
    assert now in ends, f"{trial.name}: neither as before nor done"
    again = run(trial.arguments, room)
    assert again.wait() == 0, f"{trial.name}: {(room / 'errors').read_text()}"
    assert contents(room / trial.target) == ends[-1], f"{trial.name}: another index came out"
    hidden = [path.name for path in room.iterdir() if path.name.startswith(".")]
    left = [name for name in hidden if not name.endswith(".lock")]
    assert not left, f"{trial.name}: left {left}"
    return was_running


def run_trial(trial: Trial, room: Path, kills: int, rng: random.Random) -> tuple[int, float]:
    """Return how many runs were killed before their end, and how long an unbroken one takes."""
    trial.before(room)
    target = room / trial.target
    before = contents(target) if is_index(target) else {}
    start = time.monotonic()
    process = run(trial.arguments, room)
    assert process.wait() == 0, trial.name
    seconds = time.monotonic() - start
    ends = [before, contents(target)]
    killed = 0
    while killed < kills:
        # the first half of a run is its start: most kills fall where something is written
        moment = seconds * rng.uniform(0.3, 1.1)
        killed += check_round(trial, room, moment, ends)
    return killed, seconds


def trials(room: Path, photos: int) -> list[Trial]:
    """Return what is killed; the indexes that they begin with are made."""
    parts = [range(photos), range(photos, photos + photos // 4), range(photos // 2, 2 * photos)]
    tables = [draw_photos(room, part).name for part in parts]
    for name, table in (("base", tables[0]), ("other", tables[2])):
        assert run(["build", table, "--out", f"kept-{name}"], room).wait() == 0
    shutil.copytree(room / "kept-base", room / "kept-grown")
    assert run(["add", "kept-grown", tables[1]], room).wait() == 0

    def start_from(**copies: str) -> Callable[[Path], None]:
        def lay_out(room: Path) -> None:
            for name in ("work", "second", "out"):
                shutil.rmtree(room / name, ignore_errors=True)
            for name, source in copies.items():
                shutil.copytree(room / f"kept-{source}", room / name)

        return lay_out

    return [
        Trial("build", ["build", tables[0], "--out", "work"], "work", start_from()),
        Trial("add", ["add", "work", tables[1]], "work", start_from(work="base")),
        Trial(
            "remove",
            ["remove", "work", "--license", "CC BY 4.0"],
            "work",
            start_from(work="grown"),
        ),
        Trial(
            "merge",
            ["merge", "work", "second", "--out", "out"],
            "out",
            start_from(work="grown", second="other"),
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=400)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="build, add, remove or merge")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        for trial in trials(room, given.photos):
            if given.only not in (None, trial.name):
                continue
            killed, seconds = run_trial(trial, room, given.kills, rng)
            print(f"{trial.name}: {killed} kills within {seconds:.1f} s; each ended whole and the "
                  "same", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
