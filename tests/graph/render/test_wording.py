"""Words for probabilities, points and evidence claim no more than the figures do."""

import pytest

from geoagent_graph.render import wording
from geoagent_graph.render.terminal.answer_text import answer_text
from geoagent_graph.types import AnswerPlace, Evidence
from tests.support.answers import PORTO, hypothesis, porto_answer, unknown_answer


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1.0, "100 %"), (0.9999, "> 99 %"), (0.876, "88 %"), (0.001, "< 1 %"), (0.0, "0 %")],
)
def test_a_share_is_never_rounded_up_to_certainty(probability: float, words: str) -> None:
    assert wording.percent(probability) == words


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.995, "practically certain"), (0.9, "very likely"), (0.5, "more likely than not"),
     (0.4, "possible"), (0.0, "very unlikely")],
)  # fmt: skip
def test_probability_in_words(probability: float, words: str) -> None:
    assert wording.probability_words(probability) == words


def test_a_headline_claims_no_more_than_the_level() -> None:
    place = AnswerPlace(continent="Europe", country="Portugal", country_code="PT")
    assert wording.headline(porto_answer()) == "Porto, Porto District, Portugal"
    at_country = porto_answer(level="country", place=place)
    assert wording.headline(at_country) == "Portugal, city unknown"
    assert wording.headline(unknown_answer()) == wording.NO_CLAIM


def test_an_answer_of_the_prior_is_said_to_be_that() -> None:
    unknown = unknown_answer()
    assert wording.claim_sentence(unknown) == wording.NO_CLAIM_SENTENCE
    of_the_prior = unknown.model_copy(update={"is_prior": True})
    assert wording.claim_sentence(of_the_prior) == wording.PRIOR_SENTENCE
    assert wording.PRIOR_SENTENCE in answer_text(of_the_prior).plain
    assert wording.PRIOR_SENTENCE not in answer_text(unknown).plain
    assert '"is_prior":true' in of_the_prior.model_dump_json()
    assert "is_prior" not in unknown.model_dump()


def test_a_point_has_no_more_digits_than_its_radius_deserves() -> None:
    assert wording.coordinates(41.14961, -8.61099, 25.0) == "41.15°N, 8.61°W"
    assert wording.coordinates(-41.14961, 8.61099, 1500.0) == "41.1°S, 8.6°E"


@pytest.mark.parametrize(
    ("log_lr", "words"),
    [(0.5, "hardly"), (-1.0, "weakly"), (2.5, "moderately"), (-5.0, "strongly"),
     (1e9, "very strongly")],
)  # fmt: skip
def test_the_strength_of_evidence_in_words(log_lr: float, words: str) -> None:
    assert wording.strength(log_lr) == words


def test_what_corrects_the_sum_speaks_for_no_side() -> None:
    joint = Evidence(place_id=PORTO.id, source="together", log_lr=-0.8, reason="the clues overlap")
    place = hypothesis(PORTO, 0.5, for_it="a sign")
    place = place.model_copy(update={"evidence": (*place.evidence, joint)})
    spoke_for, spoke_against = wording.for_and_against(place)
    assert ([one.reason for one in spoke_for], spoke_against) == (["a sign"], [])
    assert wording.joint_evidence(place) == [joint]
    weak = joint.model_copy(update={"log_lr": 0.001})
    assert wording.joint_evidence(place.model_copy(update={"evidence": (weak,)})) == []


def test_evidence_is_split_by_its_sign() -> None:
    spoke_for, spoke_against = wording.for_and_against(
        hypothesis(PORTO, 0.5, for_it="a sign", against="a plate")
    )
    assert [one.reason for one in spoke_for] == ["a sign"]
    assert [one.reason for one in spoke_against] == ["a plate"]
