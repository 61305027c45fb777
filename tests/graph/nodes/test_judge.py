"""Prior times likelihood ratio, and what a verdict changes or may not change."""

import math
from typing import Any

import pytest

from geoagent_graph.errors import PolicyError
from geoagent_graph.nodes.judge import judge, posterior, route, settle
from geoagent_graph.protocols import MAX_ATTEMPTS_PER_LEVEL
from geoagent_graph.state import AgentState, dump
from geoagent_graph.testing import AFRICA, EUROPE, PORTUGAL, SPAIN, ScriptedPolicy
from geoagent_graph.types import Evidence, Verdict
from tests.support.node_runs import hypothesis, node_runtime, run_state

CONTINENTS = [hypothesis(EUROPE, 0.6), hypothesis(AFRICA, 0.2)]


def evidence(log_lr: float, *clue_ids: str) -> Evidence:
    """Return one line of evidence."""
    return Evidence(place_id="p", source="s", log_lr=log_lr, clue_ids=clue_ids, reason="r")


async def judged(verdict: Verdict, **changes: Any) -> AgentState:
    """Return the update for a scripted verdict on the continents."""
    hypotheses = [dump(candidate) for candidate in CONTINENTS]
    state = run_state(**{"hypotheses": hypotheses, **changes})
    policy = ScriptedPolicy.towards_lisbon(verdicts=[verdict])
    return await judge(state, node_runtime(policy=policy))


def test_the_posterior_is_prior_times_ratio() -> None:
    ratios = {EUROPE.id: (evidence(math.log(0.5), "a"),), AFRICA.id: (evidence(math.log(2)),) * 2}
    africa, europe = posterior(tuple(CONTINENTS), ratios)
    # 0.2 * 2 * 2 and 0.6 * 0.5 sum to 1.1 and are scaled to 1
    assert (africa.probability, europe.probability) == pytest.approx((0.8 / 1.1, 0.3 / 1.1))
    assert (europe.clues, europe.prior) == (("a",), 0.6)


def test_what_is_missing_stays_somewhere_else() -> None:
    found = posterior(tuple(CONTINENTS), {})
    assert [candidate.probability for candidate in found] == [0.6, 0.2]


def test_endless_ratios_are_bounded() -> None:
    found = posterior(tuple(CONTINENTS), {EUROPE.id: (evidence(-800.0),) * 3})
    assert found[-1].probability == pytest.approx(0.6 * math.exp(-60))
    surest, _ = posterior(tuple(CONTINENTS), {EUROPE.id: (evidence(800.0),) * 3})
    assert surest.probability == pytest.approx(1.0)


async def test_only_scores_of_this_round_count() -> None:
    old, new = (
        {"round": number, "place_id": AFRICA.id, "evidence": [dump(evidence(log_lr))]}
        for number, log_lr in ((1, 5.0), (2, -1.0))
    )
    verdict = Verdict(decision="stop", reason="enough")
    update = await judged(verdict, round=2, scores=[new, old])
    assert update["hypotheses"][1]["probability"] == pytest.approx(0.2 * math.exp(-1))


async def test_a_place_that_was_not_proposed_cannot_be_accepted() -> None:
    with pytest.raises(PolicyError, match="'country:PT', which is not among its candidates"):
        await judged(Verdict(decision="accept", place_id=PORTUGAL.id, reason="r"))


@pytest.mark.parametrize(
    ("decision", "changes", "problem"),
    [
        (
            "retry",
            {"attempt": MAX_ATTEMPTS_PER_LEVEL - 1},
            "3 attempts at the continent brought no decision",
        ),
        ("back", {}, "there is no earlier decision to take back"),
        (
            "back",
            {"accepted": [dump(hypothesis(EUROPE, 0.9))], "pinned": [EUROPE.id]},
            "the evidence speaks against Europe, which a person has set",
        ),
    ],
)
async def test_what_cannot_be_done_stops_and_says_why(
    decision: Any, changes: dict[str, Any], problem: str
) -> None:
    update = await judged(Verdict(decision=decision, reason="hm"), **changes)
    assert update["verdict"]["decision"] == "stop"
    assert update["verdict"]["reason"] == f"hm; {problem}"
    assert update["warnings"] == [problem]


@pytest.mark.parametrize(
    ("ask", "probability", "asks"),
    [("never", 0.1, False), ("always", 0.95, True), ("unsure", 0.8, False), ("unsure", 0.7, True)],
)
async def test_when_a_person_is_asked(ask: str, probability: float, asks: bool) -> None:
    candidates = [dump(hypothesis(EUROPE, probability))]
    verdict = Verdict(decision="accept", place_id=EUROPE.id, reason="a sign")
    update = await judged(verdict, hypotheses=candidates, options={"ask": ask})
    assert (update["question"] is not None) is asks
    assert ("accepted" in update) is not asks
    if asks and update["question"]:
        assert update["question"]["text"] == (
            "continent: the policy says accept Europe: a sign. Do you agree?"
        )


@pytest.mark.parametrize(
    ("decision", "accepted", "budget", "where"),
    [
        ("accept", 1, 40, "propose"),
        ("accept", 3, 40, "answer"),
        ("stop", 1, 40, "answer"),
        ("retry", 1, 5, "propose"),
        ("retry", 1, 4, "answer"),
    ],
)
def test_where_a_verdict_leads(decision: str, accepted: int, budget: int, where: str) -> None:
    state = run_state(
        verdict={"decision": decision},
        accepted=[dump(hypothesis(EUROPE, 0.9))] * accepted,
        options={"budget": budget},
    )
    assert route(state) == where
    assert route(run_state(verdict={"decision": decision}, question={"text": "?"})) == "ask"


def test_going_back_excludes_the_place_and_forgets_its_levels() -> None:
    state = run_state(
        level="country",
        accepted=[dump(hypothesis(EUROPE, 0.9))],
        levels={"continent": [dump(hypothesis(EUROPE, 0.9))]},
        attempt=2,
    )
    verdict = Verdict(decision="back", reason="nothing fits")
    update = settle(verdict, state, [hypothesis(SPAIN, 0.1)])
    assert (update["accepted"], update["level"], update["attempt"]) == ([], "continent", 0)
    assert update["levels"] == {}
    assert [item["place"]["id"] for item in update["excluded"]] == [EUROPE.id]
