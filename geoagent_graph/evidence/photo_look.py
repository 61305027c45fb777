"""How a photo looks as log P(photo | town), by a model that sees, calibrated.

The scores s of a contrastive model are log P(photo | town) up to a constant, if its training data
are believed. It errs by towns, by regions, by countries, so what it says is a mixture:

    L(town) = town_share * exp(s / city_temperature) + region_share * R + country_share * C
              + continent_share * K + uninformative

R, C and K are the mean of exp(s / city_temperature) over the town's region, country and continent
by the prior, to the power of 1 / country_temperature; every part is scaled so that its mean over
the prior is 1. No town becomes impossible.
"""

import base64
import binascii
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
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
        weights: the temperatures and the shares.
    """
    ratios = look_ratios(scores, town_table, weights.city_temperature, weights.country_temperature)
    mixed = np.zeros(len(town_table))
    for share, (groups, ratio) in zip(weights.shares, ratios, strict=True):
        mixed += share * (ratio if groups is None else ratio[groups])
    logs: Floats = np.log(mixed)
    return logs


def look_ratios(
    scores: NDArray[np.float32], town_table: TownTable, city: float, country: float
) -> list[tuple[Indices | None, Floats]]:
    """Return P(photo | town) / P(photo) as each part of the mixture has it.

    A part is the group of every town, [towns], and a ratio per group; None for one per town. They
    are by town, region, country, continent, and one that says nothing.
    """
    prior = prior_over_towns(town_table)
    bounded = np.clip(np.nan_to_num(scores.astype(np.float64)), -_MAX_SCORE, _MAX_SCORE) / city
    by_town = np.exp(bounded - bounded.max())
    weighted = prior * by_town
    parts: list[tuple[Indices | None, Floats]] = [(None, by_town / weighted.sum())]
    for groups in (town_table.region_numbers, town_table.country, town_table.continent_numbers):
        mass = np.bincount(groups, prior)
        means = np.bincount(groups, weighted) / np.where(mass > 0.0, mass, 1.0)
        ratio = means ** (1.0 / country)
        parts.append((groups, ratio / float(mass @ ratio)))
    nothing = np.zeros(len(prior), dtype=np.int64)
    return [*parts, (nothing, np.ones(1))]


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
