"""An exporter and its queue that say once that spans cannot be sent, and then keep quiet."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

MAX_QUEUE_SPANS = 2048
"""What does not fit into the queue is dropped."""
MAX_BATCH_SPANS = 256
MAX_WAIT_MS = 200
DEFAULT_CLOSE_SECONDS = 2.0
_PAUSE_SECONDS = 30.0
_SDK_LOGGERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk._shared_internal",
)
_log = logging.getLogger("geoagent_graph.telemetry")
_muted = threading.local()


class QuietExporter(SpanExporter):
    """Says once that spans cannot be sent, then drops them for a while before it tries again."""

    def __init__(self, exporter: SpanExporter, trouble: threading.Event) -> None:
        self._exporter = exporter
        self._trouble = trouble
        self._again_at = 0.0
        self._has_complained = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Return whether the spans were taken; after a failure they are dropped for a while."""
        if time.monotonic() < self._again_at:
            return SpanExportResult.FAILURE
        with mute_sdk():
            result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._trouble.clear()
            return result
        self._trouble.set()
        self._again_at = time.monotonic() + _PAUSE_SECONDS
        self.complain()
        return result

    def complain(self) -> None:
        """Say that spans cannot be sent, the first time."""
        if not self._has_complained:
            self._has_complained = True
            _log.warning("OpenTelemetry: spans cannot be sent; the runs go on without them")

    def shutdown(self) -> None:
        """Close the exporter."""
        with mute_sdk():
            self._exporter.shutdown()


class QuietProcessor(BatchSpanProcessor):
    """Drops spans without a word where the queue is full: the exporter has said why."""

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span that has ended."""
        with mute_sdk():
            super().on_end(span)


@contextlib.contextmanager
def mute_sdk() -> Iterator[None]:
    """Keep the SDK from logging what is said once, in this thread only."""
    for name in _SDK_LOGGERS:
        logging.getLogger(name).addFilter(_is_audible)  # added once, however often it is called
    _muted.on = True
    try:
        yield
    finally:
        _muted.on = False


def _is_audible(record: logging.LogRecord) -> bool:
    del record
    return not getattr(_muted, "on", False)
