"""Runs a case that is killed or fails at its n-th write, resumes it, and compares.

python case_fault_runs.py FOLDER SCENARIO:FAULT:FIRST:STRIDE...: one JSON line per fault. Everything
is imported once; each run is a fork of this process. FAULT is `kill`, `tear`, `full`, `error` (all
need the shim preloaded, for FOLDER) or `random`, which kills STRIDE runs at random moments. Not a
test itself.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from geoagent_graph.settings import Settings, prepare_process

prepare_process()

import langgraph.checkpoint.sqlite.aio  # noqa: E402, F401
import numpy as np  # noqa: E402

import geoagent_graph.images.refused_photo as refused_photo  # noqa: E402
import geoagent_graph.images.store as photo_store  # noqa: E402
from geoagent_graph.cases.case import Case  # noqa: E402
from geoagent_graph.cases.environment import environment_of  # noqa: E402
from geoagent_graph.cases.rows import OLDEST_SCHEMA, SCHEMA_VERSION  # noqa: E402
from geoagent_graph.cases.store import CaseStore  # noqa: E402
from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip  # noqa: E402
from geoagent_graph.cases.verification import verify_case, verify_trip  # noqa: E402
from geoagent_graph.errors import GeoAgentError, InputError, StorageError  # noqa: E402
from geoagent_graph.graph import build_graph  # noqa: E402
from geoagent_graph.images.decode import DecodedPhoto  # noqa: E402
from geoagent_graph.protocols import (  # noqa: E402
    NOTHING_RULED_OUT,
    Photo,
    PointEstimate,
    RuledOut,
    Situation,
)
from geoagent_graph.questions import Ask  # noqa: E402
from geoagent_graph.state import RunOptions  # noqa: E402
from geoagent_graph.testing import FixedEvidence, ScriptedPolicy, scripted_toolbox  # noqa: E402
from geoagent_graph.toolbox import Toolbox  # noqa: E402
from geoagent_graph.trip_types import Joined, PhotoEvidence, parse_time_taken  # noqa: E402
from geoagent_graph.types import (  # noqa: E402
    Clue,
    Evidence,
    Hypothesis,
    Place,
    Reference,
    Verdict,
)

MODES = {"count": 0, "kill": 1, "tear": 2, "full": 3, "error": 4}
FINE, REFUSED, BROKEN = 0, 7, 8
OpenTools = Callable[[], Toolbox]


class Watched:
    """Logs every call of policy and evidence to a file outside of the case's folder."""

    def __init__(self, log: Path) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(self, words: str) -> None:
        """Write one line at once, so that a kill does not lose it."""
        os.write(self._log, f"{words}\n".encode())


class WatchedPolicy(ScriptedPolicy):
    """Says what it is asked."""

    watch: Watched

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        self.watch.say("draft")
        return await super().draft(photo, clues)

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        self.watch.say(f"propose {situation.level} {len(situation.excluded)}")
        return await super().propose(situation)

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        self.watch.say(f"judge {situation.level} {len(situation.excluded)}")
        return await super().judge(situation, candidates)


class WatchedEvidence(FixedEvidence):
    """Says what it is asked."""

    watch: Watched

    def join(self, photos: Sequence[PhotoEvidence]) -> Joined:
        self.watch.say(f"join {len(photos)}")
        return super().join(photos)

    def score(
        self,
        candidate: Place,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
    ) -> list[Evidence]:
        self.watch.say(f"score {candidate.level}: {candidate.id}")
        return super().score(candidate, within, clues, references)

    def locate(
        self,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
        ruled_out: RuledOut = NOTHING_RULED_OUT,
    ) -> PointEstimate:
        self.watch.say("locate")
        return super().locate(within, clues, references, ruled_out)


def tools_logging_to(log: Path) -> OpenTools:
    """Return what opens scripted tools that log."""

    def opened() -> Toolbox:
        policy = WatchedPolicy.towards_lisbon()
        evidence = WatchedEvidence({"country:PT": 0.05})
        policy.watch = Watched(log)
        object.__setattr__(evidence, "watch", policy.watch)
        return scripted_toolbox(policy=policy, evidence=evidence)

    return opened


def no_decoding(data: bytes, name: str, settings: Settings, max_side: int | None) -> DecodedPhoto:
    """Stand in for the decoder: it runs in a process of its own and writes nothing."""
    pixels = np.zeros((4, 4, 3), np.uint8)
    return DecodedPhoto(pixels=pixels, width=4, height=4, format="PNG", warnings=(), largest=4)


@contextlib.asynccontextmanager
async def held(
    store: CaseStore,
    tools: OpenTools,
    branch: str = "main",
    ask: Ask = "never",
    others: Sequence[PhotoIn] = (),
) -> AsyncIterator[Case]:
    """Yield the case, begun if it is not yet."""
    try:
        async with store.hold("one", tools, branch) as case:
            yield case
            return
    except InputError as error:
        if not ("no such case" in str(error) or "never begun" in str(error)):
            raise
    options = RunOptions(ask=ask)
    async with store.create(b"photo", tools, name="one", options=options, others=others) as case:
        yield case


async def plain(store: CaseStore, tools: OpenTools) -> None:
    """Run to the answer."""
    async with held(store, tools) as case:
        async for _ in case.run():
            pass


async def asked(store: CaseStore, tools: OpenTools) -> None:
    """Run to the answer with a person who agrees to everything."""
    async with held(store, tools, ask="always") as case:
        while not case.is_done:
            reply = {"kind": "accept"} if case.question else None
            async for _ in case.run(reply=reply):
                pass


async def steered(store: CaseStore, tools: OpenTools) -> None:
    """Run, note, veto, run, fork, run the branch."""
    async with held(store, tools) as case:
        seen = store.read("one").events
        if not any(event.event == "human" for event in seen):
            async for _ in case.run():
                pass
            if not any(event.event == "note" for event in store.read("one").events):
                await case.note("<b>looks like Porto</b>")
            await case.veto("Lisbon", "no tram in the photo")
        async for _ in case.run():
            pass
        if "spain" not in store.branches("one"):
            try:
                await case.fork(4, {"country": "Spain"}, "spain")
            except InputError as error:  # made, but killed before its trace was written
                assert "there is a branch of that name" in str(error)  # noqa: PT017
    async with held(store, tools, "spain") as case:
        async for _ in case.run():
            pass


async def trip(store: CaseStore, tools: OpenTools) -> None:
    """Run two photos, veto on one, add a third, weigh them together after each change."""
    async with held(store, tools, others=[PhotoIn(b"second", "second.png")]) as case:
        photos = Trip(case)
        await all_of(photos)
        second = await case.at("photo-2")
        if not any(event.event == "human" for event in store.read("one", "photo-2").events):
            await second.veto("Lisbon", "no tram in the photo")
        await all_of(photos)
        if len(await photos.photos()) < 3:
            third = PhotoIn(b"third", "third.png", parse_time_taken("2024-05-01T10:00"))
            await photos.add(await store.open_photo(third), third.taken)
        await all_of(photos)


async def all_of(photos: Trip) -> None:
    """Run every photo that is not done."""
    async for _ in photos.run():
        pass


async def migrated(store: CaseStore, tools: OpenTools) -> None:
    """Run a case of an earlier schema on: it is made here by writing that number."""
    async with held(store, tools) as case:
        async for _ in case.run(one_step=True):
            pass
    path = store.database_path("one")
    if store.read("one").status == "unfinished":
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE about SET content = replace(content, ?, ?)", SCHEMAS)
    await plain(store, tools)


SCHEMAS = (f'"schema_version":{SCHEMA_VERSION}', f'"schema_version":{OLDEST_SCHEMA}')
SCENARIOS = {
    "plain": plain,
    "asked": asked,
    "steered": steered,
    "trip": trip,
    "migrated": migrated,
}


def in_child(home: Path, scenario: str, log: Path, nth: int, mode: int) -> int:
    """Start a run in a fork and return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = BROKEN
    try:
        shim = ctypes.CDLL(None)
        if hasattr(shim, "fault_arm"):
            shim.fault_arm(ctypes.c_long(nth), mode)
        asyncio.run(SCENARIOS[scenario](CaseStore(Settings(home=home)), tools_logging_to(log)))
        if mode == 0 and hasattr(shim, "fault_count"):
            shim.fault_count.restype = ctypes.c_long
            log.with_suffix(".count").write_text(str(shim.fault_count()))
        code = FINE
    except StorageError as error:
        log.with_suffix(".error").write_text(str(error))
        code = REFUSED
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    os._exit(code)


def ended(pid: int) -> int:
    """Return the exit status, or minus the signal, of a child."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def told(home: Path) -> dict[str, Any]:
    """Return what the traces say, times aside."""
    store = CaseStore(Settings(home=home))
    views: dict[str, Any] = {branch: store.read("one", branch) for branch in store.branches("one")}
    together = store.read_trip("one")
    views |= {"together": together} if together else {}
    return {
        name: [_timeless(event.model_dump(mode="json")) for event in view.events]
        for name, view in views.items()
    }


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        timed = {"time", "seconds", "hash", "prev"}
        timed |= {"answer"} if isinstance(value.get("answer"), str) else set()  # its hash
        return {key: _timeless(item) for key, item in value.items() if key not in timed}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def repeated(log: Path, unbroken: Counter[str]) -> set[str]:
    """Return the steps that were done more often than in an unbroken run."""
    done = Counter(log.read_text().split("\n"))
    return {line.split(":")[0] for line in done - unbroken}


def main() -> None:
    """Run the faults and print what became of each."""
    for module in (photo_store, refused_photo):
        vars(module)["decode_photo"] = no_decoding
    build_graph()  # compiled once, as are the
    environment_of(scripted_toolbox())  # digests of the package's files, once for all forks
    root = Path(sys.argv[1])
    logs = root.with_name(f"{root.name}-logs")
    logs.mkdir()
    for specification in sys.argv[2:]:
        scenario, fault, first, stride = specification.split(":")
        sweep(root / f"{scenario}-{fault}", logs, scenario, fault, int(first), int(stride))


def sweep(homes: Path, logs: Path, scenario: str, fault: str, first: int, stride: int) -> None:
    """Run one scenario unbroken, then with each fault."""
    log = logs / f"{homes.name}.log"
    began = time.monotonic()
    if ended(in_child(homes / "unbroken", scenario, log, -1, 0)) != FINE:
        sys.exit("the unbroken run failed")
    lasted = time.monotonic() - began
    expected = told(homes / "unbroken")
    unbroken = Counter(log.read_text().split("\n"))
    counted = log.with_suffix(".count")
    writes = int(counted.read_text()) if counted.exists() else 0
    points = range(stride) if fault == "random" else range(first % stride, writes, stride)
    for nth in points:
        home, log = homes / str(nth), logs / f"{homes.name}-{nth}.log"
        log.touch()
        if fault == "random":
            pid = in_child(home, scenario, log, -1, 0)
            # spread over the run, so that some come early where the machine is faster by now
            time.sleep(lasted * (nth + random.random()) / stride)
            os.kill(pid, signal.SIGKILL)
        else:
            pid = in_child(home, scenario, log, nth, MODES[fault])
        first_end = ended(pid)
        refused = log.with_suffix(".error")
        outcome = {"scenario": scenario, "fault": fault, "nth": nth, "of": writes}
        outcome |= {"first": first_end, "error": refused.read_text() if refused.exists() else None}
        outcome["resumed"] = ended(in_child(home, scenario, log, -1, 0))
        if outcome["resumed"] == FINE:
            outcome["same"] = told(home) == expected
            outcome["repeated"] = sorted(repeated(log, unbroken))
            outcome["problems"] = _problems(home)
        shutil.rmtree(home, ignore_errors=True)
        print(json.dumps(outcome), flush=True)  # noqa: T201


def _problems(home: Path) -> list[str]:
    """Return what verification finds in every branch, in a fork: it starts threads."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        store = CaseStore(Settings(home=home))
        try:
            branches = store.branches("one")
            found = [asyncio.run(verify_case(store, "one", branch)) for branch in branches]
            found.append(asyncio.run(verify_trip(store, "one")))
            words = [problem for verification in found for problem in verification.problems]
        except GeoAgentError as error:
            words = [str(error)]
        os.write(writer, json.dumps(words).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        found_words: list[str] = json.loads(stream.read() or '["verification died"]')
    ended(pid)
    return found_words


if __name__ == "__main__":
    main()
