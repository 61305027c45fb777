"""The prior over towns, against the formula written out."""

import numpy as np
import pytest

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.prior import (
    country_shares,
    country_weights,
    prior_over_towns,
    road_length_km,
    town_prior,
)
from tests.support.small_gazetteer import (
    FIJI,
    LABASA,
    LISBON,
    PORTUGAL,
    WAIYEVO,
    small_town_table,
)


def test_a_country_weighs_by_its_people_and_its_towns() -> None:
    weights = country_weights(small_town_table(), 0.5, 2.0)
    assert weights[PORTUGAL] == pytest.approx(10_300_000**0.5 * 3**2)
    assert weights[FIJI] == pytest.approx(900_000**0.5 * 2**2)


def test_a_country_weighs_by_its_roads_too() -> None:
    table = small_town_table()
    ratio = country_weights(table, 0.5, 2.0, 1.5) / country_weights(table, 0.5, 2.0)
    assert ratio[FIJI] == pytest.approx(road_length_km("FJ") ** 1.5)
    assert road_length_km("DE") == 830_000
    assert road_length_km("RE") == 3407  # of no figure: an estimate
    assert road_length_km("XX") == 1.0


def test_country_shares_are_a_mixture() -> None:
    table, weights = small_town_table(), parameters().prior
    taken = country_weights(
        table, weights.taken_population, weights.taken_towns, weights.taken_roads
    )
    even = country_weights(table, weights.even_population, weights.even_towns)
    share = weights.taken_share
    expected = share * taken / taken.sum() + (1.0 - share) * even / even.sum()
    assert country_shares(table) == pytest.approx(expected)


def test_towns_share_what_their_country_has() -> None:
    weights = np.array([1.0, 1.0, 4.0, 2.0])
    prior = town_prior(small_town_table(), weights, power=1.0, offset=100.0)
    assert prior[[LABASA, WAIYEVO]].sum() == pytest.approx(4 / 8)
    assert prior[LABASA] == pytest.approx(4 / 8 * 28_000 / (28_000 + 1_100))


def test_the_prior_sums_to_one_and_is_made_once() -> None:
    prior = prior_over_towns(small_town_table())
    assert float(prior.sum()) == pytest.approx(1.0)
    assert prior.min() > 0
    assert prior.argmax() != LISBON  # Madrid and Berlin have several times its people
    assert prior_over_towns(small_town_table()) is prior
