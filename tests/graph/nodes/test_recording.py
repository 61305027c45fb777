"""Every call of a tool is recorded: its result's digest, or the error it failed with."""

import hashlib

import pytest

from geoagent_graph.call_log import log_call
from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.types import Step, ToolCall


def fail(error: Exception) -> list[int]:
    """Raise an error."""
    raise error


def step_of(recorder: Recorder) -> Step:
    """Return the finished step."""
    (dumped,) = recorder.step(3, "done", found=[1])
    return Step.model_validate(dumped)


async def test_a_result_is_described_and_digested() -> None:
    recorder = Recorder("ground", "city")
    result = await recorder.call("list", {"n": 2}, lambda r: f"{len(r)} items", list, (1, 2))
    assert result == [1, 2]
    (call,) = step_of(recorder).tools
    assert (call.tool, call.arguments, call.result) == ("list", {"n": 2}, "2 items")
    assert call.result_sha256 == "sha256:" + hashlib.sha256(b"[1,2]").hexdigest()
    assert recorder.warnings == []


async def test_a_failed_tool_is_recorded_and_warned_of() -> None:
    recorder = Recorder("ground", None)
    assert await recorder.call("tool", {}, str, fail, ToolError("out of paper")) is None
    (call,) = step_of(recorder).tools
    assert (call.result, call.error, call.result_sha256) == ("failed", "out of paper", None)
    assert recorder.warnings == ["tool failed, the answer goes without it: out of paper"]


DEFECT = "a defect of the tool (ZeroDivisionError); the log has more"


async def test_whatever_a_tool_raises_is_recorded_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = Recorder("ground", None)
    assert await recorder.call("tool", {}, str, fail, ZeroDivisionError("a\ndefect")) is None
    (call,) = step_of(recorder).tools
    assert (call.result, call.error) == ("failed", DEFECT)
    assert recorder.warnings == [f"tool failed, the answer goes without it: {DEFECT}"]
    (record,) = caplog.records
    assert record.name.startswith("geoagent_graph.")
    assert record.exc_info is not None
    assert await recorder.call("odd", {}, str, lambda: object()) is None  # no JSON
    assert "odd failed" in recorder.warnings[-1]


async def test_what_only_a_person_can_mend_ends_the_run() -> None:
    recorder = Recorder("ground", None)
    with pytest.raises(PhotoError):
        await recorder.call("tool", {}, str, fail, PhotoError("photo.jpg: is gone"))
    assert step_of(recorder).tools == ()


async def test_calls_of_a_policy_join_those_of_the_node() -> None:
    recorder = Recorder("judge", "country")
    log_call(ToolCall(tool="model", result="A", seconds=0.1))
    step = step_of(recorder)
    assert [call.tool for call in step.tools] == ["model"]
    assert (step.index, step.node, step.level, step.summary) == (3, "judge", "country", "done")
    assert step.detail == {"found": [1]}
    assert (recorder.where, Recorder("answer", None).where) == ("judge country", "answer")
