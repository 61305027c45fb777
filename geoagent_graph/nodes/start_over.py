"""A run begins again from the first level, with what a person has said since."""

from collections.abc import Sequence
from typing import Any, cast

from geoagent_graph.state import AgentState, dump, load, replacement_of_clues
from geoagent_graph.types import LEVELS, Clue, Exclusion, Hypothesis, Place, Verdict


def start_over(state: AgentState, clues: Sequence[Clue], warnings: Sequence[str]) -> AgentState:
    """Return the update with which a run judges all levels again, given these clues.

    What a person has set or excluded stays; what the policy accepted or gave up is judged anew.

    Args:
        state: where the run stands.
        clues: all that is observed now.
        warnings: what is said of how the photo was read.
    """
    pinned = set(state.get("pinned", []))
    accepted = load(Hypothesis, state["accepted"])
    set_by_person = [h.place for h in accepted if h.place.id in pinned]
    depth = 1 + max((LEVELS.index(place.level) for place in set_by_person), default=-1)
    excluded = [item for item in load(Exclusion, state["excluded"]) if item.by == "person"]
    is_all_set = depth == len(LEVELS)
    verdict = Verdict(decision="stop" if is_all_set else "retry", reason="a person adds to it")
    kept = [*warnings, *([set_warning(set_by_person)] if set_by_person else [])]
    return AgentState(
        clues=replacement_of_clues(clues),
        references=[],
        hypotheses=[],
        accepted=[dump(hypothesis) for hypothesis in accepted[:depth]],
        levels={k: v for k, v in state["levels"].items() if LEVELS.index(k) < depth},
        excluded=[dump(exclusion) for exclusion in excluded],
        level=LEVELS[min(depth, len(LEVELS) - 1)],
        attempt=0,
        verdict=dump(verdict),
        question=None,
        counted_from=len(state["steps"]) + 1,
        warnings=cast("list[Any]", {"__overwrite__": kept}),
        done=False,
    )


def set_warning(places: Sequence[Place]) -> str:
    """Return what an answer must say of places that a person has set."""
    names = ", ".join(f"{place.level}={place.name}" for place in places)
    return f"a person has set {names}: all probabilities are given that this is right"
