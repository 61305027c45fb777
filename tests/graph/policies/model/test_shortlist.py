"""Which places come into question: named, pointed to by clues, not ruled out, not too many."""

import pytest

from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.policies.model.replies import ReplyError, UnknownPlaces
from geoagent_graph.policies.model.shortlist import Shortlist
from geoagent_graph.testing.scripted import (
    AFRICA,
    EUROPE,
    LISBON,
    PORTO,
    PORTUGAL,
    SPAIN,
    FixedGeocoder,
)
from geoagent_graph.types import Clue
from tests.support.situations import policy_clue, reference, situation

SHORTLIST = Shortlist(PlaceLookup(FixedGeocoder()))
NO_SPAIN = frozenset({SPAIN.id})


def test_names_are_those_of_the_continent_less_the_excluded() -> None:
    here = situation("country", EUROPE, excluded=NO_SPAIN)
    assert SHORTLIST.names_allowed(here) == ["Portugal"]
    assert SHORTLIST.names_excluded(here) == "Spain"
    assert SHORTLIST.names_allowed(situation("city", PORTUGAL)) is None
    assert SHORTLIST.names_excluded(situation("city", PORTUGAL)) == ""


def test_names_are_read_from_texts_and_from_objects() -> None:
    found = SHORTLIST.resolve(["Porto", {"name": "Lisbon"}, 3, ""], situation("city", PORTUGAL))
    assert found == (PORTO, LISBON)


def test_names_without_a_place_in_the_region_are_told_back() -> None:
    with pytest.raises(UnknownPlaces, match=r"\('Spain', 'Atlantis'\) is a known place in Africa"):
        SHORTLIST.resolve(["Spain", "Atlantis"], situation("country", AFRICA))
    with pytest.raises(UnknownPlaces, match=r"\(none\) is a known place in the world"):
        SHORTLIST.resolve([], situation("country"))
    with pytest.raises(ReplyError, match="must be a list of names"):
        SHORTLIST.resolve("Spain", situation("country", EUROPE))


def test_countries_of_clues_and_references_come_after_the_named_by_how_often() -> None:
    clues = [policy_clue("one", country_code="ES")]
    here = situation("country", EUROPE, clues=clues, references=[reference("PT"), reference("PT")])
    assert SHORTLIST.complete([], [], here) == [PORTUGAL, SPAIN]
    assert SHORTLIST.complete([SPAIN], [PORTUGAL], here) == [SPAIN, PORTUGAL]
    assert SHORTLIST.complete([], [], situation("country", AFRICA, clues=clues)) == []
    without = situation("country", EUROPE, clues=clues, excluded=NO_SPAIN)
    assert SHORTLIST.complete([SPAIN], [], without) == []


def test_towns_come_from_the_models_own_clue_and_from_names_in_the_photo() -> None:
    name = Clue(id="n", kind="place_name", text="PORTO", source="s", attributes={"name": "Porto"})
    clues = [policy_clue("x", town="Lisbon"), name, policy_clue("y")]
    assert SHORTLIST.complete([], [], situation("city", PORTUGAL, clues=clues)) == [LISBON, PORTO]


def test_there_is_always_a_letter_left_for_somewhere_else() -> None:
    many = [PORTO.model_copy(update={"id": f"geonames:{number}"}) for number in range(40)]
    kept = SHORTLIST.complete(many, many, situation("city", PORTUGAL))
    assert len(kept) == 19
    assert kept[:10] == many[:10]
