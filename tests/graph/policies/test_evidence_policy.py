"""The default policy: what it lists, when it accepts, retries, goes back and stops."""

import asyncio
from dataclasses import replace

import pytest

from geoagent_graph.policies.evidence_policy import EvidencePolicy
from geoagent_graph.protocols import Situation
from geoagent_graph.types import LEVELS, Hypothesis, Level, Verdict
from tests.support.evidence_cases import (
    PHOTO,
    Case,
    answer_to,
    exif_clue,
    model,
    observed,
    scored,
    situation,
    text_clue,
)


def judged(at: Situation, candidates: list[Hypothesis]) -> Verdict:
    return asyncio.run(EvidencePolicy(model()).judge(at, candidates))


def proposed(at: Situation) -> list[Hypothesis]:
    return asyncio.run(EvidencePolicy(model()).propose(at))


def test_name_and_draft() -> None:
    policy = EvidencePolicy(model())
    assert policy.name == "evidence"
    assert asyncio.run(policy.draft(PHOTO, [])) == []
    kinds = {clue.kind for clue in asyncio.run(policy.draft(PHOTO, [text_clue("80331 München")]))}
    assert kinds == {"place_name", "postal_code"}


@pytest.mark.parametrize("level", LEVELS)
def test_the_list_is_ranked_bounded_and_holds_the_mass(level: Level) -> None:
    gazetteer = model().town_table.gazetteer
    within = {"continent": None, "country": gazetteer.continent_place("EU")}.get(
        level, gazetteer.country_place("DE")
    )
    at = situation(level, within, observed(Case("80331 München")))
    hypotheses = proposed(at)
    assert 3 <= len(hypotheses) <= 12
    assert all(hypothesis.level == level for hypothesis in hypotheses)
    assert sum(hypothesis.prior for hypothesis in hypotheses) <= 1.0 + 1e-9
    candidates = scored(at)
    assert 0.9 < sum(candidate.probability for candidate in candidates) <= 1.0 + 1e-9


def test_the_prior_ignores_the_clues() -> None:
    with_clues = proposed(situation("continent", None, observed(Case("München"))))
    without = proposed(situation("continent", None, []))
    priors = [{h.place.id: h.prior for h in found} for found in (with_clues, without)]
    for place in set(priors[0]) & set(priors[1]):
        assert priors[0][place] == pytest.approx(priors[1][place])


def test_rejected_places_are_not_listed_again() -> None:
    at = situation("continent", None, observed(Case("München")))
    at = replace(at, excluded=frozenset({"continent:EU"}))
    assert "continent:EU" not in {hypothesis.place.id for hypothesis in proposed(at)}


def test_a_second_try_lists_more() -> None:
    germany = model().town_table.gazetteer.country_place("DE")
    at = situation("city", germany, observed(Case("Bäckerei")))
    assert len(proposed(replace(at, attempt=1))) > len(proposed(at)) == 12


def test_every_candidate_lists_clues_for_and_against() -> None:
    at = situation("country", model().town_table.gazetteer.continent_place("EU"),
                   observed(Case("Pizzeria Roma", "Hauptstraße 12", "+49 89 123456")))  # fmt: skip
    best, second = scored(at)[:2]
    assert best.place.country_code == "DE"
    assert {item.source for item in best.evidence} >= {"language", "place_name", "phone"}
    phone = next(item for item in second.evidence if item.source == "phone")
    assert phone.log_lr < 0
    assert "less likely" in phone.reason
    assert phone.clue_ids


def test_a_thin_list_is_widened_once_then_stops() -> None:
    germany = model().town_table.gazetteer.country_place("DE")
    at = situation("city", germany, observed(Case("Bäckerei")))
    assert judged(at, scored(at)).decision == "retry"
    again = replace(at, attempt=1)
    assert judged(again, scored(again)).decision == "stop"


def test_nothing_seen_stops_with_a_reason() -> None:
    at = situation("continent", None, [])
    verdict = judged(at, scored(at))
    assert verdict.decision == "stop"
    assert "no clue" in verdict.reason


def test_a_region_that_the_clues_contradict_is_given_back() -> None:
    africa = model().town_table.gazetteer.continent_place("AF")
    at = situation("country", africa, observed(Case("80331 München", "+49 89 123456")))
    verdict = judged(at, scored(at))
    assert verdict.decision == "back"
    assert "Africa" in verdict.reason


def test_a_capital_is_not_claimed_for_its_size_alone() -> None:
    found = answer_to(Case("ផ្លូវ", "ហាង"))
    assert found.country == "KH"
    assert found.city is None


def test_a_city_is_named_by_the_clue_not_by_its_largest_town() -> None:
    assert answer_to(Case("Almada", "Rua Direita", "2800-001 Almada", "+351 21 272 1234")).city == (
        "Almada"
    )


def test_a_position_contradicted_by_the_sign_loses() -> None:
    clues = observed(Case("Hotel Kenia", "ulica Długa 5", "+48 22 123 45 67"))
    clues.append(exif_clue(-1.28, 36.82))
    assert model().probability(model().town_table.gazetteer.country_place("PL"), clues, ()) > 0.85
