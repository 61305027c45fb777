"""Calls land in the log of the node that makes them, and of no other."""

import asyncio

from geoagent_graph.call_log import log_call, open_call_log, total_usage
from geoagent_graph.types import ToolCall, Usage


def call(tool: str, usage: Usage | None = None) -> ToolCall:
    """Return a call of a tool."""
    return ToolCall(tool=tool, result="", seconds=0.0, usage=usage)


async def node(name: str) -> list[ToolCall]:
    """Return the log of a node that calls one tool itself and one in a child task."""
    log = open_call_log()
    await asyncio.sleep(0)
    log_call(call(name))
    await asyncio.create_task(tool_of_a_child(name))
    return log


async def tool_of_a_child(name: str) -> None:
    """Call a tool."""
    log_call(call(f"{name} child"))


async def test_nodes_at_the_same_time_do_not_mix() -> None:
    logs = await asyncio.gather(node("a"), node("b"))
    assert [[item.tool for item in log] for log in logs] == [["a", "a child"], ["b", "b child"]]


async def test_a_new_log_takes_over() -> None:
    first = open_call_log()
    log_call(call("a"))
    second = open_call_log()
    log_call(call("b"))
    assert [[item.tool for item in log] for log in (first, second)] == [["a"], ["b"]]


def test_usage_is_summed_over_models_only() -> None:
    one = Usage(calls=1, prompt_tokens=100, completion_tokens=20, images=2)
    calls = [call("model", one), call("geocoder"), call("model", one)]
    expected = Usage(calls=2, prompt_tokens=200, completion_tokens=40, images=4)
    assert total_usage(calls) == expected
    assert total_usage([]) == Usage()
