"""Slow calls: each in a thread of its own, within a budget, and ended with whoever awaits it.

A thread cannot be ended from outside. A function that waits for another process says with
`on_cancel` how that is ended; any other goes on until it is done, and `CallGroup` tells when. The
threads are nobody's executor: however many such calls still go on, no other work waits for them.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, Final, Generic, ParamSpec, TypeVar

from geoagent_graph.errors import ToolError

P = ParamSpec("P")
T = TypeVar("T")
MAX_WAIT_FACTOR: Final = 10
"""A call may take so many times its budget of CPU time where it waits: for others, for a disk."""
MAX_OVERDUE_CALLS: Final = 2
"""Calls of one tool that were given up and still go on; with more it is not asked again."""
_MIN_WAIT_SECONDS: Final = 0.01
_CALL: Final[ContextVar["ThreadCall[Any] | None"]] = ContextVar("geoagent_call", default=None)
_GROUP: Final[ContextVar["CallGroup | None"]] = ContextVar("geoagent_call_group", default=None)


class CallGroup:
    """The calls that were begun in a context; they may outlive the tasks that awaited them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._then: Callable[[], None] | None = None

    def when_ended(self, then: Callable[[], None]) -> None:
        """Call a function once: now where no call goes on, else in the thread that ends last."""
        with self._lock:
            is_idle = self._open == 0
            self._then = None if is_idle else then
        if is_idle:
            then()

    def enter(self) -> None:
        """Count a call that begins."""
        with self._lock:
            self._open += 1

    def leave(self) -> None:
        """Count a call that has ended."""
        with self._lock:
            self._open -= 1
            then = None if self._open else self._then
        if then is not None:
            then()


@contextlib.contextmanager
def open_call_group() -> Iterator[CallGroup]:
    """Yield the group of the calls that this context, and those copied from it, begin."""
    group = CallGroup()
    token = _GROUP.set(group)
    try:
        yield group
    finally:
        _GROUP.reset(token)


class ThreadCall(Generic[T]):
    """A function that runs in a thread of its own; `budget_seconds` is None where it has none."""

    def __init__(self, function: Callable[[], T], budget_seconds: float | None = None) -> None:
        self.future: Future[T] = Future()
        self.budget_seconds = budget_seconds
        self._function = function
        self._group = _GROUP.get()
        self._lock = threading.Lock()
        self._enders: list[Callable[[], None]] = []
        self._is_cancelled = False
        self._clock: int | None = None
        self._began = time.monotonic()

    def start(self) -> None:
        """Begin; the thread sees the context variables as they are now."""
        if self._group is not None:
            self._group.enter()
        _UNFINISHED.add(self)
        context = copy_context()
        context.run(_CALL.set, self)
        threading.Thread(target=context.run, args=(self._run,), name="call").start()

    def cancel(self) -> None:
        """End what the call waits for; a call that waits for nothing ends by itself."""
        with self._lock:  # what is ended has not been handed to another call meanwhile
            self._is_cancelled = True
            for end in self._enders:
                end()

    @contextlib.contextmanager
    def ended_by(self, end: Callable[[], None]) -> Iterator[None]:
        """Have `cancel` call a function for as long as the block lasts."""
        with self._lock:
            if self._is_cancelled:
                raise CancelledError
            self._enders.append(end)
        try:
            yield
        finally:
            with self._lock:
                self._enders.remove(end)

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the thread so far; time on the wall where the system does not tell."""
        if not hasattr(time, "pthread_getcpuclockid"):
            return time.monotonic() - self._began
        try:
            return 0.0 if self._clock is None else time.clock_gettime(self._clock)
        except OSError:  # the thread has ended
            return 0.0

    @property
    def seconds_left(self) -> float:
        """What is left of the budget, or of the patience with a call that waits."""
        if self.budget_seconds is None:
            return float("inf")
        waited = time.monotonic() - self._began
        return min(
            self.budget_seconds - self.cpu_seconds, MAX_WAIT_FACTOR * self.budget_seconds - waited
        )

    def _run(self) -> None:
        if hasattr(time, "pthread_getcpuclockid"):
            self._clock = time.pthread_getcpuclockid(threading.get_ident())
        self.future.set_running_or_notify_cancel()
        tell: Callable[[], None]
        try:
            tell = partial(self.future.set_result, self._function())
        except BaseException as error:  # noqa: BLE001  whoever awaits the call gets it
            tell = partial(self.future.set_exception, error)
        _UNFINISHED.discard(self)
        if self._group is not None:
            self._group.leave()
        tell()


_UNFINISHED: Final[set[ThreadCall[Any]]] = set()
_OVERDUE: Final[dict[str, list[ThreadCall[Any]]]] = {}


async def run_in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns; a cancelled call is ended where that is possible."""
    return await _result_of(ThreadCall(partial(function, *args, **kwargs)))


async def run_tool(
    tool: str, budget_seconds: float, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what a tool returns within its budget of CPU time.

    Raises:
        ToolError: it took more, or earlier calls that did still go on.
    """
    overdue = [call for call in _OVERDUE.get(tool, ()) if call in _UNFINISHED]
    _OVERDUE[tool] = overdue
    if len(overdue) >= MAX_OVERDUE_CALLS:
        raise ToolError("is still busy with earlier photos that took too long")
    call = ThreadCall(partial(function, *args, **kwargs), budget_seconds)
    try:
        return await _result_of(call)
    except OverBudget as error:
        overdue.append(call)
        raise OverBudget(budget_seconds) from error


class OverBudget(ToolError):
    """A tool took more CPU time than it may, or waited for too long."""

    def __init__(self, budget_seconds: float) -> None:
        super().__init__(
            f"took more than its {budget_seconds:g} s of CPU time; GEOAGENT_TOOL_SECONDS sets them"
        )


@contextlib.contextmanager
def on_cancel(end: Callable[[], None]) -> Iterator[None]:
    """Have a function called when the call of this thread is cancelled within the block.

    It must be quick, and may be called from any thread.

    Raises:
        CancelledError: of `concurrent.futures`, the call is cancelled already.
    """
    call = _CALL.get()
    with contextlib.nullcontext() if call is None else call.ended_by(end):
        yield


def cpu_seconds_left() -> float | None:
    """Return what is left of the budget of the call that this thread runs; None without one."""
    call = _CALL.get()
    return None if call is None or call.budget_seconds is None else max(0.0, call.seconds_left)


def has_unfinished_calls() -> bool:
    """Return whether calls go on that nobody may be waiting for any more."""
    return bool(_UNFINISHED)


async def _result_of(call: ThreadCall[T]) -> T:
    call.start()
    ended = asyncio.wrap_future(call.future)
    try:
        while not ended.done() and (left := call.seconds_left) > 0.0:
            seconds = None if left == float("inf") else max(left, _MIN_WAIT_SECONDS)
            await asyncio.wait({ended}, timeout=seconds)
        if ended.done():
            return ended.result()
    except asyncio.CancelledError:
        call.cancel()
        ended.cancel()
        raise
    call.cancel()
    ended.cancel()
    raise OverBudget(call.budget_seconds or 0.0)
