"""How a photo looks, by a model that sees: calibrated, mixed with doubt, and said in words."""

import numpy as np
import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.photo_look import calibrated_logs
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.visual_weights import PhotoLook, VisualWeights
from geoagent_graph.perception.clues import geocell_clues, photo_embedding_clue
from geoagent_graph.protocols import Geocell, GeocellScore
from geoagent_graph.testing import FixedPhotoPlaces
from geoagent_graph.types import Clue
from tests.support.small_gazetteer import (
    LISBON,
    MADRID,
    PORTO,
    PORTUGAL,
    SINTRA,
    small_gazetteer,
)

SCORES = np.array([0.0, 0.0, 1.0, -1.0, -1.0, 3.0, 5.0, 2.0], np.float32)


def weights(
    country: float = 1.0, city: float = 1.0, doubt: float = 0.1, **shares: float
) -> VisualWeights:
    rest = {"region_share": 0.0, "country_share": 0.0, "continent_share": 0.0, **shares}
    return VisualWeights(
        how="set by hand", country_temperature=country, city_temperature=city,
        uninformative=doubt, **rest,
    )  # fmt: skip


def model(scores: np.ndarray = SCORES) -> BayesEvidence:
    return BayesEvidence(small_gazetteer(), look=PhotoLook(FixedPhotoPlaces(scores), weights()))


def seen(places_id: str = "fixed/v1") -> Clue:
    return photo_embedding_clue(np.ones(1, np.float32), places_id)


def test_scores_of_temperature_one_are_likelihoods() -> None:
    towns = model().town_table
    logs = calibrated_logs(SCORES, towns, weights(doubt=1e-4))
    assert logs[PORTO] - logs[MADRID] == pytest.approx(4.0, abs=0.01)
    prior = prior_over_towns(towns)
    assert prior @ np.exp(logs) == pytest.approx(1.0)


def test_what_it_says_of_a_country_leaves_the_towns_of_the_country_alike() -> None:
    towns = model().town_table
    logs = calibrated_logs(SCORES, towns, weights(country_share=0.9))
    assert logs[PORTO] == pytest.approx(logs[LISBON])
    assert logs[PORTO] > logs[MADRID]
    warm = calibrated_logs(SCORES, towns, weights(country=4.0, country_share=0.9))
    assert logs[MADRID] < warm[MADRID] < warm[PORTO] < logs[PORTO]
    assert prior_over_towns(towns) @ np.exp(warm) == pytest.approx(1.0)


def test_a_region_is_of_its_country() -> None:
    towns = model().town_table
    logs = calibrated_logs(SCORES, towns, weights(region_share=0.9))
    assert logs[LISBON] == pytest.approx(logs[SINTRA])
    assert logs[LISBON] != pytest.approx(logs[PORTO])
    assert len(np.unique(towns.region_numbers)) == 6


def test_no_town_becomes_impossible() -> None:
    extreme = np.where(np.arange(8) == PORTO, 1e30, -np.inf).astype(np.float32)
    extreme[0] = np.nan
    logs = calibrated_logs(extreme, model().town_table, weights(doubt=0.1))
    assert logs.min() == pytest.approx(np.log(0.1))
    assert np.isfinite(logs).all()


def test_flat_scores_say_nothing() -> None:
    found = model(np.full(8, 3.0, np.float32)).weigh([seen()], ()).posterior
    np.testing.assert_allclose(found.probability, found.prior)


def test_the_photo_moves_the_posterior_and_is_said_in_words() -> None:
    evidence = model()
    (said,) = evidence.extract([seen()])
    assert (said.kind, said.source) == ("photo_places", "fixed/v1")
    assert said.text.startswith("looks like Portugal (")
    found = evidence.weigh([seen(), said], ())
    assert found.posterior.country_probability.argmax() == PORTUGAL
    (likelihood,) = found.posterior.likelihoods
    assert set(likelihood.clue_ids) == {seen().id, said.id}
    point = evidence.locate(None, [seen()], ())
    assert point.source_weights[0].label == "Look of the photo, by a model that sees"


def test_the_look_counts_once_where_an_index_has_scored_it_too() -> None:
    cells = [GeocellScore(Geocell(country_code="ES"), 2.0),
             GeocellScore(Geocell(box=(-90.0, -180.0, 90.0, 180.0)), 0.0)]  # fmt: skip
    clues = [seen(), *geocell_clues(cells, "index/v1")]
    spoken = model().weigh(clues, ()).posterior.likelihoods
    assert [one.source for one in spoken] == ["photo_places"]
    without = model().leave_out(["photo_places"]).weigh(clues, ()).posterior.likelihoods
    assert [one.source for one in without] == ["geocells"]


def test_an_embedding_of_another_model_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="looked at by other/v1, but fixed/v1 is in use") as caught:
        model().weigh([seen("other/v1")], ())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("embedding", ["", "AAA", "!!!!", "AAA=", "AAAA" * 5000, "AHw="])
def test_an_embedding_that_is_none_says_nothing(embedding: str) -> None:
    clue = seen().model_copy(update={"attributes": {"model": "fixed/v1", "embedding": embedding}})
    assert model().weigh([clue], ()).posterior.likelihoods == ()
    assert BayesEvidence(small_gazetteer()).weigh([seen()], ()).posterior.likelihoods == ()
