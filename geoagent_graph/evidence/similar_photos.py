"""Reference photos that look alike, as claims about points: each true with a small probability."""

from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.leaves import Floats, Leaves
from geoagent_graph.evidence.points import PointClaim, point_claim
from geoagent_graph.evidence.tables import fitted
from geoagent_graph.types import Reference

MAX_REFERENCES = 50
_LEAST_WEIGHT = 1e-4


def similar_photo_claims(
    references: Sequence[Reference], leaves: Leaves, prior: Floats
) -> list[PointClaim]:
    """Return one claim per reference photo and scale; the weights sum to less than 1.

    How much a hit stands out is measured against the other hits, so that the size of the index
    and the encoder's own scale of similarities cancel: see `standing_out`.
    """
    numbers = fitted("similar")
    best = sorted(references, key=lambda reference: -reference.score)[:MAX_REFERENCES]
    if not best:
        return []
    stands_out = standing_out(np.array([reference.score for reference in best]))
    same = _logistic(numbers["same_offset"] + numbers["same_slope"] * stands_out)
    around = numbers["around"] * _logistic(
        numbers["around_offset"] + numbers["around_slope"] * stands_out
    )
    scale = min(1.0, numbers["most"] / max(float(same.sum() + around.sum()), 1e-9))
    claims = []
    for reference, one, wide in zip(best, same * scale, around * scale, strict=True):
        for weight, km in ((one, numbers["same_km"]), (wide, numbers["around_km"])):
            if weight >= _LEAST_WEIGHT:
                claims.append(
                    point_claim(
                        leaves, prior, reference.lat_deg, reference.lon_deg, float(weight), km
                    )
                )
    return claims


def standing_out(scores: Floats) -> Floats:
    """Return how far each similarity is on the way from the usual one to 1: 0 usual, 1 identical.

    The usual similarity is the median of the lower half of the hits, or a low guess when there are
    few of them.
    """
    usual = float(np.quantile(scores, 0.25)) if len(scores) >= 8 else float(scores.min()) - 0.1
    usual = min(usual, 0.98)
    return np.asarray(np.clip((scores - usual) / (1.0 - usual), 0.0, 1.0))


def _logistic(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))
