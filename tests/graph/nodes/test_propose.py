"""The candidates of a level: as many as can be looked at, inside what a person has drawn."""

from geoagent_graph.nodes.propose import MAX_CANDIDATES, propose
from geoagent_graph.state import dump
from geoagent_graph.testing import EUROPE, LISBON, PORTO, PORTUGAL, ScriptedPolicy
from tests.support.node_runs import hypothesis, node_runtime, run_state


async def test_candidates_are_proposed_inside_the_accepted_place() -> None:
    state = run_state(level="country", accepted=[dump(hypothesis(EUROPE, 0.9))], round=4)
    update = await propose(state, node_runtime())
    assert [item["place"]["name"] for item in update["hypotheses"]] == ["Portugal", "Spain"]
    assert update["round"] == 5
    assert update["steps"][0]["summary"] == "2 candidates in Europe: Portugal, Spain"


async def test_no_more_are_taken_than_can_be_looked_at() -> None:
    places = [
        PORTUGAL.model_copy(update={"id": f"country:{n}", "name": f"P{n}"}) for n in range(60)
    ]
    policy = ScriptedPolicy({"continent": [(place, 0.01) for place in places]})
    update = await propose(run_state(), node_runtime(policy=policy))
    assert len(update["hypotheses"]) == MAX_CANDIDATES
    assert update["steps"][0]["summary"] == (
        "40 candidates in the world: P0, P1, P2, P3, P4 and 35 more"
    )


async def test_a_drawn_circle_leaves_towns_out() -> None:
    around_porto = {"kind": "map_region", "lat_deg": 41.15, "lon_deg": -8.6, "radius_km": 50.0}
    state = run_state(level="city", region=around_porto)
    policy = ScriptedPolicy({"city": [(LISBON, 0.7), (PORTO, 0.2)]})
    update = await propose(state, node_runtime(policy=policy))
    (porto,) = update["hypotheses"]
    assert porto["place"]["id"] == PORTO.id
    assert round(porto["prior"], 6) == round(0.2 / 0.3, 6)  # Lisbon's 0.7 are gone


async def test_nothing_proposed_is_a_step_too() -> None:
    update = await propose(run_state(), node_runtime(policy=ScriptedPolicy({})))
    assert update["hypotheses"] == []
    assert update["steps"][0]["summary"] == "0 candidates in the world: "
