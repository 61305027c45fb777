"""The calls a node makes: the node opens the log, tools and policies write into it.

The log travels in a context variable, so that a policy that asks a model or uses a tool of its own
can say so without the graph's nodes knowing any policy. Each node runs in its own task and context,
so that concurrent runs never share a log.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Final

from geoagent_graph.types import ToolCall, Usage

_LOG: Final[ContextVar[list[ToolCall] | None]] = ContextVar("geoagent_call_log", default=None)
_NOTES: Final[ContextVar[list[str] | None]] = ContextVar("geoagent_call_notes", default=None)


def open_call_log() -> list[ToolCall]:
    """Return a new log that `log_call` writes into from here on, in this task and its children."""
    calls: list[ToolCall] = []
    _LOG.set(calls)
    return calls


def open_notes() -> list[str]:
    """Return a new list that `log_note` writes into from here on, in this task and its children."""
    notes: list[str] = []
    _NOTES.set(notes)
    return notes


def log_note(note: str) -> None:
    """Add what a reader of the answer must know, once; outside of a node nothing is kept."""
    notes = _NOTES.get()
    if notes is not None and note not in notes:
        notes.append(note)


def log_call(call: ToolCall) -> None:
    """Add a call to the log of the node that runs; outside of a node nothing is kept."""
    calls = _LOG.get()
    if calls is not None:
        calls.append(call)


def total_usage(calls: Iterable[ToolCall]) -> Usage:
    """Return the sum of what language models were asked for."""
    used = [call.usage for call in calls if call.usage is not None]
    return Usage(
        calls=sum(usage.calls for usage in used),
        prompt_tokens=sum(usage.prompt_tokens for usage in used),
        completion_tokens=sum(usage.completion_tokens for usage in used),
        images=sum(usage.images for usage in used),
    )
