"""Sends spans to one collector in the background; a run never waits for it and never fails by it.

A `CaseStore` whose settings name `otel_endpoint` watches the runs of its cases. `Tracing` takes any
exporter of the SDK, for programs that send spans their own way.
"""

import asyncio
import contextlib
import functools
import logging
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from geoagent_graph.cases.view import CaseView, read_view
from geoagent_graph.errors import InputError
from geoagent_graph.telemetry.spans import RunSpans, nanoseconds

if TYPE_CHECKING:
    from geoagent_graph.cases.case import Case
    from geoagent_graph.cases.events import TraceEvent

QUEUE, BATCH = 2048, 256  # spans; what does not fit into the queue is dropped
DELAY_MS, SEND_SECONDS, CLOSE_SECONDS, PAUSE_SECONDS = 200, 2.0, 2.0, 30.0
_log = logging.getLogger("geoagent_graph.telemetry")
_muted = threading.local()
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
        self._calm = _CalmExporter(exporter, self._trouble)
        self._provider.add_span_processor(
            _CalmProcessor(
                self._calm,
                max_queue_size=QUEUE,
                schedule_delay_millis=DELAY_MS,
                max_export_batch_size=BATCH,
            )
        )
        self._tracer = self._provider.get_tracer("geoagent_graph")

    async def watched(
        self, case: "Case", events: "AsyncIterator[TraceEvent]"
    ) -> "AsyncIterator[TraceEvent]":
        """Yield the events of a run as they come, and make spans of them."""
        began_ns = time.time_ns()
        run = await asyncio.to_thread(
            self._guarded, lambda: self._run(read_view(case.trace_path), began_ns)
        )
        error: BaseException | None = None
        told = False
        try:
            async with contextlib.aclosing(cast("AsyncGenerator[TraceEvent, None]", events)):
                async for event in events:
                    if run is not None:
                        told = True
                        self._guarded(functools.partial(run.event, event))
                    yield event
        except BaseException as raised:
            error = raised
            raise
        finally:
            if run is not None and (told or error is not None):  # else it had nothing to do
                self._guarded(functools.partial(run.end, error, time.time_ns()))

    def replay(self, view: CaseView) -> None:
        """Make the spans of a whole branch from its trace, as one run."""
        run = self._run(view, nanoseconds(view.opened.time), at_the_end=False)
        for event in view.events[1:]:
            run.event(event)
        run.end()

    def close(self) -> bool:
        """Send what waits, for at most two seconds; return whether every span was taken.

        Does not wait for a collector that cannot be reached.
        """
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        until = time.monotonic() + CLOSE_SECONDS
        while closing.is_alive() and not self._trouble.is_set() and time.monotonic() < until:
            closing.join(0.02)
        sent = not closing.is_alive() and not self._trouble.is_set()
        if not sent:
            self._calm.complain()
        return sent

    def _guarded(self, make: Callable[[], T]) -> T | None:
        """Return what is made; a defect in making spans is logged and does not end the run."""
        try:
            return make()
        except Exception:  # noqa: BLE001  # whatever it is, the run matters more
            _log.exception("OpenTelemetry: a span could not be made; the run goes on without it")
            return None

    def _run(self, view: CaseView, began_ns: int, *, at_the_end: bool = True) -> RunSpans:
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


def open_tracing(endpoint: str, *, content: bool = False) -> Tracing:
    """Return a way to a collector of OTLP over HTTP; it is not contacted before there are spans.

    Only `endpoint` is contacted, whatever the environment says about endpoints and proxies;
    `OTEL_EXPORTER_OTLP_HEADERS` may carry its key.

    Raises:
        InputError: it is no http or https URL.
    """
    url = traces_url(endpoint)
    trouble = threading.Event()
    exporter = OTLPSpanExporter(endpoint=url, timeout=SEND_SECONDS, session=_Session(trouble))
    return Tracing(exporter, content=content, trouble=trouble)


def traces_url(endpoint: str) -> str:
    """Return the URL that spans are posted to; a bare host gets OTLP's path.

    Raises:
        InputError: it is no http or https URL.
    """
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError("GEOAGENT_OTEL_ENDPOINT: give a URL such as http://127.0.0.1:4318")
    return endpoint if parts.path.strip("/") else f"{endpoint.rstrip('/')}/v1/traces"


class _Session(requests.Session):
    """A session that heeds no proxy of the environment and tells of trouble at once."""

    def __init__(self, trouble: threading.Event) -> None:
        super().__init__()
        self.trust_env = False
        self._trouble = trouble

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().request(*args, **kwargs)
        except requests.RequestException:
            self._trouble.set()
            raise


class _CalmExporter(SpanExporter):
    """Says once that spans cannot be sent, then drops them for a while before it tries again."""

    def __init__(self, exporter: SpanExporter, trouble: threading.Event) -> None:
        self._exporter = exporter
        self._trouble = trouble
        self._again_at = 0.0
        self._said = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if time.monotonic() < self._again_at:
            return SpanExportResult.FAILURE
        with _mute():
            result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._trouble.clear()
            return result
        self._trouble.set()
        self._again_at = time.monotonic() + PAUSE_SECONDS
        self.complain()
        return result

    def complain(self) -> None:
        """Say that spans cannot be sent, the first time."""
        if not self._said:
            self._said = True
            _log.warning("OpenTelemetry: spans cannot be sent; the runs go on without them")

    def shutdown(self) -> None:
        with _mute():
            self._exporter.shutdown()


class _CalmProcessor(BatchSpanProcessor):
    """Drops spans without a word where the queue is full: the exporter has said why."""

    def on_end(self, span: ReadableSpan) -> None:
        with _mute():
            super().on_end(span)


@contextlib.contextmanager
def _mute() -> Iterator[None]:
    """Keep the SDK from logging what is said once, in this thread only."""
    for name in (
        "opentelemetry.exporter.otlp.proto.http.trace_exporter",
        "opentelemetry.sdk._shared_internal",
    ):
        logging.getLogger(name).addFilter(_aloud)  # added once, however often it is called
    _muted.on = True
    try:
        yield
    finally:
        _muted.on = False


def _aloud(record: logging.LogRecord) -> bool:
    del record
    return not getattr(_muted, "on", False)
