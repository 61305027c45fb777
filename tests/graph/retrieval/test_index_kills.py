"""Killed at any moment: an index is as before or done, and the same call again ends the same."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.index_kills import contents
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from tests.graph.retrieval.test_index_shards import add, save
from tests.support.paths import ROOT

# Runs a change of an index, and kills itself when it has asked for so many files to be durable.
COMMAND = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.graph.retrieval import test_index_shards as t
room, what, last = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
fsync, calls = os.fsync, []
def kill_at_last(handle):
    calls.append(handle)
    if len(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    fsync(handle)
os.fsync = kill_at_last
if what == "build":
    t.save(room / "out", range(40))
elif what == "add":
    t.add(room / "out", range(50, 54))
elif what == "remove":
    t.remove_from_index(room / "out", t.RemovalChoice(licenses=frozenset({"CC BY 4.0"})))
else:
    t.merge_indexes([room / "first", room / "second"], room / "out")
"""


def run(room: Path, what: str, last: int) -> int:
    command = [sys.executable, "-c", COMMAND, str(ROOT), str(room), what, str(last)]
    return subprocess.run(command, check=False, timeout=120).returncode


def lay_out(room: Path, what: str) -> Path:
    room.mkdir()
    if what == "merge":
        save(room / "first", range(30))
        add(room / "first", range(30, 40))
        save(room / "second", range(35, 50))
    elif what != "build":
        save(room / "out", range(40))
        add(room / "out", range(40, 50))
    return room


@pytest.mark.parametrize("what", ["build", "add", "remove", "merge"])
def test_a_kill_loses_nothing_and_the_end_is_the_same(what: str, tmp_path: Path) -> None:
    unbroken = lay_out(tmp_path / "unbroken", what)
    before = contents(unbroken / "out")
    assert run(unbroken, what, 0) == 0
    done = contents(unbroken / "out")
    assert done != before
    killed = 0
    for last in (2, 9):
        room = lay_out(tmp_path / f"killed-{last}", what)
        killed += run(room, what, last) == -signal.SIGKILL
        assert contents(room / "out") in (before, done)
        if contents(room / "out") == before:
            assert run(room, what, 0) == 0
        assert contents(room / "out") == done
        FaissRetriever.load(room / "out", None)
        assert not [path for path in room.iterdir() if ".tmp-" in path.name]
    assert killed >= 1, json.dumps(sorted(done))
