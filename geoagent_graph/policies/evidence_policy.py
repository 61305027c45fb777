"""The default policy: no model, only a posterior over places and thresholds for what it claims."""

import asyncio
import math
from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.cities import city_masses
from geoagent_graph.evidence.country_shares import rank_continents
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.explanation import times
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.support import has_support
from geoagent_graph.number_words import JOINT_SOURCE
from geoagent_graph.protocols import Photo, Policy, Situation
from geoagent_graph.types import Clue, Hypothesis, Place, Verdict

MAX_FIRST_LIST = 12
MAX_WIDER_LIST = 36
MAX_SUPPORT_LOG = 60.0


class EvidencePolicy(Policy):
    """Proposes places by their posterior and accepts what is probable enough; else stops."""

    name = "evidence"

    def __init__(self, model: BayesEvidence) -> None:
        self._model = model

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        """Return the typed clues that the lines of text hold."""
        del photo
        return await asyncio.to_thread(self._model.extract, clues)

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return the likeliest places of the level with their probability before the clues."""
        return await asyncio.to_thread(self._propose_places, situation)

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Return `accept` for a place that is probable enough, else `retry`, `back` or `stop`."""
        return await asyncio.to_thread(self._judge_candidates, situation, list(candidates))

    def _propose_places(self, situation: Situation) -> list[Hypothesis]:
        model = self._model
        posterior = model.weigh(situation.clues, situation.references).posterior
        whole = model.region(situation.within)
        prior_whole = max(posterior.prior_mass(whole), 1e-300)
        mass_whole = max(posterior.mass(whole), 1e-300)
        most = MAX_FIRST_LIST if situation.attempt == 0 else MAX_WIDER_LIST
        hypotheses: list[Hypothesis] = []
        listed = 0.0
        for place, mass, prior in self._rank_places(situation, most + len(situation.excluded)):
            if place.id in situation.excluded:
                continue
            if len(hypotheses) >= most or (
                listed >= parameters().thresholds.listed and len(hypotheses) >= 3
            ):
                break
            listed += mass / mass_whole
            share = min(1.0, prior / prior_whole)
            hypotheses.append(
                Hypothesis(
                    level=situation.level,
                    place=place,
                    prior=share,
                    probability=share,
                    reason=f"{share:.2%} before the clues, {mass / mass_whole:.1%} with them",
                )
            )
        return hypotheses

    def _rank_places(self, situation: Situation, most: int) -> list[tuple[Place, float, float]]:
        """Return (place, posterior, prior) of the level's places, the likeliest first."""
        model, gazetteer = self._model, self._model.town_table.gazetteer
        posterior = model.weigh(situation.clues, situation.references).posterior
        if situation.level == "city":
            return self._rank_cities(situation, most)
        inside = model.region(situation.within).countries
        if situation.level == "country":
            order = inside[np.argsort(-posterior.country_probability[inside], kind="stable")]
            return [
                (
                    gazetteer.country_place(model.town_table.codes[number]),
                    float(posterior.country_probability[number]),
                    float(posterior.country_prior[number]),
                )
                for number in order[:most].tolist()
                if posterior.country_prior[number] > 0
            ]
        if posterior is model.unobserved.posterior:
            return list(model.unobserved.continents)
        return list(rank_continents(posterior))

    def _rank_cities(self, situation: Situation, most: int) -> list[tuple[Place, float, float]]:
        model = self._model
        code = situation.within.country_code if situation.within else None
        if code is None or code not in model.town_table.number_of:
            return []
        posterior = model.weigh(situation.clues, situation.references).posterior
        cities = model.cities.of(model.town_table.number_of[code])
        mass = city_masses(cities, posterior.probability)
        prior = city_masses(cities, posterior.prior)
        ranked = []
        for city in np.argsort(-mass, kind="stable")[:most].tolist():
            towns = cities.towns_of(city)
            # the town that the clues name, else the most populous
            town = int(towns[np.argmax(posterior.probability[towns])])
            place = model.town_table.gazetteer.place(town)
            ranked.append((place, float(mass[city]), float(prior[city])))
        return ranked

    def _judge_candidates(self, situation: Situation, candidates: list[Hypothesis]) -> Verdict:
        within = situation.within
        best = max(candidates, key=lambda candidate: candidate.probability)
        parent = self._model.probability(within, situation.clues, situation.references)
        overall = best.probability * parent
        thresholds = parameters().thresholds
        threshold = thresholds.of_level(situation.level)
        contradiction = self._reason_to_go_back(situation)
        if contradiction:
            return Verdict(decision="back", reason=contradiction)
        if overall >= threshold and _is_supported(best):
            return Verdict(
                decision="accept",
                place_id=best.place.id,
                reason=f"{best.place.name} has {overall:.0%}, enough for a {situation.level} "
                f"({threshold:.0%}); {_main_reasons(best)}",
            )
        listed = sum(candidate.probability for candidate in candidates)
        if (
            situation.attempt == 0
            and listed < 1 - thresholds.left_out
            and len(candidates) >= MAX_FIRST_LIST
        ):
            return Verdict(
                decision="retry",
                reason=f"the list holds only {listed:.0%} of the probability: a longer one is due",
            )
        if overall >= threshold:
            return Verdict(
                decision="stop",
                reason=f"no clue points to a town; {best.place.name} is only where most people "
                f"of {best.place.country} live",
            )
        return Verdict(
            decision="stop",
            reason=f"the likeliest {situation.level}, {best.place.name}, has {overall:.0%}; "
            f"{threshold:.0%} are needed to claim it; {_main_reasons(best)}",
        )

    def _reason_to_go_back(self, situation: Situation) -> str | None:
        """Return why the clues speak against the accepted region, None where they do not.

        References are left out: they were searched inside the region only.
        """
        if situation.within is None:
            return None
        thresholds = parameters().thresholds
        posterior = self._model.weigh(situation.clues, ()).posterior
        region = self._model.region(situation.within)
        inside, prior = posterior.mass(region), posterior.prior_mass(region)
        if inside >= thresholds.contradicted_probability or prior in (0.0, 1.0):
            return None
        odds = np.log(max(inside, 1e-300) / max(1 - inside, 1e-300)) - np.log(prior / (1 - prior))
        if odds > thresholds.contradicted_log:
            return None
        return (
            f"the clues are {times(float(odds))} in {situation.within.name} than elsewhere: "
            "it was accepted too early"
        )


def _is_supported(hypothesis: Hypothesis) -> bool:
    """Say whether a town is claimed for what was seen, not just for its share of the people."""
    if hypothesis.level != "city":
        return True
    total = min(math.fsum(item.log_lr for item in hypothesis.evidence), MAX_SUPPORT_LOG)
    return has_support(hypothesis.prior, min(1.0, hypothesis.prior * math.exp(total)))


def _main_reasons(hypothesis: Hypothesis) -> str:
    speaking = sorted(
        (item for item in hypothesis.evidence if item.source != JOINT_SOURCE),
        key=lambda item: -abs(item.log_lr),
    )
    said = [item.reason for item in speaking[:2] if abs(item.log_lr) > 0.5]
    return "; ".join(said) if said else "no clue tells places apart here"
