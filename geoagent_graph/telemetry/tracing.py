"""Spans of runs go to any exporter of the SDK; a run never waits for it and never fails by it.

`Tracing` is the `RunObserver` of a `CaseStore`:

    from geoagent_graph import load_settings
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.telemetry.tracing import Tracing
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter

    store = CaseStore(load_settings(), observer=Tracing(ConsoleSpanExporter()))
"""

import asyncio
import contextlib
import functools
import logging
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.sdk.trace.export import SpanExporter

from geoagent_graph.cases.view import CaseView, read_view
from geoagent_graph.telemetry.quiet_export import (
    DEFAULT_CLOSE_SECONDS,
    MAX_BATCH_SPANS,
    MAX_QUEUE_SPANS,
    MAX_WAIT_MS,
    QuietExporter,
    QuietProcessor,
)
from geoagent_graph.telemetry.spans import RunSpans, nanoseconds

if TYPE_CHECKING:
    from geoagent_graph.cases.events import TraceEvent

_log = logging.getLogger("geoagent_graph.telemetry")
T = TypeVar("T")


class Tracing:
    """Where the spans of runs go."""

    def __init__(
        self,
        exporter: SpanExporter,
        *,
        content: bool = False,
        trouble: threading.Event | None = None,
    ) -> None:
        """Take any exporter.

        Args:
            exporter: sends the spans.
            content: whether words of the trace may leave, not only digests.
            trouble: set by the exporter as soon as it cannot reach the collector.
        """
        self._trouble = trouble or threading.Event()
        self._content = content
        # Everything is said here, so that no OTEL_* variable opens a connection of its own.
        self._provider = TracerProvider(
            sampler=sampling.ALWAYS_ON,
            resource=Resource({"service.name": "geoagent"}),
            shutdown_on_exit=False,
        )
        self._exporter = QuietExporter(exporter, self._trouble)
        self._provider.add_span_processor(
            QuietProcessor(
                self._exporter,
                max_queue_size=MAX_QUEUE_SPANS,
                schedule_delay_millis=MAX_WAIT_MS,
                max_export_batch_size=MAX_BATCH_SPANS,
            )
        )
        self._tracer = self._provider.get_tracer("geoagent_graph")

    async def watch_run(
        self, trace: Path, events: "AsyncIterator[TraceEvent]"
    ) -> "AsyncIterator[TraceEvent]":
        """Yield the events of a run as they come, and make spans of them."""
        began_ns = time.time_ns()
        run = await asyncio.to_thread(
            self._survive_defects, lambda: self._begin_run(read_view(trace), began_ns)
        )
        error: BaseException | None = None
        has_events = False
        try:
            async with contextlib.aclosing(cast("AsyncGenerator[TraceEvent, None]", events)):
                async for event in events:
                    if run is not None:
                        has_events = True
                        self._survive_defects(functools.partial(run.add_event, event))
                    yield event
        except BaseException as raised:
            error = raised
            raise
        finally:
            if run is not None and (has_events or error is not None):  # else it had nothing to do
                self._survive_defects(functools.partial(run.end, error, time.time_ns()))

    def replay(self, view: CaseView) -> None:
        """Make the spans of a whole branch from its trace, as one run."""
        run = self._begin_run(view, nanoseconds(view.opened.time), at_the_end=False)
        for event in view.events[1:]:
            run.add_event(event)
        run.end()

    def close(self) -> bool:
        """Send what waits, for at most two seconds; return whether every span was taken.

        Does not wait for a collector that cannot be reached.
        """
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        until = time.monotonic() + DEFAULT_CLOSE_SECONDS
        while closing.is_alive() and not self._trouble.is_set() and time.monotonic() < until:
            closing.join(0.02)
        sent = not closing.is_alive() and not self._trouble.is_set()
        if not sent:
            self._exporter.complain()
        return sent

    def _survive_defects(self, make: Callable[[], T]) -> T | None:
        """Return what is made; a defect in making spans is logged and does not end the run."""
        try:
            return make()
        except Exception:  # noqa: BLE001  # whatever it is, the run matters more
            _log.exception("OpenTelemetry: a span could not be made; the run goes on without it")
            return None

    def _begin_run(self, view: CaseView, began_ns: int, *, at_the_end: bool = True) -> RunSpans:
        environment = view.opened.environment
        for event in view.events if at_the_end else ():
            if event.event == "environment":
                environment = event.environment
        return RunSpans(
            self._tracer,
            view.opened,
            began_ns,
            content=self._content,
            environment=environment,
        )
