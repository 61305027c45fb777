"""What a name may mean: exact names first, then countries and names some letters off."""

import pytest

from geoagent_graph.geo.name_search import Match, NameSearch, with_similarity
from tests.support.small_gazetteer import LISBON, MUNICH, small_gazetteer


@pytest.fixture
def search() -> NameSearch:
    """Return the search over the small gazetteer."""
    return NameSearch(small_gazetteer())


def test_a_name_in_another_spelling_is_worth_a_little_less(search: NameSearch) -> None:
    (exact,) = search.exact("MÜNCHEN")
    assert (exact.town, exact.similarity, exact.population) == (MUNICH, 1.0, 1_260_000)
    (variant,) = search.exact("Porto市")
    assert variant.similarity == 0.98
    assert search.exact("") == []


def test_countries_and_continents_are_found_by_name(search: NameSearch) -> None:
    (germany,) = search.exact("Deutschland")
    assert (germany.code, germany.population, search.place(germany).id) == (
        "DE",
        83_000_000,
        "country:DE",
    )
    (europe,) = search.exact("Europe")
    assert europe.population == 140_300_000  # Germany, Spain and Portugal
    assert search.place(europe).id == "continent:EU"


@pytest.mark.parametrize(
    ("name", "similarity"),
    [("lisbin", 1 - 1 / 6), ("isbon", 1 - 1 / 5), ("lisbno", 1 - 1 / 6)],
)
def test_one_wrong_letter_costs_its_share_of_the_name(
    search: NameSearch, name: str, similarity: float
) -> None:
    best = search.fuzzy(name)[0]
    assert (best.town, best.matched) == (LISBON, "lisbon")
    assert best.similarity == pytest.approx(similarity)


def test_short_names_and_figures_have_no_near_names(search: NameSearch) -> None:
    assert search.fuzzy("port") == []  # four letters
    assert search.fuzzy("12345") == []
    assert search.fuzzy("lisban os") == []  # three letters off
    assert search.fuzzy("madrid") == []  # an exact name is no near one


def test_two_letters_may_be_wrong_from_eight_on(search: NameSearch) -> None:
    (match,) = search.fuzzy("portagel")
    assert match.code == "PT"
    assert match.similarity == pytest.approx(1 - 2 / 8)
    assert search.fuzzy("munxhxn") == []  # seven letters: one


def test_ranks_put_the_likeness_before_the_people() -> None:
    small, large = Match("a", 1.0, 10, town=0), Match("a", 0.9, 1000, town=1)
    larger = Match("a", 0.9, 2000, town=2)
    assert sorted([large, small, larger], key=lambda match: match.rank) == [small, larger, large]
    assert [match.similarity for match in with_similarity([small, large], 0.5)] == [0.5, 0.45]
