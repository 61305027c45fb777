"""What the answer claims, how sure it is over the world, and what it warns of."""

import pytest

from geoagent_graph.errors import CheckpointError
from geoagent_graph.nodes.answer import answer
from geoagent_graph.state import AgentState, dump
from geoagent_graph.testing import EUROPE, LISBON, PORTUGAL, SPAIN
from geoagent_graph.types import Answer, Clue, Exclusion
from tests.support.node_runs import hypothesis, node_runtime, run_state

ACCEPTED = [dump(hypothesis(EUROPE, 0.9)), dump(hypothesis(PORTUGAL, 0.8))]


async def answer_to(state: AgentState) -> Answer:
    """Return the answer to a state."""
    update = await answer(state, node_runtime())
    assert update["done"] is True
    return Answer.model_validate(update["answer"])


async def test_probabilities_multiply_down_the_levels() -> None:
    levels = {
        "continent": [dump(hypothesis(EUROPE, 0.9))],
        "country": [dump(hypothesis(PORTUGAL, 0.5, 0.8)), dump(hypothesis(SPAIN, 0.1))],
        "city": [dump(hypothesis(LISBON, 0.5))],
    }
    found = await answer_to(run_state(accepted=ACCEPTED, levels=levels))
    assert (found.level, found.place.country) == ("country", "Portugal")
    assert found.probability == pytest.approx(0.72)
    portugal, spain = found.levels["country"]
    assert (portugal.prior, portugal.probability) == pytest.approx((0.45, 0.72))
    assert spain.probability == pytest.approx(0.09)
    assert found.levels["city"][0].probability == pytest.approx(0.9 * 0.8 * 0.5)


async def test_a_place_more_likely_wrong_than_right_is_not_claimed() -> None:
    town = dump(hypothesis(LISBON, 0.6))  # 0.432 over the world
    found = await answer_to(run_state(accepted=[*ACCEPTED, town]))
    assert (found.level, found.place.city) == ("country", None)


async def test_without_a_claim_there_is_still_a_point() -> None:
    found = await answer_to(run_state())
    assert (found.level, found.probability, found.place.continent) == ("none", 0.0, None)
    assert (found.lat_deg, found.lon_deg, found.radius_km) == (38.71667, -9.13333, 25.0)
    assert found.trace[-1].summary.startswith("nowhere in particular: the evidence is thin, within")


async def test_a_claim_of_the_file_far_away_is_a_warning() -> None:
    def claim(lat_deg: float, lon_deg: float) -> Clue:
        position = {"lat_deg": str(lat_deg), "lon_deg": str(lon_deg)}
        text = "the file claims a place"
        return Clue(id="e", kind="exif_position", text=text, source="s", attributes=position)

    far = await answer_to(run_state(clues=[dump(claim(39.71667, -9.13333))]))
    assert far.warnings == (
        "the file claims a place (Lisbon, Portugal), 111 km from the answer, though nothing that "
        "the photo shows speaks against it",
    )
    near = await answer_to(run_state(clues=[dump(claim(38.9, -9.13333))]))
    assert near.warnings == ()


async def test_a_point_in_what_was_ruled_out_is_a_warning() -> None:
    excluded = Exclusion(place=PORTUGAL, probability=0.1, reason="no", step=1)
    circle = {"kind": "map_region", "lat_deg": 41.0, "lon_deg": -8.6, "radius_km": 50.0}
    found = await answer_to(run_state(excluded=[dump(excluded)], region=circle))
    assert found.warnings == (
        "the point where the evidence is strongest lies in Portugal, which was excluded: do not "
        "take it for the place of the photo",
        "the point where the evidence is strongest lies outside the drawn circle",
    )


async def test_a_run_of_an_unknown_version_gets_no_answer() -> None:
    with pytest.raises(CheckpointError, match="graph version 99"):
        await answer(run_state(graph_version=99), node_runtime())


async def test_an_answer_says_what_the_tools_must_say() -> None:
    runtime = node_runtime(notices=("made with X, whose licence forbids commercial use",))
    update = await answer(run_state(), runtime)
    warnings = Answer.model_validate(update["answer"]).warnings
    assert warnings == ("made with X, whose licence forbids commercial use",)
