"""Slow calls: ended with whoever awaits them, within a budget, and nobody else waits for them."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from geoagent_graph.call_threads import (
    MAX_OVERDUE_CALLS,
    ThreadCall,
    cpu_seconds_left,
    has_unfinished_calls,
    on_cancel,
    open_call_group,
    run_in_thread,
    run_tool,
)
from geoagent_graph.errors import ToolError

PATIENCE_SECONDS = 60.0


class Blocking:
    """A tool that works until it is let go; one that can be ended ends when it is cancelled."""

    def __init__(self, *, can_be_ended: bool = True) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.ended = threading.Event()
        self.can_be_ended = can_be_ended

    def work(self) -> str:
        """Return a word once it is let go."""
        if self.can_be_ended:
            with on_cancel(self.let_go.set):
                return self._wait()
        return self._wait()

    def _wait(self) -> str:
        self.begun.set()
        assert self.let_go.wait(PATIENCE_SECONDS)
        self.ended.set()
        return "done"


@pytest.fixture
def stuck() -> Iterator[Blocking]:
    """A tool that cannot be ended; it is let go after the test."""
    tool = Blocking(can_be_ended=False)
    yield tool
    tool.let_go.set()
    assert tool.ended.wait(PATIENCE_SECONDS)


async def begun(tool: Blocking) -> None:
    """Return when a tool works."""
    assert await asyncio.to_thread(tool.begun.wait, PATIENCE_SECONDS)


async def test_a_result_and_an_error_come_back() -> None:
    assert await run_in_thread(pow, 2, 5) == 32
    with pytest.raises(ZeroDivisionError):
        await run_in_thread(divmod, 1, 0)


async def test_a_cancelled_call_ends_what_it_waits_for() -> None:
    tool = Blocking()
    task = asyncio.create_task(run_in_thread(tool.work))
    await begun(tool)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(tool.ended.wait, PATIENCE_SECONDS)


async def test_a_call_that_cannot_be_ended_holds_its_place(stuck: Blocking) -> None:
    freed = threading.Event()
    with open_call_group() as calls:
        task = asyncio.create_task(run_in_thread(stuck.work))
        await begun(stuck)
        task.cancel()
        await asyncio.wait([task])
        calls.when_ended(freed.set)
    assert not freed.is_set()
    assert has_unfinished_calls()
    stuck.let_go.set()
    assert await asyncio.to_thread(freed.wait, PATIENCE_SECONDS)


def test_a_group_without_calls_is_ended_at_once() -> None:
    freed = threading.Event()
    with open_call_group() as calls:
        calls.when_ended(freed.set)
    assert freed.is_set()


async def test_calls_fill_no_executor() -> None:
    tools = [Blocking() for _ in range(40)]  # more than an executor has threads
    tasks = [asyncio.create_task(run_in_thread(tool.work)) for tool in tools]
    for tool in tools:
        await begun(tool)
    assert await asyncio.to_thread(pow, 2, 5) == 32
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for tool in tools:
        assert await asyncio.to_thread(tool.ended.wait, PATIENCE_SECONDS)


def use_up_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every call look as if it had used more CPU time than it may."""
    monkeypatch.setattr(ThreadCall, "cpu_seconds", property(lambda call: 61.0))


async def test_a_tool_over_its_budget_is_given_up_and_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tool = Blocking()
    use_up_budgets(monkeypatch)
    with pytest.raises(ToolError, match=r"more than its 60 s of CPU time; GEOAGENT_TOOL_SECONDS"):
        await run_tool("slow", 60.0, tool.work)
    assert tool.let_go.is_set()


async def test_a_tool_that_cannot_be_ended_is_not_asked_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tools = [Blocking(can_be_ended=False) for _ in range(MAX_OVERDUE_CALLS)]
    use_up_budgets(monkeypatch)
    for tool in tools:
        with pytest.raises(ToolError, match="took more"):
            await run_tool("busy", 60.0, tool.work)
    with pytest.raises(ToolError, match="still busy with earlier photos"):
        await run_tool("busy", 60.0, pow, 2, 5)
    for tool in tools:
        tool.let_go.set()
        assert await asyncio.to_thread(tool.ended.wait, PATIENCE_SECONDS)
    monkeypatch.undo()
    assert await run_tool("busy", 60.0, pow, 2, 5) == 32


def test_waiting_is_no_work_but_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("geoagent_graph.call_threads.time.monotonic", lambda: clock[0])
    call = ThreadCall(lambda: None, 60.0)
    clock[0] = 300.0
    assert call.seconds_left == 60.0  # a busy machine gave it nothing yet
    clock[0] = 601.0
    assert call.seconds_left < 0.0


async def test_what_runs_in_a_call_knows_what_is_left_of_the_budget() -> None:
    assert cpu_seconds_left() is None
    left = await run_tool("asking", 60.0, cpu_seconds_left)
    assert left is not None
    assert 50.0 < left <= 60.0
    assert await run_in_thread(cpu_seconds_left) is None


async def test_a_cancelled_call_begins_nothing_more() -> None:
    call: ThreadCall[None] = ThreadCall(lambda: None)
    call.cancel()
    with pytest.raises(CancelledError), call.ended_by(lambda: None):
        raise AssertionError("unreachable")
