"""Spans reach the one collector that was named."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.settings import Settings
from geoagent_graph.telemetry.open_tracing import open_tracing
from geoagent_graph.telemetry.otlp import traces_url
from tests.support.spans import begin_case, span_collector, store_seen_by


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Yield the address of a collector and what it got."""
    with span_collector() as found:
        yield found


async def test_a_collector_gets_the_spans_whatever_the_environment_says(
    tmp_path: Path, collector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, got = collector
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    monkeypatch.setenv("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "otel,process")
    tracing = open_tracing(Settings(home=tmp_path, otel_endpoint=address))
    assert tracing is not None
    store = store_seen_by(tracing, tmp_path)
    await begin_case(store)
    assert tracing.close()
    spans = [
        span
        for path, request in got
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert {path for path, _ in got} == {"/v1/traces"}
    assert len([s for s in spans if not s.parent_span_id]) == 1
    names = [span.name for span in spans]
    assert sorted(names) == sorted(
        ["geoagent.run"]
        + [step.node for step in store.read("one").steps]
        + [call.tool for step in store.read("one").steps for call in step.tools]
    )


def test_a_bare_host_gets_the_path_of_the_protocol() -> None:
    assert traces_url("http://h:4318") == "http://h:4318/v1/traces"
    assert traces_url("http://h:4318/") == "http://h:4318/v1/traces"
    assert traces_url("https://h/otlp/v1/traces") == "https://h/otlp/v1/traces"
