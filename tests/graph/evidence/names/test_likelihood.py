"""A name as a likelihood over towns: where it lies, how sure the words are a name at all."""

import math

import numpy as np
import pytest

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.likelihood import NameLikelihoods
from geoagent_graph.types import Clue
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
    [{"context": "trade"}, {"context": "to_reader"}, {"misread": "letter"}, {"lower_case": "yes"}],
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


def test_figures_of_countries_are_shares() -> None:
    likelihood = likelihood_of(name_clue("munchen"))
    assert np.exp(likelihood.country[GERMANY]) > np.exp(likelihood.country[SPAIN])
    assert likelihood.description == "“munchen”: Munich (DE)"
