"""A name as a likelihood over towns: where it lies, how sure the words are a name at all."""

import math

import numpy as np
import pytest

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.likelihood import NameLikelihoods
from geoagent_graph.evidence.names.name_words import other_use
from geoagent_graph.types import Clue
from tests.support.evidence_cases import Case, model, observed
from tests.support.small_gazetteer import (
    GERMANY,
    LISBON,
    MADRID,
    MUNICH,
    PORTO,
    SINTRA,
    SPAIN,
    small_town_table,
)

EVERY_TOWN = np.arange(8)


def name_clue(key: str, **attributes: str) -> Clue:
    """Return a name that was read, with full confidence."""
    return Clue(
        id="place_name:0",
        kind="place_name",
        text=f"“{key}”",
        source="names",
        confidence=1.0,
        attributes={"normalized": key, **attributes},
    )


def likelihood_of(clue: Clue) -> Likelihood:
    """Return what a name says; it must say something."""
    found = NameLikelihoods(small_town_table()).likelihood(clue)
    assert found is not None
    return found


def at(clue: Clue) -> dict[int, float]:
    """Return the log likelihood of a name at every town."""
    values = likelihood_of(clue).at(EVERY_TOWN, small_town_table().country)
    return dict(enumerate(values.tolist()))


def test_a_name_speaks_for_its_town_then_for_what_is_around() -> None:
    values = at(name_clue("lisboa"))
    assert values[LISBON] > values[SINTRA] > values[PORTO] > values[MADRID]
    assert all(math.isfinite(value) for value in values.values())


def test_a_name_that_nothing_bears_says_nothing() -> None:
    model = NameLikelihoods(small_town_table())
    assert model.likelihood(name_clue("xyzzy")) is None
    assert model.likelihood(name_clue("")) is None
    assert model.likelihood(name_clue("lisboa", country_code="ES")) is None
    assert model.likelihood(name_clue("lisboa", country_code="XX")) is None


def test_a_country_and_a_region_are_names_too() -> None:
    country = at(name_clue("deutschland"))
    assert country[MUNICH] > country[MADRID]
    region = at(name_clue("bavaria"))
    assert region[MUNICH] > region[MADRID]
    assert likelihood_of(name_clue("bavaria")).description == "“bavaria”: Bavaria (DE)"


@pytest.mark.parametrize(
    "weaker",
    [{"context": "trade"}, {"misread": "letter"}, {"lower_case": "yes"}],
)
def test_doubtful_names_say_less(weaker: dict[str, str]) -> None:
    sure, doubtful = at(name_clue("lisboa")), at(name_clue("lisboa", **weaker))
    assert sure[LISBON] - sure[MADRID] > doubtful[LISBON] - doubtful[MADRID] > 0


def test_a_distance_moves_the_sign_away_from_the_town() -> None:
    # Porto lies 274 km from Lisbon as the crow flies: 343 km by road
    near = at(name_clue("lisboa", context="towards", distance_km="25"))
    far = at(name_clue("lisboa", context="towards", distance_km="343"))
    assert far[PORTO] > near[PORTO]
    assert near[SINTRA] > far[SINTRA]


def test_a_name_in_words_to_the_viewer_says_nothing() -> None:
    told = name_clue("lisboa", context="to_reader")
    assert NameLikelihoods(small_town_table()).likelihood(told) is None


def test_figures_of_countries_are_shares() -> None:
    likelihood = likelihood_of(name_clue("munchen"))
    assert np.exp(likelihood.country[GERMANY]) > np.exp(likelihood.country[SPAIN])
    assert likelihood.description == "“munchen”: Munich (DE)"


def likeliest(*lines: str) -> float:
    """Return the largest probability of a country."""
    posterior = model().weigh(observed(Case(*lines)), ()).posterior
    return float(posterior.country_probability.max())


@pytest.mark.parametrize(
    "lines",
    [
        ("ZURICH", "Insurance"),
        ("WESTFIELD",),
        ("LIME",),
        ("CAYENNE",),
        ("Colliers",),
        ("GUINNESS", "DUBLIN"),
        ("L'ORÉAL", "PARIS"),
        ("BURBERRY", "LONDON"),
        ("DKNY", "NEW YORK"),
        ("PRADA", "MILANO"),
        ("CHURCH STREET",),
        ("STATION ROAD",),
        ("Madrid",),
        ("Hotel Bristol",),
        ("Est. 1987 London",),
        ("GERMANY",),
    ],
    ids=" / ".join,
)
def test_no_name_by_itself_decides(lines: tuple[str, ...]) -> None:
    assert likeliest(*lines) < 0.55


def test_a_name_alone_is_a_place_less_often_than_not() -> None:
    """Names of one word drawn from all over the world, each as the only line of a photo."""
    rows = np.random.default_rng(3).choice(len(model().town_table), 40, p=model().prior)
    names = [model().town_table.gazetteer.name(int(row)) for row in rows]
    words = [name for name in names if name.isascii() and name.isalpha()]
    claimed = [name for name in words if likeliest(name) >= 0.55]
    assert len(claimed) <= 2, claimed


@pytest.mark.parametrize(
    "lines",
    [
        ("Willkommen in", "Freiburg"),
        ("Ville de Chambéry",),
        ("Comune di Bergamo",),
        ("Miasto Rzeszów",),
        ("80331 München",),
        ("Szeged város",),
    ],
    ids=" / ".join,
)
def test_a_town_sign_or_an_address_may(lines: tuple[str, ...]) -> None:
    assert likeliest(*lines) > 0.6


def test_words_and_brands_are_doubted_more() -> None:
    assert other_use("westfield").is_brand
    assert other_use("share").word_class > other_use("umea").word_class
    assert other_use("no such name") == other_use("szeged")
