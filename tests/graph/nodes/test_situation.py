"""What nodes and policies read out of the state of a run."""

from geoagent_graph.nodes.situation import (
    exclusions_of,
    options_of,
    photo_of,
    situation_of,
    steps_left,
    within_of,
)
from geoagent_graph.state import AgentState, dump
from geoagent_graph.testing import EUROPE, PORTUGAL, SPAIN, MemoryImages
from geoagent_graph.types import Exclusion
from tests.support.node_runs import IMAGE, hypothesis, run_state, text_line

SPAIN_OUT = Exclusion(place=SPAIN, probability=0.1, reason="no", step=1)


def test_a_persons_reply_renews_the_budget() -> None:
    state = run_state(options={"budget": 10}, steps=[{}] * 7)
    assert steps_left(state) == 3
    assert steps_left(run_state(options={"budget": 10}, steps=[{}] * 7, counted_from=5)) == 8
    assert steps_left(AgentState()) == options_of(AgentState()).budget == 40


def test_the_last_accepted_place_is_divided() -> None:
    accepted = [dump(hypothesis(EUROPE, 0.9)), dump(hypothesis(PORTUGAL, 0.9))]
    assert within_of(run_state(accepted=accepted)) == PORTUGAL
    assert within_of(run_state()) is None


def test_exclusions_and_a_circle_rule_out() -> None:
    circle = {"kind": "map_region", "lat_deg": 1.0, "lon_deg": 2.0, "radius_km": 30.0}
    ruled_out = exclusions_of(run_state(excluded=[dump(SPAIN_OUT)], region=circle))
    assert ruled_out.places == (SPAIN,)
    assert ruled_out.circle is not None
    assert ruled_out.circle.radius_km == 30.0
    assert not exclusions_of(run_state())


def test_a_policy_sees_the_photo_and_the_clues() -> None:
    images = MemoryImages()
    line = text_line("Rua")
    state = run_state(level="country", clues=[dump(line)], excluded=[dump(SPAIN_OUT)], attempt=2)
    situation = situation_of(state, images)
    assert (situation.level, situation.clues, situation.attempt) == ("country", (line,), 2)
    assert situation.excluded == {SPAIN.id}
    assert situation.photo.pixels().shape == (48, 64, 3)
    assert photo_of(state, images).image == IMAGE
