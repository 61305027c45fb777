"""What is told of a run, once or afterwards; a defect does not end the run."""

from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from geoagent_graph.telemetry.spans import RunSpans
from geoagent_graph.telemetry.tracing import Tracing
from tests.support.spans import (
    attributes_of,
    begin_case,
    child_spans,
    finished_spans,
    go_on_with_case,
    root_spans,
    store_seen_by,
)


async def test_a_resumed_run_tells_only_its_own_steps(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = store_seen_by(tracing, tmp_path)
    await begin_case(store, one_step=True)
    await go_on_with_case(store)
    await go_on_with_case(store)  # it is answered already: nothing to tell
    spans = finished_spans(tracing, exporter)
    first, second = root_spans(spans)
    assert [span.name for span in child_spans(spans, first)] == ["observe"]
    indexes = [attributes_of(span)["geoagent.step"] for span in child_spans(spans, second)]
    assert indexes == list(range(1, len(store.read("one").steps)))
    assert first.context.trace_id != second.context.trace_id
    assert attributes_of(first)["session.id"] == attributes_of(second)["session.id"]


async def test_a_whole_trace_can_be_told_afterwards(tmp_path: Path) -> None:
    live, later = InMemorySpanExporter(), InMemorySpanExporter()
    tracing = Tracing(live)
    store = store_seen_by(tracing, tmp_path)
    await begin_case(store, one_step=True)
    await go_on_with_case(store)
    replayed = Tracing(later)
    replayed.replay(store.read("one"))

    def steps(spans: tuple[ReadableSpan, ...]) -> list[tuple[Any, ...]]:
        found = [s for s in spans if "geoagent.step" in attributes_of(s)]
        return sorted((s.start_time, s.end_time, s.name, str(s.attributes)) for s in found)

    assert steps(finished_spans(replayed, later)) == steps(finished_spans(tracing, live))
    assert len(root_spans(later.get_finished_spans())) == 1


async def test_a_defect_in_making_spans_does_not_end_a_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> None:
        raise KeyError("a defect")

    tracing = Tracing(InMemorySpanExporter())
    monkeypatch.setattr(RunSpans, "_add_step", broken)
    store = store_seen_by(tracing, tmp_path)
    await begin_case(store)
    assert store.read("one").status == "answered"
    assert "a span could not be made" in caplog.text
    tracing.close()
