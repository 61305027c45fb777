"""How a photo looks as log P(photo | town), by a model that sees, calibrated.

The scores s of a contrastive model are log P(photo | town) up to a constant, if its training data
are believed. With w(town | country) the prior inside a country, what they say of a country is
l(country) = log sum of w * exp(s / city_temperature), and of a town

    log L = l(country) / country_temperature + s / city_temperature - l(country),

scaled so that the mean of L over the prior is 1, and mixed with "the look says nothing". The
temperatures and that share are the weights; no town becomes impossible.
"""

import base64
import binascii
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.evidence.visual_weights import VisualWeights
from geoagent_graph.protocols import PhotoPlaces
from geoagent_graph.types import Clue

MAX_DIMENSION: Final = 4096
_MAX_SCORE: Final = 1e4


def calibrated_logs(
    scores: NDArray[np.float32], town_table: TownTable, weights: VisualWeights
) -> Floats:
    """Return log P(photo | town) whose mean over the prior is 1, shape [towns].

    Args:
        scores: the model's own, shape [towns].
        town_table: the towns.
        weights: the temperatures, and the share of photos whose look says nothing.
    """
    prior, country = prior_over_towns(town_table), town_table.country
    bounded = np.clip(np.nan_to_num(scores.astype(np.float64)), -_MAX_SCORE, _MAX_SCORE)
    logs: Floats = bounded / weights.city_temperature
    logs -= logs.max()
    number = len(town_table.codes)
    mass = np.bincount(country, prior, number)
    total = np.bincount(country, prior * np.exp(logs), number)
    known = (mass > 0.0) & (total > 0.0)
    of_country = np.log(np.where(known, total, 1.0) / np.where(known, mass, 1.0))
    logs += (of_country * (1.0 / weights.country_temperature - 1.0))[country]
    logs -= logs.max()
    logs -= np.log(float(prior @ np.exp(logs)))
    mixed: Floats = np.log((1.0 - weights.uninformative) * np.exp(logs) + weights.uninformative)
    return mixed


def read_embedding(clue: Clue, places: PhotoPlaces) -> NDArray[np.float32] | None:
    """Return the unit vector that a clue holds; None where it holds none.

    Raises:
        InputError: it is of another model than is in use.
    """
    made_by = clue.attributes["model"]
    if made_by != places.places_id:
        raise InputError(
            f"this photo was looked at by {made_by:.100}, but {places.places_id} is in use; look "
            "again in a new run, or leave it out with --without-source photo_places"
        )
    text = clue.attributes["embedding"]
    if len(text) > 4 * MAX_DIMENSION:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data or len(data) % 2 or len(data) > 2 * MAX_DIMENSION:
        return None
    vector = np.frombuffer(data, "<f2").astype(np.float32)
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(length) or length == 0.0:
        return None
    return (vector / np.float32(length)).astype(np.float32)
