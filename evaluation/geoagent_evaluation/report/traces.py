"""The traces of a run: `traces/ID.json` beside the score, where the run kept them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_evaluation.contract.run_folder import trace_file
from geoagent_evaluation.report.plain_values import number_or_none, objects_of, text_or_empty

MAX_TRACE_BYTES = 5_000_000
MAX_STEPS = 40
MAX_CANDIDATES = 5
MAX_WARNINGS = 20


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a trace: which node ran at which level, and what it says it did."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TraceCandidate:
    """A place that was weighed: its level, its probability and what spoke for or against it."""

    level: str
    place: str
    probability: float | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run kept of one photo."""

    warnings: tuple[str, ...]
    candidates: tuple[TraceCandidate, ...]
    steps: tuple[TraceStep, ...]


def read_trace(folder: Path, photo: str) -> Trace | None:
    """Return what the run in `folder` kept of a photo, None where it kept nothing readable."""
    path = trace_file(folder, photo)
    if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_TRACE_BYTES:
        return None
    try:
        document = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    warnings = document.get("warnings")
    listed = warnings if isinstance(warnings, list) else []
    return Trace(
        tuple(filter(None, map(text_or_empty, listed[:MAX_WARNINGS]))),
        tuple(_candidate_list(document.get("candidates"))),
        tuple(_step_item(step) for step in objects_of(document.get("steps"))[:MAX_STEPS]),
    )


def _candidate_list(levels: Any) -> list[TraceCandidate]:
    return [
        _candidate_item(str(level), one)
        for level, found in (levels.items() if isinstance(levels, dict) else ())
        for one in objects_of(found)[:MAX_CANDIDATES]
    ][: 4 * MAX_CANDIDATES]


def _candidate_item(level: str, one: dict[str, Any]) -> TraceCandidate:
    place = ", ".join(filter(None, (text_or_empty(one.get(key)) for key in ("place", "country"))))
    lines = objects_of(one.get("evidence"))
    probability = number_or_none(one.get("probability"))
    return TraceCandidate(level, place, probability, tuple(map(_evidence_line, lines[:8])))


def _evidence_line(line: dict[str, Any]) -> str:
    gain = number_or_none(line.get("log_lr"))
    reason = text_or_empty(line.get("reason"))
    weight = "" if gain is None else f"{gain:+.2f} nats ".replace("-", "−")
    return f"{weight}{text_or_empty(line.get('source'))}: {reason}"


def _step_item(step: dict[str, Any]) -> TraceStep:
    words = (text_or_empty(step.get(key)) for key in ("node", "level"))
    return TraceStep(" · ".join(filter(None, words)), text_or_empty(step.get("summary")))
