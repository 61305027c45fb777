"""A collector that is stuck or dead costs nothing and is said once."""

import asyncio
import logging
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from geoagent_graph import telemetry
from geoagent_graph.telemetry.otlp import otlp_tracing
from geoagent_graph.telemetry.quiet_export import MAX_QUEUE_SPANS
from geoagent_graph.telemetry.tracing import Tracing
from tests.support.spans import begin_case, store_seen_by

SAID = "OpenTelemetry: spans cannot be sent; the runs go on without them"


class Stuck(SpanExporter):
    """An exporter that never comes back."""

    def __init__(self) -> None:
        self.calls = 0
        self.over = threading.Event()

    def export(self, spans: Any) -> SpanExportResult:
        self.calls += 1
        self.over.wait()
        return SpanExportResult.FAILURE


async def test_a_run_does_not_wait_for_a_stuck_exporter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry.tracing, "DEFAULT_CLOSE_SECONDS", 0.05)
    exporter = Stuck()
    tracing = Tracing(exporter)
    view = None
    store = store_seen_by(tracing, tmp_path)
    await begin_case(store)
    view = store.read("one")
    for _ in range(2 * MAX_QUEUE_SPANS // len(view.steps)):  # more than the queue holds
        tracing.replay(view)
    assert not tracing.close()
    assert exporter.calls <= 1
    assert exporter.over.is_set() is False  # it is still stuck: nobody has waited for it
    exporter.over.set()
    assert [r.getMessage() for r in caplog.records if r.name.startswith("geoagent")] == [SAID]


async def test_a_dead_endpoint_is_said_once_and_not_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        tracing = otlp_tracing(endpoint)
        store = store_seen_by(tracing, tmp_path)
        with caplog.at_level(logging.DEBUG):
            await begin_case(store)
            view = store.read("one")
            assert await asyncio.to_thread(tracing._trouble.wait, 120)
            for _ in range(300):
                tracing.replay(view)
            # it is known to be dead: the seconds that closing may take are not waited for
            monkeypatch.setattr(telemetry.tracing, "DEFAULT_CLOSE_SECONDS", 3600.0)
            assert not tracing.close()
            await asyncio.sleep(1.5)  # the worker gives up its last try
    ours = [r for r in caplog.records if r.name.startswith(("geoagent", "opentelemetry"))]
    assert [r.getMessage() for r in ours if r.levelno >= logging.WARNING] == [SAID]
