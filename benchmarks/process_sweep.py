"""Several processes share one file or one home and are killed: is anything lost, or there twice?

    PYTHONPATH=. python benchmarks/process_sweep.py [--rounds 25] [--processes 4] [--seed 1]

`keep`: processes run `geoagent locate --keep FILE` over the same photos; half are killed at random
moments of their lives and started again. One may write at a time; the others are told so. In the
end the file must hold every photo once, answered.
`investigate`: processes begin a case of the same photo in one home; half are killed. No other may
fail, and every case must be resumed to its answer and pass `verify`. `step`: processes run one case
at a time, step by step, against each other; they may be told that another holds it.

Tools are scripted; every process is a fork of this one. One JSON line per sweep; exits with 1 if a
round went wrong. Linux, macOS.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.cli.app import main as run_command
from geoagent_graph.errors import InputError
from geoagent_graph.settings import Settings
from tests.support.scripted_cli import install

PHOTOS = 8
KILLED_SHARE = 0.5  # of the processes of a round
ANSWERED, FAILED = 0, 1
HELD = (1, 2)  # another process holds the case, or the file of answers
Round = Callable[[Path, int, random.Random], Counter[str]]


def main() -> None:
    """Run the sweeps and print their counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    install(pytest.MonkeyPatch())
    sweeps: dict[str, Round] = {"keep": keep_round, "investigate": case_round, "step": step_round}
    wrong = 0
    for name, one_round in sweeps.items():
        counts: Counter[str] = Counter()
        for number in range(given.rounds):
            with tempfile.TemporaryDirectory() as folder:
                chance = random.Random(given.seed * 1000 + number)
                counts += one_round(Path(folder), given.processes, chance)
        wrong += sum(many for what, many in counts.items() if what.startswith("WRONG"))
        print(json.dumps({"sweep": name, "rounds": given.rounds, **counts}), flush=True)
    sys.exit(1 if wrong else 0)


def keep_round(folder: Path, processes: int, chance: random.Random) -> Counter[str]:
    """Let processes answer the same photos into one file, kill some, and finish the file."""
    photos = [draw_photo(folder, number) for number in range(PHOTOS)]
    keep = folder / "answers.jsonl"
    command = ["locate", *map(str, photos), "--keep", str(keep), "--quiet"]
    life = life_of(command)
    keep.unlink()
    counts = run_and_kill([command] * processes, life, chance, again=True, may_be_held=True)
    counts["WRONG: the last run failed"] += wait_for_end(fork_command(command)) != ANSWERED
    lines = [json.loads(line) for line in keep.read_text(encoding="utf-8").splitlines()]
    times = Counter(Path(line["photo"]).name for line in lines if line.get("answer"))
    counts["WRONG: photos not answered"] += sum(times[photo.name] == 0 for photo in photos)
    counts["WRONG: photos answered again"] += sum(times[photo.name] > 1 for photo in photos)
    return +counts


def case_round(folder: Path, processes: int, chance: random.Random) -> Counter[str]:
    """Let processes begin cases of one photo in one home, kill some, and resume them all."""
    command = ["investigate", str(draw_photo(folder, 0)), "--home", str(folder), "--quiet"]
    life = life_of(command)
    counts = run_and_kill([command] * processes, life, chance, again=False)
    counts += finish_cases(folder)
    return +counts


def step_round(folder: Path, processes: int, chance: random.Random) -> Counter[str]:
    """Let processes step one case against each other, kill some, and finish it."""
    photo = str(draw_photo(folder, 0))
    wait_for_end(fork_command(["investigate", photo, "--home", str(folder), "--step", "--quiet"]))
    command = ["step", "0", "--home", str(folder), "--quiet"]
    life = life_of(command)
    counts = run_and_kill([command] * processes, life, chance, again=True, may_be_held=True)
    counts += finish_cases(folder)
    return +counts


def finish_cases(home: Path) -> Counter[str]:
    """Resume every case of a home and verify it; return what became of them."""
    store, counts = CaseStore(Settings(home=home)), Counter[str]()
    for name in store.names():
        try:
            store.require(name, MAIN)
        except InputError:  # killed before the case was stored: the folder alone is there
            counts["never begun"] += 1
            continue
        ended = wait_for_end(fork_command(["resume", name, "--home", str(home), "--quiet"]))
        counts["cases"] += 1
        counts["WRONG: cases not resumed"] += ended != ANSWERED
        held = asyncio.run(verify_case(store, name, MAIN)).holds
        counts["WRONG: cases that do not hold"] += not held
    counts["WRONG: no case"] += not counts["cases"]
    return counts


def life_of(command: Sequence[str]) -> float:
    """Return the seconds that a run of a command takes by itself."""
    began = time.monotonic()
    wait_for_end(fork_command(command))
    return time.monotonic() - began


def run_and_kill(
    commands: Sequence[list[str]],
    life: float,
    chance: random.Random,
    *,
    again: bool,
    may_be_held: bool = False,
) -> Counter[str]:
    """Run commands side by side, kill half of them; `again` starts a killed one once more."""
    counts: Counter[str] = Counter(processes=len(commands))
    running = {fork_command(command): command for command in commands}
    began = time.monotonic()
    kills = int(len(commands) * KILLED_SHARE)
    longest = life * len(commands) / min(len(commands), os.cpu_count() or 1)
    moments = sorted(chance.uniform(0, longest) for _ in range(kills))
    for pid, moment in zip(chance.sample(sorted(running), kills), moments, strict=True):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        os.kill(pid, signal.SIGKILL)
        counts["killed"] += wait_for_end(pid) == -signal.SIGKILL
        command = running.pop(pid)
        if again:
            running[fork_command(command)] = command
    ends = Counter(wait_for_end(pid) for pid in running)
    counts["ended well"] += ends.pop(ANSWERED, 0)
    for code, many in ends.items():
        told = may_be_held and code in HELD
        counts["told that another holds it" if told else f"WRONG: ended with {code}"] += many
    return counts


def fork_command(arguments: Sequence[str]) -> int:
    """Return the id of a process that runs the command line, silently."""
    pid = os.fork()
    if pid:
        return pid
    code: object = FAILED
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        run_command(list(arguments))
    except SystemExit as end:
        code = end.code
    finally:
        os._exit(code if isinstance(code, int) else ANSWERED if code is None else FAILED)


def wait_for_end(pid: int) -> int:
    """Return the exit status of a process, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def draw_photo(folder: Path, number: int) -> Path:
    """Return a small photo, unlike the others."""
    path = folder / f"{number}.png"
    Image.new("RGB", (64, 48), (number * 20 % 256, 99, 9)).save(path)
    return path


if __name__ == "__main__":
    main()
