"""Errors that a model server reports inside a reply of status 200, in its body or in an event."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic_core import from_json

from geoagent_graph.policies.backends.openai.faults import Fault, one_line, status_fault

EVENT_STREAM: Final = "text/event-stream"
_LASTING: Final = ("invalid", "auth", "permission", "not_found", "unsupported", "context_length")
_BAD_REQUEST: Final = 400


def reported_fault(body: bytes, media_type: str, secret: str) -> Fault | None:
    """Return the error that a reply reports as a fault; None where it reports none.

    Servers write `{"error": {"message", "type", "code"}}`, `{"error": "..."}`,
    `{"object": "error", "message": ...}`, the first of these in a choice, and each of them as an
    event of a stream. `secret` never stands in the fault's text.
    """
    if b"error" not in body:
        return None
    bodies = _events_of(body) if media_type == EVENT_STREAM else iter([_json_of(body)])
    reports = (report for content in bodies if (report := _report_in(content)) is not None)
    report = next(reports, None)
    return None if report is None else _fault_of_report(report, secret)


def _json_of(text: bytes | str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:  # what is no JSON is refused by whoever needs it
        return None


def _events_of(body: bytes) -> Iterator[Any]:
    """Yield what the events of a stream hold; one called `error` is given as an error."""
    name = ""
    for line in body.decode("utf-8", "replace").splitlines():
        field, _, value = line.partition(":")
        if not line:
            name = ""
        elif field == "event":
            name = value.strip()
        elif field == "data":
            content = _json_of(value.strip())
            yield {"error": content or value.strip()} if name == "error" else content


def _report_in(content: Any) -> dict[str, Any] | str | None:
    """Return the error in a body, unfolded: its object or its text."""
    if not isinstance(content, dict):
        return None
    if content.get("object") == "error":
        return content
    choices = content.get("choices")
    holders = [content, *(choices if isinstance(choices, list) else [])]
    for holder in holders:
        report = holder.get("error") if isinstance(holder, dict) else None
        if isinstance(report, dict) and "error" in report:  # an error event around an error
            report = report["error"]
        if report and isinstance(report, dict | str):
            return report
    return None


def _fault_of_report(report: dict[str, Any] | str, secret: str) -> Fault:
    if isinstance(report, str):
        return Fault(f"it reports an error ({one_line(report, secret)})", retry=True)
    kinds = [str(report[key]) for key in ("type", "code") if report.get(key)]
    message = report.get("message") or report.get("detail") or ", ".join(kinds) or "without words"
    said = one_line(str(message), secret)
    status = _status_in(report)
    if status is not None:
        return status_fault(status, said)
    lasts = any(word in kind.casefold() for kind in kinds for word in _LASTING)
    return Fault(
        f"it reports an error ({said})", retry=not lasts, status=_BAD_REQUEST if lasts else None
    )


def _status_in(report: dict[str, Any]) -> int | None:
    """Return the HTTP status that an error names as its code or status."""
    for key in ("code", "status", "status_code"):
        value = str(report.get(key, ""))
        if value.isdecimal() and 400 <= int(value[:4]) < 600:
            return int(value)
    return None
