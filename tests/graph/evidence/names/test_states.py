"""States by their abbreviation: where a comma or a postal code says that one is meant."""

import pytest

from geoagent_graph.evidence.names.states import (
    MAX_STATES,
    state_behind,
    state_clues,
    state_of_abbreviation,
)
from geoagent_graph.types import Clue
from tests.support.evidence_cases import model


def line(text: str, number: int = 0) -> Clue:
    """Return a line of text."""
    return Clue(id=f"text:{number}", kind="text", text=text, source="reader")


def names(*texts: str) -> list[str]:
    """Return the names of the states in lines."""
    clues = state_clues([line(text, number) for number, text in enumerate(texts)])
    return [clue.attributes["name"] for clue in clues]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Springfield, IL 62701", ["Illinois"]),
        ("Springfield IL 62701-1234", ["Illinois"]),
        ("Springfield, IL", ["Illinois"]),
        ("Springfield IL", []),  # two capitals may be anything
        ("SPRINGFIELD, IL 62701", []),  # so may they in capitals, without a table of towns
        ("Springfield, ZZ 62701", []),
        ("Sydney, NSW 2000", ["New South Wales"]),
    ],
)
def test_which_states_are_read(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_a_state_is_a_name_in_an_address_of_its_country() -> None:
    (clue,) = state_clues([line("Austin, TX 78701")])
    assert clue.kind == "place_name"
    assert clue.attributes == {
        "name": "Texas",
        "normalized": "texas",
        "context": "address",
        "country_code": "US",
        "read_in": "text:0",
    }


def test_each_state_counts_once_and_two_at_most() -> None:
    assert names("Austin, TX", "Dallas, TX") == ["Texas"]
    assert len(names("Austin, TX", "Miami, FL", "Reno, NV")) == MAX_STATES


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("NAPLES, FL", ("US", "Florida")),
        ("LONDON, ON", ("CA", "Ontario")),
        ("PERTH, WA", ("AU", "Western Australia")),
        ("VANCOUVER, WA", ("US", "Washington")),
        ("Albany WA 6330", ("AU", "Western Australia")),
        ("Vancouver, WA 98660", ("US", "Washington")),
        ("DARWIN NT 0800", ("AU", "Northern Territory")),
        ("Adelaide SA 5000", ("AU", "South Australia")),
        ("Naples", ("", "")),
    ],
)
def test_the_town_and_the_code_tell_states_apart(text: str, state: tuple[str, str]) -> None:
    assert state_behind(text, model().town_table) == state


def test_capitals_name_a_state_that_holds_the_town() -> None:
    table = model().town_table
    named = [clue.attributes["name"] for clue in state_clues([line("NAPLES, FL")], table)]
    assert named == ["Florida"]
    assert state_clues([line("SHOES, OK")], table) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Perth WA", ["Western Australia"]),
        ("Spokane WA", ["Washington"]),
        ("Santos SC", []),  # a football club
        ("PARIS OR ROME", []),
        ("PORTLAND OR", []),  # in capitals two more letters may be a word
    ],
)
def test_a_blank_is_enough_where_the_state_holds_the_town(text: str, found: list[str]) -> None:
    clues = state_clues([line(text)], model().town_table)
    assert [clue.attributes["name"] for clue in clues] == found


def test_the_united_states_come_first() -> None:
    assert state_of_abbreviation("WA") == ("US", "Washington")
    assert state_of_abbreviation("ON") == ("CA", "Ontario")
    assert state_of_abbreviation("xx") == ("", "")
