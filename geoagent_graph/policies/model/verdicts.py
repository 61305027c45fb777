"""Verdicts of a model over lettered candidates: which may be given, and which was."""

from collections.abc import Sequence
from typing import cast

from pydantic import JsonValue

from geoagent_graph.policies.model.replies import ReplyError, read_object
from geoagent_graph.protocols import MAX_ATTEMPTS_PER_LEVEL, Situation
from geoagent_graph.types import Decision, Hypothesis, Verdict


def decisions_in(situation: Situation) -> list[Decision]:
    """Return the decisions that can be taken where the run stands."""
    decisions: list[Decision] = ["accept", "stop"]
    if situation.within is not None:
        decisions.insert(1, "back")
        if situation.attempt + 1 < MAX_ATTEMPTS_PER_LEVEL:
            decisions.insert(1, "retry")
    return decisions


def read_verdict(
    text: str, offered: Sequence[tuple[str, Hypothesis]], decisions: Sequence[Decision]
) -> Verdict:
    """Return the verdict of a reply over lettered candidates.

    Raises:
        ReplyError: the decision or the letter is none of those offered.
    """
    fields = read_object(text)
    decision = fields.get("decision")
    if decision not in decisions:
        raise ReplyError(f"`decision` must be one of: {', '.join(decisions)}")
    thought = _one_line(fields.get("thought"))
    reason = f"the model decides: {thought}" if thought else "the model decides so"
    if decision != "accept":
        return Verdict(decision=cast("Decision", decision), reason=reason)
    chosen = dict(offered).get(str(fields.get("letter", "")).strip())
    if chosen is None:
        raise ReplyError(f"`letter` must be one of: {', '.join(letter for letter, _ in offered)}")
    return Verdict(decision="accept", place_id=chosen.place.id, reason=reason)


def _one_line(thought: JsonValue) -> str:
    """Return a thought, one text or several sentences, as one line."""
    parts = thought if isinstance(thought, list) else [thought or ""]
    return " ".join(" ".join(str(part) for part in parts)[:300].split())
