"""What one photo's own run said becomes a probability of every town."""

import numpy as np
import pytest

from geoagent_graph.evidence.trip.single_photo import single_photo_posterior
from geoagent_graph.protocols import RuledOut
from geoagent_graph.questions import SearchCircle
from geoagent_graph.trip_types import PhotoEvidence
from tests.support.small_gazetteer import (
    LABASA,
    LISBON,
    MUNICH,
    PORTO,
    SINTRA,
    WAIYEVO,
    small_gazetteer,
)
from tests.support.small_trips import judged_photo, small_model


def test_a_photo_that_shows_nothing_is_the_prior() -> None:
    found = single_photo_posterior(small_model(), PhotoEvidence("a", "a"))
    assert found == pytest.approx(small_model().prior)


def test_what_the_run_judged_counts() -> None:
    found = single_photo_posterior(small_model(), judged_photo("a", LISBON, 0.9))
    assert float(found.sum()) == pytest.approx(1.0)
    # a town stands for its suburbs too, and all of Portugal's 0.9 are those of Lisbon
    assert found[[LISBON, SINTRA]].sum() == pytest.approx(0.9)
    assert found[PORTO] == pytest.approx(0.0, abs=1e-9)
    prior = small_model().prior
    assert found[LABASA] / found[WAIYEVO] == pytest.approx(prior[LABASA] / prior[WAIYEVO])


def test_what_was_ruled_out_has_nothing() -> None:
    germany = small_gazetteer().country_place("DE")
    photo = PhotoEvidence("a", "a", ruled_out=RuledOut(places=(germany,)))
    found = single_photo_posterior(small_model(), photo)
    assert found[MUNICH] == 0.0
    assert float(found.sum()) == pytest.approx(1.0)


def test_a_circle_without_towns_rules_out_nothing_for_good() -> None:
    circle = SearchCircle(lat_deg=0.0, lon_deg=-30.0, radius_km=10.0)
    photo = PhotoEvidence("a", "a", ruled_out=RuledOut(circle=circle))
    found = single_photo_posterior(small_model(), photo)
    assert np.isfinite(found).all()
    assert float(found.sum()) == pytest.approx(1.0)
