"""References and names are placed on the map; every candidate gets a scoring task of its own."""

from dataclasses import dataclass

from geoagent_graph.errors import ToolError
from geoagent_graph.nodes.ground import MAX_NAMES, fan_out, ground, score
from geoagent_graph.protocols import NamedPlace
from geoagent_graph.state import dump
from geoagent_graph.testing import (
    EUROPE,
    LISBON,
    PORTUGAL,
    SPAIN,
    FixedEvidence,
    FixedGeocoder,
)
from geoagent_graph.types import Clue, Reference
from tests.support.node_runs import hypothesis, node_runtime, run_state

PHOTO = Reference(id="r", score=0.9, lat_deg=38.7, lon_deg=-9.1)


def name_clue(name: str, number: int = 0) -> Clue:
    """Return a name that was read."""
    identity = f"place_name:{number}"
    return Clue(id=identity, kind="place_name", text="?", source="s", attributes={"name": name})


@dataclass(frozen=True)
class BrokenGeocoder(FixedGeocoder):
    """A geocoder that knows no names."""

    def forward(self, name: str, limit: int = 10) -> list[NamedPlace]:
        """Raise a `ToolError`."""
        raise ToolError(f"{name}: the table is closed")


async def test_only_references_without_a_country_are_placed() -> None:
    spanish = PHOTO.model_copy(update={"country_code": "ES"})
    update = await ground(run_state(references=[dump(PHOTO), dump(spanish)]), node_runtime())
    assert [reference["country_code"] for reference in update["references"]] == ["PT", "ES"]
    (step,) = update["steps"]
    assert [call["tool"] for call in step["tools"]] == ["geocoder.reverse"]
    assert step["summary"] == "0 names and 2 reference points placed on the map"


async def test_names_have_meanings_or_none() -> None:
    clues = [dump(name_clue(name, number)) for number, name in enumerate(["Lisbon", "Xyzzy"] * 2)]
    (step,) = (await ground(run_state(clues=clues), node_runtime()))["steps"]
    meanings = step["detail"]["names"]
    assert {name: [place["id"] for place in found] for name, found in meanings.items()} == {
        "Lisbon": [LISBON.id],
        "Xyzzy": [],
    }
    assert [call["result"] for call in step["tools"]] == [
        "1 places, first Lisbon, Portugal",
        "no such place",
    ]


async def test_so_many_names_are_looked_up_and_no_more() -> None:
    clues = [dump(name_clue(f"Town {number}", number)) for number in range(20)]
    (step,) = (await ground(run_state(clues=clues), node_runtime()))["steps"]
    assert len(step["tools"]) == MAX_NAMES


async def test_a_broken_geocoder_is_a_warning() -> None:
    runtime = node_runtime(geocoder=BrokenGeocoder())
    update = await ground(run_state(clues=[dump(name_clue("Lisbon"))]), runtime)
    assert update["steps"][0]["detail"]["names"] == {"Lisbon": []}
    assert update["warnings"] == [
        "geocoder.forward failed, the answer goes without it: Lisbon: the table is closed"
    ]


def test_every_candidate_has_its_task() -> None:
    candidates = [dump(hypothesis(place, 0.5)) for place in (PORTUGAL, SPAIN)]
    accepted = [dump(hypothesis(EUROPE, 0.9))]
    sends = fan_out(run_state(hypotheses=candidates, accepted=accepted, round=2))
    assert [send.node for send in sends] == ["score", "score"]
    assert [send.arg["candidate"]["id"] for send in sends] == [PORTUGAL.id, SPAIN.id]
    assert {(send.arg["within"]["id"], send.arg["round"]) for send in sends} == {(EUROPE.id, 2)}
    (send,) = fan_out(run_state())
    assert send.node == "judge"


async def test_a_score_belongs_to_its_round_and_place() -> None:
    (send,) = fan_out(run_state(hypotheses=[dump(hypothesis(EUROPE, 0.5))], round=3))
    update = await score(send.arg, node_runtime(evidence=FixedEvidence({EUROPE.id: 1.5})))
    (result,) = update["scores"]
    assert (result["round"], result["place_id"]) == (3, EUROPE.id)
    assert [item["log_lr"] for item in result["evidence"]] == [1.5]
