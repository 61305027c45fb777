"""A photo's trace, folded away: warnings, candidates with their evidence, the steps."""

from geoagent_evaluation.report.markup import Child, Element, bullet_list, element, untrusted
from geoagent_evaluation.report.safe_text import MAX_ID_CHARS
from geoagent_evaluation.report.traces import Trace, TraceCandidate, TraceStep

_MAX_TEXT_CHARS = 300


def trace_details(trace: Trace) -> Element | None:
    """Return what a reader can open under a case; None where the trace says nothing."""
    parts = [
        *_list_under_title("Warnings", bullet_list([_trace_text(text) for text in trace.warnings])),
        *_list_under_title(
            "Candidates", element("ul", {}, *map(_candidate_item, trace.candidates))
        ),
        *_list_under_title("Steps", element("ol", {}, *map(_step_item, trace.steps))),
    ]
    if not parts:
        return None
    summary = element("summary", {}, f"Trace: {len(trace.steps)} steps")
    return element("details", {"class": "trace"}, summary, *parts)


def _trace_text(text: str) -> Element:
    return untrusted(text, _MAX_TEXT_CHARS)


def _list_under_title(title: str, listed: Element) -> list[Child]:
    return [element("h4", {}, title), listed] if len(listed) else []


def _candidate_item(candidate: TraceCandidate) -> Element:
    share = "" if candidate.probability is None else f" {candidate.probability:.1%}"
    place = untrusted(candidate.place, MAX_ID_CHARS)
    evidence = bullet_list([_trace_text(line) for line in candidate.evidence])
    return element(
        "li", {}, untrusted(candidate.level, 40), ": ", place, share,
        evidence if len(evidence) else None,
    )  # fmt: skip


def _step_item(step: TraceStep) -> Element:
    return element(
        "li", {}, element("strong", {}, untrusted(step.name, 60)), " ", _trace_text(step.text)
    )
