"""Runs cases for the routes: a bounded number at a time, each case by one task of this process."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

from starlette.exceptions import HTTPException

from geoagent_graph.call_threads import open_call_group, run_in_thread
from geoagent_graph.cases.filing import rename_case
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.trip.trip_case import Trip
from geoagent_graph.errors import GeoAgentError
from geoagent_graph.questions import Question
from geoagent_graph.serve.feed import Feed
from geoagent_graph.serve.limits import Limits, Load
from geoagent_graph.serve.problems import too_many
from geoagent_graph.serve.run_ends import RunEnd, RunEnds
from geoagent_graph.serve.run_marks import RunMarks
from geoagent_graph.serve.schemas import RunStatus
from geoagent_graph.serve.subscribers import Key, Subscribers
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Json

if TYPE_CHECKING:
    from geoagent_graph.cases.case import Case
    from geoagent_graph.state import RunOptions

T = TypeVar("T")
MAX_PROBLEMS = 1000
WAY = "server"
FORGET_SECONDS = 60.0
MAX_VIEWS_DRAWN = 4  # photos and reports made at a time, each from a photo in memory
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run to do: with a reply to a question, or for one step."""

    reply: Json | None = None
    question: Question | None = None
    one_step: bool = False


@dataclass(eq=False, slots=True, weakref_slot=True)
class Worker:
    """One case in this process: the runs that wait, and the one that goes on."""

    name: str
    queue: OrderedDict[str, RunRequest] = field(default_factory=OrderedDict)
    task: asyncio.Task[None] | None = None
    running: str | None = None
    case: "Case | None" = None
    holding: asyncio.Lock = field(default_factory=asyncio.Lock)  # who holds the case, in turn
    beside: asyncio.Lock = field(default_factory=asyncio.Lock)  # who uses the case while it runs


class CaseRunner:
    """The cases that this process works on.

    The runs of one case come one after the other, since one process at a time holds a case; a
    change of another branch interrupts a run, which then goes on from what is stored.
    """

    def __init__(self, store: CaseStore, tools: Toolbox, limits: Limits, request: Json) -> None:
        self.store = store
        self.tools = tools
        self._limits = limits
        self.request = request
        self._run_slots = asyncio.Semaphore(limits.running)
        self.photo_slots = asyncio.Semaphore(limits.running)  # photos that are in memory at a time
        self.view_slots = asyncio.Semaphore(MAX_VIEWS_DRAWN)
        self.print_slots = asyncio.Semaphore(1)  # a browser takes hundreds of megabytes
        self._workers: WeakValueDictionary[str, Worker] = WeakValueDictionary()
        self._feeds: WeakValueDictionary[Key, Feed] = WeakValueDictionary()
        self._active: set[Worker] = set()
        self._problems: OrderedDict[Key, str] = OrderedDict()
        self._away: OrderedDict[Key, None] = OrderedDict()
        self.subscribers = Subscribers(limits.away_seconds, limits.streams)
        self.closing = asyncio.Event()
        self.ends = RunEnds()
        self.marks = RunMarks(store.home / "serving")

    async def create(
        self, photo: bytes, photo_name: str, name: str, options: "RunOptions", person: str
    ) -> None:
        """Begin a case for a person; its run starts or queues.

        Raises:
            PhotoError: it is no photo, or a damaged or too large one.
            StorageError: it cannot be stored.
        """
        self.require_room()
        async with self.store.create(
            photo,
            lambda: self.tools,
            name=name,
            photo_name=photo_name,
            options=options,
            request=self.request,
            person=person,
        ):
            pass
        self.begin_runs(name, [MAIN])

    def begin_runs(self, name: str, branches: Sequence[str]) -> None:
        """Let branches of a new case run, one after the other."""
        for branch in branches:
            self._enqueue(self._worker_of(name), branch, RunRequest())

    async def resume(self, name: str, branch: str, run_request: RunRequest) -> None:
        """Have a branch run; nothing happens where it runs or waits already.

        Raises:
            CaseHeld: another process holds the case.
            GeoAgentError: the case cannot be continued.
        """
        worker = self._worker_of(name)
        if branch == worker.running or branch in worker.queue:
            return
        self.require_room()
        if worker.running is None:
            async with self._hold_case(worker, branch):
                pass  # whoever asked is told at once that it cannot be continued
        self._enqueue(worker, branch, run_request)

    async def change(
        self,
        name: str,
        branch: str,
        act: "Callable[[Case], Awaitable[T]]",
        *,
        beside_run: bool = False,
    ) -> T:
        """Return what an act on a case returns; a run that it cannot stand beside is interrupted.

        Raises:
            CaseHeld: another process holds the case.
            GeoAgentError: the act was refused.
        """
        worker = self._worker_of(name)
        if beside_run:
            async with worker.beside:
                if worker.case is not None and worker.case.branch == branch:
                    return await self._tell_after(worker, branch, act(worker.case))
        await self._interrupt_run(worker)
        try:
            async with self._hold_case(worker, branch) as case:
                return await self._tell_after(worker, branch, act(case))
        finally:
            self._start_work(worker)

    async def stop(self, name: str, branch: str, *, away: bool = False) -> None:
        """Stop a branch's run or its waiting; what is stored stays."""
        worker = self._worker_of(name)
        if worker.running == branch:
            await self._interrupt_run(worker)
        self.marks.remove(name, branch)
        if worker.queue.pop(branch, None) is not None and away:
            self._away[name, branch] = None
            while len(self._away) > MAX_PROBLEMS:
                self._away.popitem(last=False)
        self._start_work(worker)
        self.tell(name, branch)

    async def delete(self, name: str) -> None:
        """End all runs of a case and delete it with the photos that only it holds.

        Raises:
            CaseHeld: another process holds the case.
            GeoAgentError: it cannot be deleted.
        """
        worker = self._worker_of(name)
        worker.queue.clear()
        await self._interrupt_run(worker)
        worker.queue.clear()  # what was interrupted waits again
        async with worker.holding:
            branches = self.store.branches(name)
            await run_in_thread(self.store.delete, name)
        for branch in branches:
            self.marks.remove(name, branch)
            self.tell(name, branch)

    def is_busy(self, name: str) -> bool:
        """Return whether a run of a case goes on or waits here."""
        worker = self._workers.get(name)
        return worker is not None and (worker.running is not None or bool(worker.queue))

    async def rename(self, name: str, new: str, person: str) -> None:
        """Give a case that does not run another name, on a person's word.

        Raises:
            CaseHeld: another process holds the case.
            GeoAgentError: the name is taken, or the case cannot be moved.
        """
        async with self._worker_of(name).holding:
            await rename_case(self.store, name, new, person, WAY)

    async def resume_abandoned(self, name: str, branch: str) -> None:
        """Go on with a run that was stopped because nobody watched it."""
        if (name, branch) in self._away:
            del self._away[name, branch]
            try:
                await self.resume(name, branch, RunRequest())
            except GeoAgentError as error:
                self._keep_problem(name, branch, str(error))
            except HTTPException:  # too many wait: the next who listens tries again
                self._away[name, branch] = None

    def status(self, name: str, branch: str) -> RunStatus | None:
        """Return whether a branch runs or waits here; None where it does neither."""
        worker = self._workers.get(name)
        if worker is not None and worker.running == branch:
            return "running"
        if worker is not None and branch in worker.queue:
            return "queued"
        return None

    def problem(self, name: str, branch: str) -> str | None:
        """Return why the last run of a branch ended, where it failed."""
        return self._problems.get((name, branch))

    def load(self) -> Load:
        """Return what goes on now."""
        running = sum(worker.running is not None for worker in self._active)
        waiting = sum(len(worker.queue) for worker in self._active)
        return Load(running=running, waiting=waiting, streams=self.subscribers.listeners)

    def busy_reasons(self) -> tuple[str, ...]:
        """Return why no photo would be taken now; empty where one would be."""
        full = self.load().waiting >= self._limits.waiting
        reasons = {"as many cases wait as may": full, "stopping": self.closing.is_set()}
        return tuple(reason for reason, holds in reasons.items() if holds)

    def feed(self, name: str, branch: str) -> Feed:
        """Return the feed of a branch's events; the same one for all who ask."""
        key = (name, branch)
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = Feed(self.store.trace_path(name, branch))
        return feed

    def tell(self, name: str, branch: str) -> None:
        """Wake those who listen to a branch."""
        feed = self._feeds.get((name, branch))
        if feed is not None:
            feed.tell()

    async def watch(self) -> None:
        """Stop the runs that nobody watches, for as long as this is awaited."""
        seconds = self._limits.away_seconds
        while True:
            await asyncio.sleep(FORGET_SECONDS if seconds is None else seconds / 4)
            for worker in list(self._active):
                for branch in (worker.running, *worker.queue):
                    if branch is not None and self.subscribers.is_away((worker.name, branch)):
                        await self.stop(worker.name, branch, away=True)
            self.subscribers.forget()

    def close(self) -> None:
        """End all streams; the runs end with `aclose`."""
        self.closing.set()
        for feed in list(self._feeds.values()):
            feed.tell()

    async def aclose(self) -> None:
        """Stop all runs; every case can be resumed."""
        self.close()
        for worker in list(self._active):
            worker.queue.clear()
            await self._interrupt_run(worker)

    def _worker_of(self, name: str) -> Worker:
        worker = self._workers.get(name)
        if worker is None:
            worker = self._workers[name] = Worker(name)
        return worker

    def require_room(self) -> None:
        """Refuse a new run (429) where as many wait as may."""
        if self.load().waiting >= self._limits.waiting:
            raise too_many("as many cases wait as may; come back when one is done", 10)

    def _enqueue(self, worker: Worker, branch: str, run_request: RunRequest) -> None:
        key = (worker.name, branch)
        self._problems.pop(key, None)
        self._away.pop(key, None)
        worker.queue[branch] = run_request
        if self._limits.away_seconds is None:  # else whoever listens again has it resumed
            self.marks.add(*key)
        self.subscribers.touch(key)
        self._start_work(worker)
        self.tell(*key)

    def _start_work(self, worker: Worker) -> None:
        if worker.queue and worker.task is None and not self.closing.is_set():
            self._active.add(worker)
            worker.task = asyncio.create_task(
                self._work_through_queue(worker), name=f"case {worker.name}"
            )

    async def _work_through_queue(self, worker: Worker) -> None:
        try:
            while worker.queue:
                await self._run_slots.acquire()
                with open_call_group() as calls:
                    try:
                        if worker.queue:
                            await self._run_next(worker)
                    finally:
                        calls.when_ended(self._slot_release())
        finally:
            worker.task = None
            if not worker.queue:
                self._active.discard(worker)

    def _slot_release(self) -> Callable[[], None]:
        """Return what frees a slot, from whichever thread a stopped run's last tool ends in."""
        loop = asyncio.get_running_loop()

        def release() -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended before the tool
                loop.call_soon_threadsafe(self._run_slots.release)

        return release

    async def _run_next(self, worker: Worker) -> None:
        branch, run_request = worker.queue.popitem(last=False)
        worker.running = branch
        self.tell(worker.name, branch)
        began = asyncio.get_running_loop().time()
        try:
            await self._carry_out(worker, branch, run_request)
        except asyncio.CancelledError:
            worker.queue[branch] = run_request
            worker.queue.move_to_end(branch, last=False)
            raise
        except GeoAgentError as error:
            self._keep_problem(worker.name, branch, str(error))
        except Exception:  # noqa: BLE001  one case's defect ends its run, not the server's work
            _log.exception("case %s/%s: a defect ended its run", worker.name, branch)
            self._keep_problem(
                worker.name, branch, "a defect ended the run; the server's log has more"
            )
        finally:
            worker.running = None
            seconds = asyncio.get_running_loop().time() - began
            self.tell(worker.name, branch)
            if branch not in worker.queue:  # else it was interrupted, and goes on
                self.marks.remove(worker.name, branch)
                self.ends.add(RunEnd(worker.name, branch, seconds))

    async def _carry_out(self, worker: Worker, branch: str, run_request: RunRequest) -> None:
        async with self._hold_case(worker, branch) as case:
            # A reply may have been stored already before an interruption.
            reply = run_request.reply if case.question == run_request.question else None
            worker.case = case
            try:
                async with contextlib.aclosing(
                    case.run(reply=reply, one_step=run_request.one_step)  # type: ignore[type-var]
                ) as events:
                    async for _ in events:
                        self.tell(worker.name, branch)
                await Trip(case).settle()
            finally:
                async with worker.beside:
                    worker.case = None

    async def _interrupt_run(self, worker: Worker) -> None:
        """Stop what a worker does; a run that was going on waits again, as the first."""
        if worker.task is not None:
            worker.task.cancel()
            await asyncio.wait([worker.task])

    @contextlib.asynccontextmanager
    async def _hold_case(self, worker: Worker, branch: str) -> "AsyncIterator[Case]":
        async with (
            worker.holding,
            self.store.hold(worker.name, lambda: self.tools, branch) as case,
        ):
            yield case

    async def _tell_after(self, worker: Worker, branch: str, acting: Awaitable[T]) -> T:
        result = await acting
        self.tell(worker.name, branch)
        return result

    def _keep_problem(self, name: str, branch: str, problem: str) -> None:
        self._problems[name, branch] = problem
        while len(self._problems) > MAX_PROBLEMS:
            self._problems.popitem(last=False)
