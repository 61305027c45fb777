"""Exclusion of a place by a person: the run goes back to that place's level."""

from geoagent_graph.state import AgentState, dump
from geoagent_graph.types import LEVELS, Exclusion, Hypothesis, Verdict


def take_back(state: AgentState, rejected: Hypothesis, reason: str) -> AgentState:
    """Return the update that excludes a place and has its level proposed again.

    What was accepted at that level and below is given up; what is above it stays.
    """
    depth = LEVELS.index(rejected.level)
    exclusion = Exclusion(
        place=rejected.place,
        probability=rejected.probability,
        reason=f"a person: {reason}",
        step=len(state["steps"]),
    )
    return AgentState(
        accepted=state["accepted"][:depth],
        levels={k: v for k, v in state["levels"].items() if LEVELS.index(k) < depth},
        excluded=[*state["excluded"], dump(exclusion)],
        level=rejected.level,
        attempt=0,
        verdict=dump(Verdict(decision="retry", reason=exclusion.reason)),
        question=None,
        counted_from=len(state["steps"]),
        done=False,
    )
