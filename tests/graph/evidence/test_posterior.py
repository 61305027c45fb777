"""Bayes over eight towns, against sums written out."""

import math

import numpy as np
import pytest

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.posterior import Posterior, Region
from tests.support.small_gazetteer import (
    GERMANY,
    LISBON,
    PORTO,
    PORTUGAL,
    SPAIN,
    small_town_table,
)

PRIOR = np.array([0.2, 0.1, 0.2, 0.05, 0.05, 0.2, 0.1, 0.1])
SIGN = Likelihood(
    source="sign",
    description="",
    clue_ids=(),
    country=np.log([0.1, 0.2, 0.1, 0.3]),
    towns=np.array([LISBON]),
    town_log=np.log([5.0]),
)
COUNTRY = Region(np.array([PORTUGAL]))
TOWN = Region(np.array([PORTUGAL]), np.array([LISBON]))


def test_prior_times_likelihood_is_normalised() -> None:
    posterior = Posterior.of(small_town_table(), PRIOR, [SIGN])
    joint = PRIOR * np.array([0.1, 0.1, 0.2, 0.1, 0.1, 1.5, 0.3, 0.3])
    assert posterior.probability == pytest.approx(joint / joint.sum())
    assert posterior.mass(COUNTRY) == pytest.approx(joint[5:].sum() / joint.sum())
    assert posterior.mass(TOWN) == pytest.approx(joint[LISBON] / joint.sum())
    assert posterior.prior_mass(Region(np.array([GERMANY, SPAIN]))) == pytest.approx(0.5)


def test_the_likelihood_of_a_region_is_the_mean_over_its_towns() -> None:
    posterior = Posterior.of(small_town_table(), PRIOR, [SIGN])
    mean = (0.2 * 1.5 + 0.1 * 0.3 + 0.1 * 0.3) / 0.4
    assert posterior.single_log(SIGN, COUNTRY) == pytest.approx(math.log(mean))
    assert posterior.likelihood_log(COUNTRY) == pytest.approx(math.log(mean))
    two = Region(np.array([PORTUGAL]), np.array([LISBON, PORTO]))
    assert posterior.single_log(SIGN, two) == pytest.approx(math.log((0.3 + 0.03) / 0.3))


def test_without_signals_the_prior_stays() -> None:
    posterior = Posterior.of(small_town_table(), PRIOR, [])
    assert posterior.probability == pytest.approx(PRIOR)
    assert posterior.likelihood_log(COUNTRY) == pytest.approx(0.0)


def test_tiny_likelihoods_do_not_vanish() -> None:
    weak = Likelihood("weak", "", (), np.array([-2000.0, -2000.0, -2000.0, -1990.0]))
    posterior = Posterior.of(small_town_table(), PRIOR, [weak])
    assert float(posterior.probability.sum()) == pytest.approx(1.0)
    assert posterior.likelihood_log(COUNTRY) == pytest.approx(-1990.0)


def test_an_empty_region_has_no_probability() -> None:
    posterior = Posterior.of(small_town_table(), PRIOR, [SIGN])
    nowhere = Region(np.empty(0, dtype=np.int64))
    assert posterior.mass(nowhere) == 0.0
    assert math.isfinite(posterior.likelihood_log(nowhere))
