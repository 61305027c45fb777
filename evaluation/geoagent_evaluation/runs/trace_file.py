"""How an answer came about, as a small file that a report shows: `traces/ID.json`."""

from typing import Any

from geoagent_graph.types import Answer, Clue, Evidence, Hypothesis, Step

MAX_CLUES = 60
MAX_CANDIDATES = 5
MAX_EVIDENCE = 8
MAX_STEPS = 40
MAX_TOOLS = 10
MAX_WARNINGS = 20
MAX_TEXT_CHARS = 300
"""At most about 200 kB a photo; most have less than 10."""


def trace_of(name: str, answer: Answer) -> dict[str, Any]:
    """Return the claim, the clues, the candidates with their evidence, and the steps, bounded."""
    return {
        "id": name,
        "photo": _cut(answer.image.name),
        "sha256": answer.image.sha256,
        "policy": answer.policy,
        "level": answer.level,
        "probability": answer.probability,
        "place": answer.place.model_dump(mode="json", exclude_none=True),
        "lat_deg": answer.lat_deg,
        "lon_deg": answer.lon_deg,
        "radius_km": answer.radius_km,
        "warnings": [_cut(text) for text in answer.warnings[:MAX_WARNINGS]],
        "clues": [_clue(clue) for clue in answer.clues[:MAX_CLUES]],
        "candidates": {
            level: [_candidate(one) for one in found[:MAX_CANDIDATES]]
            for level, found in answer.levels.items()
        },
        "steps": [_step(step) for step in answer.trace[:MAX_STEPS]],
    }


def _clue(clue: Clue) -> dict[str, Any]:
    return {"kind": clue.kind, "text": _cut(clue.text), "source": _cut(clue.source)}


def _candidate(hypothesis: Hypothesis) -> dict[str, Any]:
    return {
        "place": hypothesis.place.name,
        "country": hypothesis.place.country_code,
        "prior": hypothesis.prior,
        "probability": hypothesis.probability,
        "evidence": [_evidence(line) for line in hypothesis.evidence[:MAX_EVIDENCE]],
    }


def _evidence(line: Evidence) -> dict[str, Any]:
    return {"source": line.source, "log_lr": round(line.log_lr, 3), "reason": _cut(line.reason)}


def _step(step: Step) -> dict[str, Any]:
    return {
        "node": step.node,
        "level": step.level,
        "summary": _cut(step.summary),
        "seconds": round(step.seconds, 4),
        "tools": [
            {"tool": call.tool, "result": _cut(call.result), "error": _cut(call.error or "")}
            for call in step.tools[:MAX_TOOLS]
        ],
    }


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT_CHARS else text[:MAX_TEXT_CHARS] + "…"
