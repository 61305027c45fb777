"""Runs as spans: the right tree, digests only."""

from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from geoagent_graph.errors import PolicyError, ToolError
from geoagent_graph.state import RunOptions
from geoagent_graph.telemetry.spans import nanoseconds
from geoagent_graph.telemetry.tracing import Tracing
from geoagent_graph.testing import FixedTextReader, ScriptedPolicy
from tests.support.cases import photo_bytes, tools
from tests.support.spans import (
    SECRET,
    TalkingPolicy,
    attributes_of,
    begin_case,
    child_spans,
    finished_spans,
    go_on_with_case,
    root_spans,
    store_seen_by,
    times_of,
)


async def test_a_run_is_a_tree_of_steps_and_their_calls(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = store_seen_by(tracing, tmp_path)
    reader = FixedTextReader()
    await begin_case(store, tools(policy=TalkingPolicy.towards_lisbon(), text_reader=reader))
    view = store.read("one")
    spans = finished_spans(tracing, exporter)
    (root,) = root_spans(spans)
    steps = child_spans(spans, root)
    assert [span.name for span in steps] == [step.node for step in view.steps]
    told = [event for event in view.events if event.event == "step"]
    for span, event in zip(steps, told, strict=True):
        (start, end), (root_start, root_end) = times_of(span), times_of(root)
        assert end == nanoseconds(event.time)
        assert end - start == round(event.step.seconds * 1e9)
        assert attributes_of(span)["geoagent.trace.hash"] == event.hash
        assert root_start <= start <= end <= root_end
        calls = child_spans(spans, span)
        assert [call.name for call in calls] == [call.tool for call in event.step.tools]
    kinds = {span.name: attributes_of(span)["openinference.span.kind"] for span in spans}
    assert (kinds["geoagent.run"], kinds["observe"]) == ("CHAIN", "CHAIN")
    assert (kinds["text_reader"], kinds["model"]) == ("TOOL", "LLM")
    model = next(span for span in spans if span.name == "model")
    assert attributes_of(model)["llm.model_name"] == "tiny"
    assert attributes_of(model)["llm.token_count.total"] == 730
    assert root.status.status_code is StatusCode.OK
    assert attributes_of(root)["geoagent.answer.level"] == "city"
    assert {attributes_of(span)["session.id"] for span in spans} == {"one/main"}


async def test_no_content_leaves_unless_it_is_asked_for(tmp_path: Path) -> None:
    def words(spans: tuple[ReadableSpan, ...]) -> str:
        return "".join(span.to_json() for span in spans)

    said = {}
    for content in (False, True):
        exporter = InMemorySpanExporter()
        tracing = Tracing(exporter, content=content)
        store = store_seen_by(tracing, tmp_path / str(content))
        await begin_case(store, tools(policy=TalkingPolicy.towards_lisbon()))
        said[content] = words(finished_spans(tracing, exporter))
    assert SECRET not in said[False]
    assert "Lisbon" not in said[False]
    assert "sha256:" in said[False]
    assert SECRET in said[True]
    assert "Lisbon" in said[True]


async def test_failures_are_errors_and_name_no_content(tmp_path: Path) -> None:
    class Broken(ScriptedPolicy):
        async def judge(self, situation: Any, candidates: Any) -> Any:
            raise PolicyError(f"the model said {SECRET}")

    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = store_seen_by(tracing, tmp_path)
    reader = FixedTextReader(error=ToolError(SECRET))
    with pytest.raises(PolicyError):
        await begin_case(store, tools(policy=Broken.towards_lisbon(), text_reader=reader))
    spans = finished_spans(tracing, exporter)
    (root,) = root_spans(spans)
    assert (root.status.status_code, root.status.description) == (StatusCode.ERROR, "PolicyError")
    assert attributes_of(root)["error.type"] == "PolicyError"
    (call,) = [span for span in spans if span.name == "text_reader"]
    assert call.status.status_code is StatusCode.ERROR
    assert SECRET not in "".join(span.to_json() for span in spans)


async def test_what_people_do_and_are_asked_is_on_the_run(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = store_seen_by(tracing, tmp_path)
    options = RunOptions(ask="always")
    async with store.create(photo_bytes(), tools(), name="one", options=options) as case:
        async for _ in case.run():
            pass
    await go_on_with_case(store, reply={"kind": "accept"})
    first, second = root_spans(finished_spans(tracing, exporter))
    assert [event.name for event in first.events] == ["question"]
    assert [event.name for event in second.events] == ["human", "question"]
