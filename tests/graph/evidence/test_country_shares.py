"""Probabilities of countries and continents, against the sums written out."""

import numpy as np
import pytest

from geoagent_graph.evidence.country_shares import country_probabilities, rank_continents
from geoagent_graph.evidence.likelihood import country_likelihood
from geoagent_graph.evidence.posterior import Posterior
from tests.support.small_gazetteer import FIJI, small_town_table


def fijian_posterior() -> Posterior:
    """Return 7 equal towns, those of Fiji ten times likelier than the others."""
    towns = small_town_table()
    said = country_likelihood(
        towns, {"FJ": 1.0}, 0.1, source="language", description="", clue_ids=()
    )
    return Posterior.of(towns, np.full(len(towns), 1 / len(towns)), [said])


def test_countries_are_those_that_are_left() -> None:
    posterior = fijian_posterior()
    towns = posterior.town_table
    everywhere = np.ones(len(towns), dtype=bool)
    found = country_probabilities(posterior, everywhere)
    assert next(iter(found)) == "FJ"
    assert found["FJ"] == pytest.approx(2.0 / (2.0 + 0.1 * (len(towns) - 2)), abs=1e-6)
    rest = country_probabilities(posterior, towns.country != FIJI)
    assert "FJ" not in rest
    assert sum(rest.values()) == pytest.approx(1.0, abs=1e-6)
    assert country_probabilities(posterior, ~everywhere) == {}


def test_continents_are_ranked_by_what_they_have() -> None:
    (first, mass, prior), (second, *_) = rank_continents(fijian_posterior())
    assert (first.continent_code, second.continent_code) == ("OC", "EU")
    assert prior == pytest.approx(2 / len(small_town_table()))
    assert mass > prior
