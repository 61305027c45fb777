"""Exclusion of a place by a person: the run goes back to that place's level.

Everything that was weighed is then given that the person is right: what the excluded place held is
shared by what is left, in its proportions.
"""

import math
from collections.abc import Sequence

from geoagent_graph.state import AgentState, dump, load
from geoagent_graph.types import (
    LEVELS,
    PERSON_PREFIX,
    Exclusion,
    Hypothesis,
    Json,
    Level,
    Place,
    Verdict,
)

_ALL = 1.0 - 1e-6  # who excludes the only possibility leaves nothing to share its probability


def exclude_place(state: AgentState, rejected: Hypothesis, reason: str) -> AgentState:
    """Return the update that excludes a place and has its level proposed again.

    What was accepted at that level and below is given up; what is above it stays, less likely by
    what the excluded place held of it.
    """
    depth = LEVELS.index(rejected.level)
    exclusion = Exclusion(
        place=rejected.place,
        probability=rejected.probability,
        reason=f"{PERSON_PREFIX}{reason}",
        step=len(state["steps"]),
        by="person",
    )
    above = load(Hypothesis, state["accepted"][:depth])
    kept = {k: v for k, v in state["levels"].items() if LEVELS.index(k) < depth}
    accepted, levels = _condition_on_wrong_place(rejected, above, kept)
    return AgentState(
        accepted=[dump(hypothesis) for hypothesis in accepted],
        levels=levels,
        excluded=[*state["excluded"], dump(exclusion)],
        level=rejected.level,
        attempt=0,
        verdict=dump(Verdict(decision="retry", reason=exclusion.reason)),
        question=None,
        counted_from=len(state["steps"]),
        done=False,
    )


def condition_on_exclusions(
    candidates: list[Hypothesis], excluded: Sequence[Exclusion], level: Level, within: Place | None
) -> list[Hypothesis]:
    """Return the candidates of a level with their probabilities given what people excluded there.

    A list whose sum shows that it leaves no room for the excluded places is given them already.
    """
    left = math.prod(
        1.0 - exclusion.probability
        for exclusion in excluded
        if exclusion.by == "person"
        and exclusion.place.level == level
        and _lies_in(exclusion.place, within)
    )
    total = math.fsum(candidate.probability for candidate in candidates)
    if left >= 1.0 or left <= 1.0 - _ALL or total > left * 1.001:
        return candidates
    return [_with_probability(c, c.probability / left) for c in candidates]


def _condition_on_wrong_place(
    rejected: Hypothesis, above: Sequence[Hypothesis], levels: dict[Level, list[Json]]
) -> tuple[list[Hypothesis], dict[Level, list[Json]]]:
    """Return the accepted places and candidates above a level, given one of its places is wrong."""
    held = rejected.probability * math.prod(hypothesis.probability for hypothesis in above)
    if held >= _ALL:
        return list(above), levels
    accepted, changed = [], dict(levels)
    before = after = 1.0  # the probability over the world of what is accepted above
    for hypothesis in above:
        overall = before * hypothesis.probability
        remaining = max(0.0, overall - held) / (1.0 - held)
        inside = remaining / after if after > 0.0 else 0.0
        accepted.append(_with_probability(hypothesis, inside))
        share = before / (after * (1.0 - held)) if after > 0.0 else 0.0
        changed[hypothesis.level] = [
            dump(
                _with_probability(
                    other,
                    inside if other.place.id == hypothesis.place.id else other.probability * share,
                )
            )
            for other in load(Hypothesis, levels.get(hypothesis.level, []))
        ]
        before, after = overall, remaining
    return accepted, changed


def _with_probability(hypothesis: Hypothesis, probability: float) -> Hypothesis:
    return hypothesis.model_copy(update={"probability": min(1.0, max(0.0, probability))})


def _lies_in(place: Place, within: Place | None) -> bool:
    if within is None:
        return True
    if within.level == "continent":
        return place.continent_code == within.continent_code
    return place.country_code == within.country_code
