"""Cases whose runs become spans, and a collector that takes them."""

import http.server
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from geoagent_graph.call_log import log_call
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.settings import Settings
from geoagent_graph.telemetry.tracing import Tracing
from geoagent_graph.testing import ScriptedPolicy
from geoagent_graph.types import ToolCall, Usage
from tests.support.cases import photo_bytes, tools

SECRET = "Rua do Segredo"


class TalkingPolicy(ScriptedPolicy):
    """A policy that asks a model, as `served` does."""

    async def judge(self, situation: Any, candidates: Any) -> Any:
        usage = Usage(calls=1, prompt_tokens=700, completion_tokens=30)
        arguments = {"purpose": "judge", "model": "tiny", "prompt": SECRET}
        log_call(
            ToolCall(tool="model", arguments=arguments, result=SECRET, seconds=0.0, usage=usage)
        )
        return await super().judge(situation, candidates)


def store_seen_by(tracing: Tracing, folder: Path) -> CaseStore:
    """Return the cases of a folder whose runs become spans."""
    return CaseStore(Settings(home=folder), tracing)


async def begin_case(store: CaseStore, opened: Any = None, **how: Any) -> None:
    chosen = opened or tools()
    async with store.create(photo_bytes(), chosen, name="one", photo_name=f"{SECRET}.png") as case:
        async for _ in case.run(**how):
            pass


async def go_on_with_case(store: CaseStore, opened: Any = None, **how: Any) -> None:
    async with store.hold("one", opened or tools()) as case:
        async for _ in case.run(**how):
            pass


def finished_spans(tracing: Tracing, exporter: InMemorySpanExporter) -> tuple[ReadableSpan, ...]:
    assert tracing.close()
    return exporter.get_finished_spans()


def child_spans(spans: tuple[ReadableSpan, ...], of: ReadableSpan) -> list[ReadableSpan]:
    found = [s for s in spans if s.parent is not None and s.parent.span_id == of.context.span_id]
    assert all(span.context.trace_id == of.context.trace_id for span in found)
    return sorted(found, key=lambda span: times_of(span)[1])


def attributes_of(span: ReadableSpan) -> Mapping[str, Any]:
    assert span.attributes is not None
    return span.attributes


def times_of(span: ReadableSpan) -> tuple[int, int]:
    assert span.start_time is not None
    assert span.end_time is not None
    return span.start_time, span.end_time


def root_spans(spans: tuple[ReadableSpan, ...]) -> list[ReadableSpan]:
    return sorted((s for s in spans if s.parent is None), key=times_of)


@contextmanager
def span_collector() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Yield the address of a collector and what it got."""
    got: list[tuple[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()
