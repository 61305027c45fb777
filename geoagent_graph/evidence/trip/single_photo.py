"""What one photo's own run came to, as a probability of every town."""

import numpy as np

from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.trip_types import PhotoEvidence
from geoagent_graph.types import LEVELS, Hypothesis, Place


def single_photo_posterior(model: BayesEvidence, photo: PhotoEvidence) -> Floats:
    """Return P(town | this photo), shape [towns], which sums to 1.

    It is the evidence model's posterior given that what was ruled out is ruled out, scaled to what
    the run says of each place it has judged: a language model may have judged otherwise.
    """
    left = model.allowed_towns(photo.ruled_out)
    posterior = model.weigh(photo.clues, photo.references).posterior.probability
    probability = np.where(left, posterior, 0.0)
    if float(probability.sum()) <= 0.0:  # only towns that nothing speaks for are left
        probability = np.where(left, model.prior, 0.0) if left.any() else posterior.copy()
    probability /= probability.sum()
    for level in LEVELS:
        candidates = photo.levels.get(level, ())
        if candidates:
            _scale_to(probability, candidates, model)
    scaled: Floats = probability / probability.sum()
    return scaled


def _scale_to(
    probability: Floats, candidates: tuple[Hypothesis, ...], model: BayesEvidence
) -> None:
    """Give the candidates of one level the probabilities they were judged to have.

    What is left of the region they divide goes to its other places, in their proportions.
    """
    around = model.town_mask(_region_divided_by(candidates[0].place, model))
    whole = float(probability[around].sum())
    rest = around.copy()
    listed = 0.0
    for candidate in candidates:
        inside = model.town_mask(candidate.place) & rest
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


def _region_divided_by(place: Place, model: BayesEvidence) -> Place | None:
    """Return the region that a level's candidates divide, None for the world."""
    gazetteer = model.town_table.gazetteer
    if place.level == "continent":
        return None
    if place.level == "country" or place.country_code not in model.town_table.number_of:
        return gazetteer.continent_place(place.continent_code)
    return gazetteer.country_place(place.country_code)
