"""Errors that a model server reports inside a reply of status 200, in its body or in an event."""

from typing import Final

from geoagent_graph.policies.backends.openai.bodies import (
    EVENT_STREAM as EVENT_STREAM,
)
from geoagent_graph.policies.backends.openai.bodies import (
    is_stream,
    read_events,
    read_json_bytes,
)
from geoagent_graph.policies.backends.openai.error_reports import Report, report_in
from geoagent_graph.policies.backends.openai.faults import Fault, one_line, status_fault
from geoagent_graph.policies.backends.openai.pauses import pause_in_words

_LASTING: Final = (
    "invalid", "auth", "permission", "not_found", "unsupported", "context_length", "quota",
    "billing",
)  # fmt: skip
_BAD_REQUEST: Final = 400


def reported_fault(body: bytes, media_type: str, secret: str) -> Fault | None:
    """Return the error that a reply reports as a fault; None where it reports none.

    Servers write `{"error": {"message", "type", "code"}}`, `{"error": "..."}`,
    `{"object": "error", "message": ...}`, `{"detail": ...}`, `{"errors": [...]}`, a list of these,
    the first of them in a choice, and each of them as an event of a stream. `secret` never stands
    in the fault's text.
    """
    value = read_json_bytes(body)
    streamed = value is None and is_stream(body, media_type)
    bodies = read_events(body) if streamed else iter([value])
    found = (report_in(content, in_event=streamed) for content in bodies)
    reports = (report for report in found if report is not None)
    report = next(reports, None)
    return None if report is None else _fault_of_report(report, secret)


def _fault_of_report(report: Report, secret: str) -> Fault:
    said = one_line(report.message, secret)
    pause = pause_in_words(report.message)
    if report.status is not None:
        return status_fault(report.status, said, pause, param=report.param, kinds=report.kinds)
    lasts = any(word in kind.casefold() for kind in report.kinds for word in _LASTING)
    limited = any("rate" in kind.casefold() or "429" in kind for kind in report.kinds)
    return Fault(
        f"it reports an error ({said})",
        retry=not lasts,
        wait_seconds=pause,
        status=_BAD_REQUEST if lasts else None,
        param=report.param,
        limited=limited and not lasts,
    )
