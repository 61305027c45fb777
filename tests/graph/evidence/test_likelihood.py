"""A likelihood is a value per country plus more for single towns; sparse parts add up."""

import numpy as np
import pytest

from geoagent_graph.evidence.likelihood import Likelihood, country_likelihood, sparse_sum
from tests.support.small_gazetteer import GERMANY, PORTUGAL, SPAIN, small_town_table


def test_towns_without_an_entry_have_their_countrys_value() -> None:
    likelihood = Likelihood(
        source="s",
        description="d",
        clue_ids=(),
        country=np.array([-1.0, -2.0]),
        towns=np.array([1, 4]),
        town_log=np.array([0.5, 3.0]),
    )
    towns, country = np.array([0, 1, 3, 4, 9]), np.array([0, 0, 1, 1, 1])
    assert likelihood.at(towns, country).tolist() == [-1.0, -0.5, -2.0, 1.0, -2.0]


def test_a_likelihood_without_towns_leaves_its_countries_alone() -> None:
    likelihood = Likelihood("s", "d", (), np.array([-1.0, -2.0]))
    values = likelihood.at(np.array([5]), np.array([1]))
    values += 1
    assert likelihood.country.tolist() == [-1.0, -2.0]


def test_countries_that_are_not_named_have_the_floor() -> None:
    likelihood = country_likelihood(
        small_town_table(),
        {"PT": 0.9, "XX": 1.0},  # XX is no country of the table
        0.01,
        source="s",
        description="d",
        clue_ids=("c",),
    )
    assert np.exp(likelihood.country[[GERMANY, SPAIN, PORTUGAL]]) == pytest.approx(
        [0.01, 0.01, 0.9]
    )
    assert len(likelihood.towns) == 0


def test_values_of_one_town_are_added() -> None:
    parts = [
        (np.array([7, 2]), np.array([1.0, 2.0])),
        (np.array([2, 3]), np.array([0.5, 4.0])),
    ]
    towns, values = sparse_sum(parts)
    assert towns.tolist() == [2, 3, 7]
    assert values.tolist() == [2.5, 4.0, 1.0]


def test_no_parts_are_no_towns() -> None:
    towns, values = sparse_sum([])
    assert (len(towns), len(values)) == (0, 0)
    assert towns.dtype == np.int64  # they index arrays
