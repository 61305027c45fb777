"""What each source weighed is what the posterior would be without it."""

import numpy as np
import pytest

from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.likelihood import country_likelihood
from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.evidence.source_weights import source_weights
from geoagent_graph.protocols import RuledOut
from tests.support.evidence_cases import text_clue
from tests.support.small_gazetteer import PORTUGAL, small_gazetteer

MODEL = BayesEvidence(small_gazetteer())
TOWNS = MODEL.town_table
PLACE = TOWNS.gazetteer.country_place("PT")
EVERYWHERE = np.ones(len(TOWNS), dtype=bool)


def said(source: str, **by_country: float) -> Posterior:
    """Return the posterior of two sources: this one, and a phone that speaks for Portugal."""
    spoken = [
        country_likelihood(TOWNS, values, 0.1, source=name, description=name, clue_ids=())
        for name, values in ((source, by_country), ("phone", {"PT": 1.0}))
    ]
    return Posterior.of(TOWNS, MODEL.prior, spoken)


def test_without_a_source_the_place_has_the_share_that_the_others_give() -> None:
    posterior = said("language", ES=1.0)
    region = Region(np.array([PORTUGAL]))
    weights = source_weights(posterior, EVERYWHERE, PLACE, region)
    assert {weight.source for weight in weights} == {"language", "phone"}
    language, phone = (next(w for w in weights if w.source == s) for s in ("language", "phone"))
    alone = Posterior.of(TOWNS, MODEL.prior, posterior.likelihoods[1:])
    assert language.probability_without == pytest.approx(alone.mass(region))
    assert language.probability == pytest.approx(posterior.mass(region))
    assert language.nats < 0.0 < phone.nats
    assert phone.nats == pytest.approx(
        posterior.single_log(posterior.likelihoods[1], region)
        - posterior.single_log(posterior.likelihoods[1], Region(np.arange(len(TOWNS.codes))))
    )
    assert sum(weight.share for weight in weights) == pytest.approx(1.0)
    assert (phone.label, phone.place, phone.country_without) == (
        "Telephone number", "Portugal", "Spain",
    )  # fmt: skip


def test_two_observations_of_one_source_are_left_out_together() -> None:
    posterior = said("phone", PT=1.0)
    (phone,) = source_weights(posterior, EVERYWHERE, PLACE, Region(np.array([PORTUGAL])))
    assert phone.probability_without == pytest.approx(MODEL.prior[TOWNS.towns_of(PORTUGAL)].sum())
    assert phone.share == 1.0


def test_an_answer_says_it_for_what_is_claimed_or_for_the_likeliest_country() -> None:
    clues = [text_clue("Tel. +351 21 342 3560")]
    clues += MODEL.extract(clues)
    found = MODEL.locate(None, clues, ())
    assert {weight.place_id for weight in found.source_weights} == {"country:PT"}
    lisbon = TOWNS.gazetteer.place(5)
    assert MODEL.locate(lisbon, clues, ()).source_weights[0].place == "Lisbon"
    without = MODEL.locate(None, clues, (), RuledOut((PLACE,)))
    assert "country:PT" not in {weight.place_id for weight in without.source_weights}
    assert MODEL.locate(None, (), ()).source_weights == ()
