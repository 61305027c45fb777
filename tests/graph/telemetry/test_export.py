"""Runs as spans: the right tree, digests only, and a collector that is dead costs nothing."""

import asyncio
import http.server
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from geoagent_graph.call_log import log_call
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.errors import InputError, PolicyError, ToolError
from geoagent_graph.settings import Settings
from geoagent_graph.state import RunOptions
from geoagent_graph.telemetry.export import QUEUE, Tracing, open_tracing, traces_url
from geoagent_graph.telemetry.open_tracing import tracing_for
from geoagent_graph.telemetry.spans import RunSpans, nanoseconds
from geoagent_graph.testing import FixedTextReader, ScriptedPolicy
from geoagent_graph.types import ToolCall, Usage
from tests.support.cases import photo_bytes, tools

ROOT = Path(__file__).parents[3]
SECRET = "Rua do Segredo"
SAID = "OpenTelemetry: spans cannot be sent; the runs go on without them"


class Talking(ScriptedPolicy):
    """A policy that asks a model, as `served` does."""

    async def judge(self, situation: Any, candidates: Any) -> Any:
        usage = Usage(calls=1, prompt_tokens=700, completion_tokens=30)
        arguments = {"purpose": "judge", "model": "tiny", "prompt": SECRET}
        log_call(
            ToolCall(tool="model", arguments=arguments, result=SECRET, seconds=0.0, usage=usage)
        )
        return await super().judge(situation, candidates)


def _watching(folder: Path, tracing: Tracing) -> CaseStore:
    store = CaseStore(Settings(home=folder))
    store._tracing = tracing
    return store


async def _begin(store: CaseStore, opened: Any = None, **how: Any) -> None:
    chosen = opened or tools()
    async with store.create(photo_bytes(), chosen, name="one", photo_name=f"{SECRET}.png") as case:
        async for _ in case.run(**how):
            pass


async def _go_on(store: CaseStore, opened: Any = None, **how: Any) -> None:
    async with store.hold("one", opened or tools()) as case:
        async for _ in case.run(**how):
            pass


def _finished(tracing: Tracing, exporter: InMemorySpanExporter) -> tuple[ReadableSpan, ...]:
    assert tracing.close()
    return exporter.get_finished_spans()


def _children(spans: tuple[ReadableSpan, ...], of: ReadableSpan) -> list[ReadableSpan]:
    found = [s for s in spans if s.parent is not None and s.parent.span_id == of.context.span_id]
    assert all(span.context.trace_id == of.context.trace_id for span in found)
    return sorted(found, key=lambda span: span.end_time)


def _roots(spans: tuple[ReadableSpan, ...]) -> list[ReadableSpan]:
    return sorted((s for s in spans if s.parent is None), key=lambda span: span.start_time)


async def test_a_run_is_a_tree_of_steps_and_their_calls(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = _watching(tmp_path, tracing)
    reader = FixedTextReader()
    await _begin(store, tools(policy=Talking.towards_lisbon(), text_reader=reader))
    view = store.read("one")
    spans = _finished(tracing, exporter)
    (root,) = _roots(spans)
    steps = _children(spans, root)
    assert [span.name for span in steps] == [step.node for step in view.steps]
    told = [event for event in view.events if event.event == "step"]
    for span, event in zip(steps, told, strict=True):
        assert span.end_time == nanoseconds(event.time)
        assert span.end_time - span.start_time == round(event.step.seconds * 1e9)
        assert span.attributes["geoagent.trace.hash"] == event.hash
        assert root.start_time <= span.start_time <= span.end_time <= root.end_time
        calls = _children(spans, span)
        assert [call.name for call in calls] == [call.tool for call in event.step.tools]
    kinds = {span.name: span.attributes["openinference.span.kind"] for span in spans}
    assert (kinds["geoagent.run"], kinds["observe"]) == ("CHAIN", "CHAIN")
    assert (kinds["text_reader"], kinds["model"]) == ("TOOL", "LLM")
    model = next(span for span in spans if span.name == "model")
    assert model.attributes["llm.model_name"] == "tiny"
    assert model.attributes["llm.token_count.total"] == 730
    assert root.status.status_code is StatusCode.OK
    assert root.attributes["geoagent.answer.level"] == "city"
    assert {span.attributes["session.id"] for span in spans} == {"one/main"}


async def test_no_content_leaves_unless_it_is_asked_for(tmp_path: Path) -> None:
    def words(spans: tuple[ReadableSpan, ...]) -> str:
        return "".join(span.to_json() for span in spans)

    said = {}
    for content in (False, True):
        exporter = InMemorySpanExporter()
        tracing = Tracing(exporter, content=content)
        store = _watching(tmp_path / str(content), tracing)
        await _begin(store, tools(policy=Talking.towards_lisbon()))
        said[content] = words(_finished(tracing, exporter))
    assert SECRET not in said[False]
    assert "Lisbon" not in said[False]
    assert "sha256:" in said[False]
    assert SECRET in said[True]
    assert "Lisbon" in said[True]


async def test_a_resumed_run_tells_only_its_own_steps(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = _watching(tmp_path, tracing)
    await _begin(store, one_step=True)
    await _go_on(store)
    await _go_on(store)  # it is answered already: nothing to tell
    spans = _finished(tracing, exporter)
    first, second = _roots(spans)
    assert [span.name for span in _children(spans, first)] == ["observe"]
    indexes = [span.attributes["geoagent.step"] for span in _children(spans, second)]
    assert indexes == list(range(1, len(store.read("one").steps)))
    assert first.context.trace_id != second.context.trace_id
    assert first.attributes["session.id"] == second.attributes["session.id"]


async def test_failures_are_errors_and_name_no_content(tmp_path: Path) -> None:
    class Broken(ScriptedPolicy):
        async def judge(self, situation: Any, candidates: Any) -> Any:
            raise PolicyError(f"the model said {SECRET}")

    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = _watching(tmp_path, tracing)
    reader = FixedTextReader(error=ToolError(SECRET))
    with pytest.raises(PolicyError):
        await _begin(store, tools(policy=Broken.towards_lisbon(), text_reader=reader))
    spans = _finished(tracing, exporter)
    (root,) = _roots(spans)
    assert (root.status.status_code, root.status.description) == (StatusCode.ERROR, "PolicyError")
    assert root.attributes["error.type"] == "PolicyError"
    (call,) = [span for span in spans if span.name == "text_reader"]
    assert call.status.status_code is StatusCode.ERROR
    assert SECRET not in "".join(span.to_json() for span in spans)


async def test_what_people_do_and_are_asked_is_on_the_run(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(exporter)
    store = _watching(tmp_path, tracing)
    options = RunOptions(ask="always")
    async with store.create(photo_bytes(), tools(), name="one", options=options) as case:
        async for _ in case.run():
            pass
    await _go_on(store, reply={"kind": "accept"})
    first, second = _roots(_finished(tracing, exporter))
    assert [event.name for event in first.events] == ["question"]
    assert [event.name for event in second.events] == ["human", "question"]


async def test_a_whole_trace_can_be_told_afterwards(tmp_path: Path) -> None:
    live, later = InMemorySpanExporter(), InMemorySpanExporter()
    tracing = Tracing(live)
    store = _watching(tmp_path, tracing)
    await _begin(store, one_step=True)
    await _go_on(store)
    replayed = Tracing(later)
    replayed.replay(store.read("one"))

    def steps(spans: tuple[ReadableSpan, ...]) -> list[tuple[Any, ...]]:
        found = [s for s in spans if "geoagent.step" in s.attributes]
        return sorted((s.start_time, s.end_time, s.name, str(s.attributes)) for s in found)

    assert steps(_finished(replayed, later)) == steps(_finished(tracing, live))
    assert len(_roots(later.get_finished_spans())) == 1


async def test_a_defect_in_making_spans_does_not_end_a_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> None:
        raise KeyError("a defect")

    tracing = Tracing(InMemorySpanExporter())
    monkeypatch.setattr(RunSpans, "_step", broken)
    store = _watching(tmp_path, tracing)
    await _begin(store)
    assert store.read("one").status == "answered"
    assert "a span could not be made" in caplog.text
    tracing.close()


class Stuck(SpanExporter):
    """An exporter that never comes back."""

    def __init__(self) -> None:
        self.calls = 0

    def export(self, spans: Any) -> SpanExportResult:
        self.calls += 1
        time.sleep(3600)
        return SpanExportResult.FAILURE


async def test_a_run_does_not_wait_for_a_stuck_exporter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = Stuck()
    tracing = Tracing(exporter)
    view = None
    store = _watching(tmp_path, tracing)
    await _begin(store)
    view = store.read("one")
    began = time.process_time()
    for _ in range(2 * QUEUE // len(view.steps)):  # more than the queue holds
        tracing.replay(view)
    assert time.process_time() - began < 20
    began = time.monotonic()
    assert not tracing.close()
    assert time.monotonic() - began < 3
    assert exporter.calls <= 1
    assert [r.getMessage() for r in caplog.records if r.name.startswith("geoagent")] == [SAID]


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
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


async def test_a_collector_gets_the_spans_whatever_the_environment_says(
    tmp_path: Path, collector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, got = collector
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    monkeypatch.setenv("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "otel,process")
    store = CaseStore(Settings(home=tmp_path, otel_endpoint=address))
    await _begin(store)
    assert tracing_for(Settings(home=tmp_path, otel_endpoint=address)).close()
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


async def test_a_case_is_sent_from_its_trace_by_the_command_line(
    tmp_path: Path, collector: Any
) -> None:
    address, got = collector
    store = CaseStore(Settings(home=tmp_path))
    await _begin(store)
    command = [sys.executable, "-m", "geoagent_graph.cli", "export", "one", "--home", tmp_path]

    def run(endpoint: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "--otel", endpoint], capture_output=True, text=True, cwd=ROOT
        )

    done = await asyncio.to_thread(run, address)
    assert done.returncode == 0, done.stderr
    ((_, request),) = got
    names = [span.name for span in request.resource_spans[0].scope_spans[0].spans]
    assert [name for name in names if name in {"observe", "answer"}] == ["observe", "answer"]
    dead = await asyncio.to_thread(run, "http://127.0.0.1:1")
    assert dead.returncode == 1
    assert "the collector did not take the spans" in dead.stderr


def test_without_an_endpoint_nothing_is_loaded_or_sent(tmp_path: Path) -> None:
    code = (
        "import sys, asyncio\n"
        "from pathlib import Path\n"
        "from geoagent_graph.cases.store import CaseStore\n"
        "from geoagent_graph.settings import load_settings\n"
        "assert CaseStore(load_settings())._tracing is None\n"
        "print([n for n in sys.modules if n.startswith('opentelemetry.sdk')])"
    )
    environment = {
        **os.environ,
        "GEOAGENT_HOME": str(tmp_path),
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1:9",
        "OTEL_TRACES_EXPORTER": "otlp",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_a_dead_endpoint_costs_a_command_no_time_and_one_line(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(photo_bytes())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "-m", "geoagent_graph.cli", "investigate", photo, "--json"]
        done = subprocess.run(
            [*command, "--quiet", "--case", "dead", "--home", tmp_path],
            capture_output=True,
            text=True,
            env={**os.environ, "GEOAGENT_OTEL_ENDPOINT": endpoint},
            cwd=ROOT,
        )
    assert json.loads(done.stdout)["status"] == "answered"
    lines = [line for line in done.stderr.splitlines() if "OpenTelemetry" in line]
    assert len(lines) <= 1
    assert "Traceback" not in done.stderr
    assert "Transient" not in done.stderr


async def test_a_dead_endpoint_is_said_once_and_not_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        tracing = open_tracing(endpoint)
        store = _watching(tmp_path, tracing)
        with caplog.at_level(logging.DEBUG):
            await _begin(store)
            view = store.read("one")
            assert await asyncio.to_thread(tracing._trouble.wait, 20)
            for _ in range(300):
                tracing.replay(view)
            began = time.monotonic()
            assert not tracing.close()
            assert time.monotonic() - began < 1
            await asyncio.sleep(1.5)  # the worker gives up its last try
    ours = [r for r in caplog.records if r.name.startswith(("geoagent", "opentelemetry"))]
    assert [r.getMessage() for r in ours if r.levelno >= logging.WARNING] == [SAID]


@pytest.mark.parametrize(
    "endpoint", ["", "127.0.0.1:4318", "ftp://x", "file:///etc/passwd", "http://", "http://x:0"]
)
def test_an_endpoint_that_is_none_is_refused(tmp_path: Path, endpoint: str) -> None:
    with pytest.raises(InputError, match="GEOAGENT_OTEL_ENDPOINT"):
        CaseStore(Settings(home=tmp_path, otel_endpoint=endpoint))


def test_a_bare_host_gets_the_path_of_the_protocol() -> None:
    assert traces_url("http://h:4318") == "http://h:4318/v1/traces"
    assert traces_url("http://h:4318/") == "http://h:4318/v1/traces"
    assert traces_url("https://h/otlp/v1/traces") == "https://h/otlp/v1/traces"


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk'] = None\n"
        "sys.modules['opentelemetry.exporter'] = None\n"
        "from geoagent_graph.cli.app import main; main(['cases'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "GEOAGENT_OTEL_ENDPOINT": "http://127.0.0.1:1"},
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert "pip install 'geoagent-graph[otel]'" in done.stderr
