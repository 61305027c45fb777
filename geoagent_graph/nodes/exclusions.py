"""Exclusion of a place by a person: the run goes back to that place's level.

Everything that was weighed is then given that the person is right: what the excluded place held is
shared by what is left, in its proportions.
"""

import math
from collections.abc import Mapping, Sequence

from geoagent_graph.state import AgentState, dump, load
from geoagent_graph.types import (
    LEVELS,
    PERSON_PREFIX,
    Evidence,
    Exclusion,
    Hypothesis,
    Json,
    Level,
    Place,
    Verdict,
)

MAX_LOG_LR = 60.0
_SMALLEST = 1e-300
_ALL = 1.0 - 1e-6  # who excludes the only possibility leaves nothing to share its probability


def exclude_place(state: AgentState, rejected: Hypothesis, reason: str) -> AgentState:
    """Return the update that excludes a place and has its level proposed again.

    What was accepted at that level and below is given up; what is above it stays, less likely by
    what the excluded place held of it.
    """
    depth = LEVELS.index(rejected.level)
    above = load(Hypothesis, state["accepted"][:depth])
    exclusion = Exclusion(
        place=rejected.place,
        probability=rejected.probability,
        prior=rejected.prior,
        world_prior=rejected.prior * math.prod(hypothesis.prior for hypothesis in above),
        reason=f"{PERSON_PREFIX}{reason}",
        step=len(state["steps"]),
        by="person",
    )
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


def weighable_exclusions(state: AgentState) -> list[Exclusion]:
    """Return what a person excluded inside the last accepted place and can be weighed anew.

    A place inside another one of them is left out: what it held went with that.
    """
    accepted = load(Hypothesis, state["accepted"])
    within = accepted[-1].place if accepted else None
    depth = LEVELS.index(state["level"])
    found = [
        item
        for item in load(Exclusion, state["excluded"])
        if item.by == "person"
        and item.prior is not None
        and LEVELS.index(item.place.level) >= depth
        and _lies_in(item.place, within)
    ]
    return [one for one in found if not any(_is_inside(one.place, other.place) for other in found)]


def condition_on_exclusions(
    candidates: list[Hypothesis],
    state: AgentState,
    evidence: Mapping[str, Sequence[Evidence]],
) -> list[Hypothesis]:
    """Return the candidates of a level, given that what people excluded is wrong.

    `evidence` is that of this round by place, also of the places of `weighable_exclusions`: what
    they hold now is taken from the candidates that they lie in, and shared by all in their
    proportions. An exclusion of an earlier version is weighed as it was when it was made. A list
    whose sum shows that it leaves no room for the excluded places is given them already.
    """
    level = state["level"]
    accepted = load(Hypothesis, state["accepted"])
    prior_within = max(math.prod(hypothesis.prior for hypothesis in accepted), _SMALLEST)
    beside, inside = 0.0, dict.fromkeys((c.place.id for c in candidates), 0.0)
    for item in weighable_exclusions(state):
        said = evidence.get(item.place.id, ())
        if item.place.level == level:
            beside += total_weight(item.prior or 0.0, said)
        else:
            held = total_weight((item.world_prior or 0.0) / prior_within, said)
            holder = next((c for c in candidates if _is_inside(item.place, c.place)), None)
            if holder is not None:
                found = inside[holder.place.id] + held
                inside[holder.place.id] = min(found, holder.probability)
    beside = max(beside, 1.0 - _left_of_earlier(state, accepted[-1].place if accepted else None))
    total = math.fsum(candidate.probability for candidate in candidates)
    if total > (1.0 - beside) * 1.001:
        beside = 0.0
    left = 1.0 - beside - math.fsum(inside.values())
    if left >= 1.0 or left <= 1.0 - _ALL:
        return candidates
    given = [_with_probability(c, (c.probability - inside[c.place.id]) / left) for c in candidates]
    return sorted(given, key=lambda candidate: -candidate.probability)


def total_weight(prior: float, evidence: Sequence[Evidence]) -> float:
    """Return a prior times the likelihood ratios of all that was said, at most `MAX_LOG_LR`."""
    total = math.fsum(item.log_lr for item in evidence)
    return prior * math.exp(max(-MAX_LOG_LR, min(MAX_LOG_LR, total)))


def _left_of_earlier(state: AgentState, within: Place | None) -> float:
    """Return what is left beside exclusions of this level that were stored without their prior."""
    return math.prod(
        1.0 - item.probability
        for item in load(Exclusion, state["excluded"])
        if item.by == "person"
        and item.prior is None
        and item.place.level == state["level"]
        and _lies_in(item.place, within)
    )


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


def _is_inside(place: Place, other: Place) -> bool:
    """Say whether a place lies in one of a wider level."""
    return LEVELS.index(place.level) > LEVELS.index(other.level) and _lies_in(place, other)


def _lies_in(place: Place, within: Place | None) -> bool:
    if within is None:
        return True
    if within.level == "continent":
        return place.continent_code == within.continent_code
    return place.country_code == within.country_code
