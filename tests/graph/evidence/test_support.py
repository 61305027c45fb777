"""A town is claimed for what was seen, not for where people live."""

import numpy as np
import pytest

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.point_component import claimed_point
from geoagent_graph.evidence.point_mixture import mixture_likelihood
from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.evidence.support import has_support, position_lies_in
from tests.support.small_gazetteer import LISBON, PORTO, PORTUGAL, SINTRA, small_town_table


@pytest.mark.parametrize(
    ("prior", "probability", "claimed"),
    [
        (0.1, 0.15, False),
        (0.1, 0.21, True),  # exp(0.7) times as likely
        (0.6, 0.6, False),
        (0.6, 0.95, False),
        (0.6, 0.99, True),  # 66 times the odds: a capital that a clue points to
        (0.95, 0.95, True),  # a city state
        (0.0, 0.5, True),
        (0.6, 1.0, True),
    ],
)
def test_a_factor_or_the_odds_are_support(prior: float, probability: float, claimed: bool) -> None:
    assert has_support(prior, probability) is claimed


def test_the_odds_for_a_capital_are_twenty_times_better() -> None:
    assert np.exp(parameters().thresholds.least_odds_log) == pytest.approx(20.0, rel=0.01)


def test_a_position_is_support_where_it_is_most_likely() -> None:
    table = small_town_table()
    prior = np.full(len(table), 1.0 / len(table))
    towns, shares = np.array([LISBON, SINTRA]), np.array([0.8, 0.2])
    point = claimed_point(prior, 38.7, -9.1, 0.9, towns, shares, 0.05)
    mixture = mixture_likelihood([point], table, "exif_reader", "a claim", ())
    posterior = Posterior.of(table, prior, [mixture])
    country = np.array([PORTUGAL])
    assert position_lies_in(posterior, Region(country, np.array([LISBON])))
    assert not position_lies_in(posterior, Region(country, np.array([PORTO, SINTRA])))
    assert not position_lies_in(posterior, Region(country))  # a country is not claimed for it
