"""judge: prior and evidence combined; accept, retry, back or stop; or a question to a person."""

import math
from typing import Literal

from langgraph.runtime import Runtime

from geoagent_graph.errors import PolicyError
from geoagent_graph.nodes.exclusions import condition_on_exclusions, total_weight
from geoagent_graph.nodes.fallback import ask_policy, fallback_since
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import options_of, situation_of, steps_left, tools_of
from geoagent_graph.protocols import MAX_ATTEMPTS_PER_LEVEL
from geoagent_graph.questions import MAX_CANDIDATES, Question
from geoagent_graph.state import AgentState, dump, load, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import LEVELS, Evidence, Exclusion, Hypothesis, Json, Verdict

STEPS_OF_A_LEVEL = 4  # propose, retrieve, ground, judge
MIN_SURE_PROBABILITY = 0.8
"""`ask="unsure"` asks about every verdict but the acceptance of a place at least this likely."""


async def judge(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the posterior of every candidate and what the verdict on them changes."""
    require_current(state)
    level = state["level"]
    recorder = Recorder("judge", level)
    evidence = _evidence_of_round(state)
    candidates = posterior(load(Hypothesis, state["hypotheses"]), evidence)
    tools = tools_of(runtime)
    situation = situation_of(state, tools.images)
    candidates = condition_on_exclusions(candidates, state, evidence)
    since = fallback_since(state)
    if candidates:
        verdict, since = await ask_policy(
            lambda policy: policy.judge(situation, candidates), tools, recorder, state
        )
    else:
        verdict = Verdict(decision="stop", reason="no place comes into question at this level")
    verdict, warnings = _keep_bounds(verdict, state, candidates)
    dumped = [dump(candidate) for candidate in candidates]
    question = _question_about(verdict, state, candidates)
    update = AgentState() if question else settle(verdict, state, candidates)
    update["question"] = dump(question) if question else None
    update["hypotheses"] = dumped
    update["verdict"] = dump(verdict)
    update["fallback_since"] = dump(since) if since else None
    update["warnings"] = [*recorder.warnings, *warnings]
    update["steps"] = recorder.step(
        len(state["steps"]),
        f"{verdict.decision}: {verdict.reason}",
        hypotheses=dumped,
        verdict=dump(verdict),
    )
    return update


def route(state: AgentState) -> Literal["ask", "propose", "answer"]:
    """Return where to go after the verdict: to a person, another round, or the answer."""
    if state.get("question"):
        return "ask"
    decision = state["verdict"]["decision"]
    if decision == "stop" or (decision == "accept" and len(state["accepted"]) == len(LEVELS)):
        return "answer"
    return "propose" if steps_left(state) > STEPS_OF_A_LEVEL else "answer"


def posterior(
    hypotheses: tuple[Hypothesis, ...], evidence: dict[str, tuple[Evidence, ...]]
) -> list[Hypothesis]:
    """Return the hypotheses with prior times likelihood ratio, best first.

    The ratios are against the whole region, so with a prior of the same model the products are the
    posterior and what is missing from 1 is "somewhere else". With any other prior their sum may
    pass 1; they are then scaled to it.
    """
    weighted = []
    for hypothesis in hypotheses:
        found = evidence.get(hypothesis.place.id, ())
        weighted.append((hypothesis, found, total_weight(hypothesis.prior, found)))
    scale = max(1.0, math.fsum(weight for _, _, weight in weighted))
    updated = [
        hypothesis.model_copy(
            update={
                "probability": min(1.0, weight / scale),
                "evidence": found,
                "clues": tuple(dict.fromkeys(c for item in found for c in item.clue_ids)),
            }
        )
        for hypothesis, found, weight in weighted
    ]
    return sorted(updated, key=lambda hypothesis: -hypothesis.probability)


def _evidence_of_round(state: AgentState) -> dict[str, tuple[Evidence, ...]]:
    return {
        score["place_id"]: load(Evidence, score["evidence"])
        for score in state.get("scores", [])
        if score["round"] == state["round"]
    }


def _keep_bounds(
    verdict: Verdict, state: AgentState, candidates: list[Hypothesis]
) -> tuple[Verdict, list[str]]:
    """Turn what cannot be done into a stop that says why."""
    if verdict.decision == "accept" and verdict.place_id not in {c.place.id for c in candidates}:
        raise PolicyError(
            f"the policy accepted {verdict.place_id!r}, which is not among its candidates"
        )
    problem = None
    if verdict.decision == "retry" and state.get("attempt", 0) + 1 >= MAX_ATTEMPTS_PER_LEVEL:
        problem = f"{MAX_ATTEMPTS_PER_LEVEL} attempts at the {state['level']} brought no decision"
    elif verdict.decision == "back" and not state["accepted"]:
        problem = "there is no earlier decision to take back"
    elif verdict.decision == "back" and state["accepted"][-1]["place"]["id"] in state["pinned"]:
        name = state["accepted"][-1]["place"]["name"]
        problem = f"the evidence speaks against {name}, which a person has set"
    if problem:
        reason = f"{verdict.reason}; {problem}"
        return Verdict(decision="stop", reason=reason), [problem]
    goes_on = verdict.decision in ("retry", "back") or (
        verdict.decision == "accept" and len(state["accepted"]) + 1 < len(LEVELS)
    )
    if goes_on and steps_left(state) - 1 <= STEPS_OF_A_LEVEL:
        return verdict, ["the step budget ran out before the last level was decided"]
    return verdict, []


def _question_about(
    verdict: Verdict, state: AgentState, candidates: list[Hypothesis]
) -> Question | None:
    ask = options_of(state).ask
    named = next((c for c in candidates if c.place.id == verdict.place_id), None)
    accepts = verdict.decision == "accept" and named is not None
    if ask == "never" or (
        ask == "unsure" and accepts and named and named.probability >= MIN_SURE_PROBABILITY
    ):
        return None
    said = f"accept {named.place.name}" if accepts and named else verdict.decision
    return Question(
        level=state["level"],
        text=f"{state['level']}: the policy says {said}: {verdict.reason}. Do you agree?",
        verdict=verdict,
        candidates=tuple(candidates[:MAX_CANDIDATES]),
        accepted=load(Hypothesis, state["accepted"]),
    )


def settle(verdict: Verdict, state: AgentState, candidates: list[Hypothesis]) -> AgentState:
    """Return what a verdict on the candidates of the current level changes."""
    level = state["level"]
    levels = {**state["levels"], level: [dump(candidate) for candidate in candidates]}
    accepted = state["accepted"]
    if verdict.decision == "accept":
        chosen = next(c for c in candidates if c.place.id == verdict.place_id)
        following = LEVELS[min(len(accepted) + 1, len(LEVELS) - 1)]
        accepted = [*accepted, dump(chosen)]
        return AgentState(accepted=accepted, levels=levels, level=following, attempt=0)
    if verdict.decision == "back":
        rejected = Hypothesis.model_validate(accepted[-1])
        exclusion = Exclusion(
            place=rejected.place,
            probability=rejected.probability,
            reason=verdict.reason,
            step=len(state["steps"]),
        )
        excluded: list[Json] = [*state["excluded"], dump(exclusion)]
        redone = (rejected.level, level)
        kept = {key: value for key, value in state["levels"].items() if key not in redone}
        return AgentState(
            accepted=accepted[:-1], excluded=excluded, levels=kept, level=rejected.level, attempt=0
        )
    attempt = state.get("attempt", 0) + (verdict.decision == "retry")
    return AgentState(levels=levels, attempt=attempt)
