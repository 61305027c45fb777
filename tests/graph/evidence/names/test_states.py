"""States by their abbreviation: where a comma or a postal code says that one is meant."""

import pytest

from geoagent_graph.evidence.names.states import MAX_STATES, state_clues, state_of_abbreviation
from geoagent_graph.types import Clue


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
        ("SPRINGFIELD, IL 62701", []),  # so may they in a line of capitals
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


def test_the_united_states_come_first() -> None:
    assert state_of_abbreviation("WA") == ("US", "Washington")
    assert state_of_abbreviation("ON") == ("CA", "Ontario")
    assert state_of_abbreviation("xx") == ("", "")
