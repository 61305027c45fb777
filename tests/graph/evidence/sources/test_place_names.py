"""The source of place names: one likelihood per meaning, states beside towns."""

from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.sources.place_names import (
    SOURCE,
    distinct_names,
    likelihoods_of_towns,
)
from geoagent_graph.types import Clue
from tests.support.evidence_cases import text_clue
from tests.support.small_gazetteer import small_town_table


def name_clue(key: str, **attributes: str) -> Clue:
    """Return a name that was read."""
    return Clue(
        id=f"place_name:{key}",
        kind="place_name",
        text=key,
        source="names",
        attributes={"normalized": key, **attributes},
    )


def test_two_names_of_one_town_count_once() -> None:
    names = [name_clue("munchen"), name_clue("munich"), name_clue("berlin"), name_clue("xyzzy")]
    kept = [clue.text for clue in distinct_names(names, small_town_table())]
    assert kept == ["munchen", "berlin", "xyzzy"]
    with_country = [name_clue("munchen"), name_clue("munich", country_code="DE")]
    assert distinct_names(with_country, small_town_table()) == with_country


def test_names_and_states_are_found_in_lines() -> None:
    assert SOURCE.extract is not None
    seen = Observations.of([text_clue("Lisboa", 0), text_clue("Austin, TX 78701", 1)])
    found = list(SOURCE.extract(seen, small_town_table()))
    assert {clue.attributes["normalized"] for clue in found} == {"lisboa", "texas"}
    assert {clue.kind for clue in found} == {"place_name"}


def test_names_without_a_place_have_no_likelihood() -> None:
    assert SOURCE.likelihood is not None
    seen = Observations.of([name_clue("lisboa"), name_clue("xyzzy")])
    found = SOURCE.likelihood(seen, small_town_table())
    assert isinstance(found, list)
    assert [likelihood.clue_ids for likelihood in found] == [("place_name:lisboa",)]


def test_what_names_need_is_made_once() -> None:
    assert likelihoods_of_towns(small_town_table()) is likelihoods_of_towns(small_town_table())
