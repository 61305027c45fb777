"""What one photo's own run came to, as a probability of every town."""

from typing import TYPE_CHECKING

import numpy as np

from geoagent_graph.evidence.leaves import Floats
from geoagent_graph.trip import PhotoEvidence
from geoagent_graph.types import LEVELS, Hypothesis, Place

if TYPE_CHECKING:
    from geoagent_graph.evidence.model import BayesEvidence


def alone_over_towns(model: "BayesEvidence", photo: PhotoEvidence) -> Floats:
    """Return P(town | this photo), shape [towns], which sums to 1.

    It is the evidence model's posterior, scaled to what the run says of each place it has judged
    (a language model may have judged otherwise), given that what was ruled out is ruled out.
    """
    probability = model.weigh(photo.clues, photo.references).posterior.probability.copy()
    for level in LEVELS:
        candidates = photo.levels.get(level, ())
        if candidates:
            _scale_to(probability, candidates, model)
    probability /= probability.sum()
    left = np.where(model.left(photo.ruled_out), probability, 0.0)
    total = float(left.sum())
    if total <= 0.0:  # everything is ruled out: what is left is what the prior says of the rest
        left = np.where(model.left(photo.ruled_out), model.prior, 0.0)
        total = float(left.sum())
    return left / total if total > 0.0 else probability


def _scale_to(
    probability: Floats, candidates: tuple[Hypothesis, ...], model: "BayesEvidence"
) -> None:
    """Give the candidates of one level the probabilities they were judged to have.

    What is left of the region they divide goes to its other places, in their proportions.
    """
    around = model.mask(_divided(candidates[0].place, model))
    whole = float(probability[around].sum())
    rest = around.copy()
    listed = 0.0
    for candidate in candidates:
        inside = model.mask(candidate.place) & rest
        held = float(probability[inside].sum())
        wanted = min(candidate.probability, whole - listed)
        if held <= 0.0 or wanted < 0.0:
            continue
        probability[inside] *= wanted / held
        listed += wanted
        rest &= ~inside
    held = float(probability[rest].sum())
    if held > 0.0:
        probability[rest] *= max(whole - listed, 0.0) / held


def _divided(place: Place, model: "BayesEvidence") -> Place | None:
    """Return the region that a level's candidates divide, None for the world."""
    gazetteer = model.leaves.gazetteer
    if place.level == "continent":
        return None
    if place.level == "country" or place.country_code not in model.leaves.number_of:
        return gazetteer.continent_place(place.continent_code)
    return gazetteer.country_place(place.country_code)
