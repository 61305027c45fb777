"""The spans of one run, made from its trace events alone: run, step, tool or model call.

Attributes follow OpenInference, so that viewers for language models read them; what is ours begins
with `geoagent.`. By default no content leaves: inputs and outputs are SHA-256 digests, and a step
carries the hash of its line in the trace. With `content` they are the words of the trace; pixels
never are.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from geoagent_graph.cases.events import CaseOpened, Environment, StepTaken, TraceEvent, canonical
from geoagent_graph.types import Step, ToolCall

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer
    from opentelemetry.util.types import AttributeValue

Attributes = dict[str, "AttributeValue"]
RETRIEVERS = frozenset({"retriever"})
KIND = "openinference.span.kind"
SESSION = "session.id"


class RunSpans:
    """The spans of one run of a branch: feed it the events, then `end` it.

    Every run is a trace of its own, also one that goes on with a case; `session.id` joins them.
    """

    def __init__(
        self,
        tracer: "Tracer",
        opened: CaseOpened,
        began_ns: int,
        *,
        content: bool = False,
        environment: Environment | None = None,
    ) -> None:
        """Begin the run's span.

        Args:
            tracer: makes the spans.
            opened: the first event of the branch's trace.
            began_ns: when the run began, nanoseconds since 1970.
            content: whether words of the trace may leave, not only digests.
            environment: what the run is made with; None takes that of `opened`.
        """
        from opentelemetry.context import Context

        self._tracer = tracer
        self._content = content
        self._environment = environment or opened.environment
        self._session = f"{opened.case}/{opened.branch}"
        self._last_ns = began_ns
        self.root = tracer.start_span(
            "geoagent.run",
            Context(),  # of its own, whatever span the caller is in
            start_time=began_ns,
            attributes={
                KIND: "CHAIN",
                SESSION: self._session,
                "input.value": opened.image.sha256,
                "input.mime_type": "text/plain",
                "geoagent.policy": self._environment.policy,
                "geoagent.options": canonical(opened.options.model_dump(mode="json")),
            },
        )

    def add_event(self, event: TraceEvent) -> None:
        """Add what an event says."""
        time_ns = nanoseconds(event.time)
        self._last_ns = max(self._last_ns, time_ns)
        match event.event:
            case "step":
                self._add_step(event, time_ns)
            case "environment":
                self._environment = event.environment
                self.root.add_event("environment", timestamp=time_ns)
            case "human":
                attributes: Attributes = {"geoagent.human.action": event.input.action}
                if self._content:
                    attributes["geoagent.human.text"] = event.input.text
                self.root.add_event("human", attributes, time_ns)
            case "question":
                self.root.add_event("question", {"geoagent.level": event.question.level}, time_ns)
            case "failure":
                self.root.add_event("failure", {"error.type": event.error}, time_ns)
            case "answer":
                answer = event.answer
                dumped = canonical(answer.model_dump(mode="json"))
                self.root.set_attribute(
                    "output.value", dumped if self._content else _text_digest(dumped)
                )
                self.root.set_attribute("geoagent.answer.level", answer.level)
                self.root.set_attribute("geoagent.answer.probability", answer.probability)

    def end(self, error: BaseException | None = None, ended_ns: int | None = None) -> None:
        """End the run's span; `error` is what ended the run, None where it went well."""
        from opentelemetry.trace import Status, StatusCode

        if isinstance(error, Exception):
            words = f"{type(error).__name__}: {error}" if self._content else type(error).__name__
            self.root.set_attribute("error.type", type(error).__name__)
            self.root.set_status(Status(StatusCode.ERROR, words))
        elif error is None:
            self.root.set_status(Status(StatusCode.OK))
        self.root.end(max(self._last_ns, ended_ns or 0))

    def _add_step(self, event: StepTaken, ended_ns: int) -> None:
        from opentelemetry.trace import set_span_in_context

        step = event.step
        began_ns = ended_ns - _to_nanoseconds(step.seconds)
        attributes: Attributes = {
            KIND: "CHAIN",
            SESSION: self._session,
            "output.value": step.summary if self._content else _text_digest(canonical(step.detail)),
            "geoagent.step": step.index,
            "geoagent.node": step.node,
            "geoagent.trace.hash": event.hash,
        }
        if step.level is not None:
            attributes["geoagent.level"] = step.level
        parent = set_span_in_context(self.root)
        span = self._tracer.start_span(
            step.node, parent, start_time=began_ns, attributes=attributes
        )
        for call, call_ns in _calls_with_start(step, began_ns):
            self._add_call(call, span, call_ns)
        span.end(ended_ns)

    def _add_call(self, call: ToolCall, step: "Span", began_ns: int) -> None:
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        span = self._tracer.start_span(
            call.tool,
            set_span_in_context(step),
            start_time=began_ns,
            attributes={SESSION: self._session, **self._call_attributes(call)},
        )
        if call.error is not None:
            span.set_status(Status(StatusCode.ERROR, call.error if self._content else "failed"))
        span.end(began_ns + _to_nanoseconds(call.seconds))

    def _call_attributes(self, call: ToolCall) -> Attributes:
        arguments = canonical(call.arguments)
        result = call.result if self._content else call.result_sha256 or _text_digest(call.result)
        attributes: Attributes = {
            KIND: "RETRIEVER" if call.tool in RETRIEVERS else "TOOL",
            "tool.name": call.tool,
            "input.value": arguments if self._content else _text_digest(arguments),
            "output.value": result,
        }
        if call.usage is None:
            return attributes
        counts = call.usage
        model = call.arguments.get("model", self._environment.model)
        return {
            **attributes,
            KIND: "LLM",
            "llm.model_name": str(model or "unknown"),
            "llm.token_count.prompt": counts.prompt_tokens,
            "llm.token_count.completion": counts.completion_tokens,
            "llm.token_count.total": counts.prompt_tokens + counts.completion_tokens,
        }


def nanoseconds(time: str) -> int:
    """Return a time of a trace as nanoseconds since 1970."""
    whole = datetime.fromisoformat(time)
    return int(whole.timestamp()) * 1_000_000_000 + whole.microsecond * 1000


def _calls_with_start(step: Step, began_ns: int) -> Iterator[tuple[ToolCall, int]]:
    """Yield the calls with when they began: a trace keeps how long they took, not when.

    One after another; calls that took longer together than the step ran side by side.
    """
    side_by_side = sum(call.seconds for call in step.tools) > step.seconds
    at_ns = began_ns
    for call in step.tools:
        yield call, at_ns
        if not side_by_side:
            at_ns += _to_nanoseconds(call.seconds)


def _to_nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)


def _text_digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
