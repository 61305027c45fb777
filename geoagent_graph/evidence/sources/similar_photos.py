"""Reference photos that look alike, as claims about points: each true with a small probability.

A hit that stands out may be the same place. All hits together say a little about regions: with the
default encoder so little that it is one small share, spread over them.
"""

from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.point_component import PointComponent, point_component
from geoagent_graph.evidence.point_mixture import mixture_likelihood
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.sources.photo_places import EMBEDDING_KIND
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.translation import mark
from geoagent_graph.types import Reference

MAX_REFERENCES = 50
MAX_AROUND = 20


def similar_photo_components(
    references: Sequence[Reference],
    town_table: TownTable,
    prior: Floats,
    *,
    only_same: bool = False,
) -> list[PointComponent]:
    """Return claims about the places of the hits; the weights sum to less than 1.

    With `only_same` nothing is said of the regions around the hits, because a classifier or a
    model that sees has weighed the look of the photo for that.

    How much a hit stands out is measured against the other hits, so that the size of the index
    and the encoder's own scale of similarities cancel: see `distinctness`.
    """
    weights = parameters().similar
    best = sorted(references, key=lambda reference: -reference.score)[:MAX_REFERENCES]
    if not best:
        return []
    stands_out = distinctness(np.array([reference.score for reference in best]))
    places = first_of_each_place(
        np.array([reference.lat_deg for reference in best]),
        np.array([reference.lon_deg for reference in best]),
    )
    alike = [rank for rank in places if stands_out[rank] >= weights.least_distinct]
    same = same_place_share(stands_out[alike], weights.same_offset, weights.same_slope)
    same *= min(1.0, weights.most / max(float(same.sum()), 1e-9))
    matched = matched_places(best)
    if matched:
        alike, points = matched, np.array([best[rank].matching_points for rank in matched])
        same = (1.0 - weights.matched_wrong) * points / points.sum()
    near = places[:MAX_AROUND]
    around = np.exp(weights.around_slope * stands_out[near])
    share = 0.0 if only_same else weights.around_share
    around *= share * (1.0 - float(same.sum())) / float(around.sum())
    return [
        point_component(
            town_table, prior, best[rank].lat_deg, best[rank].lon_deg, float(weight), km
        )
        for ranks, shares, km in (
            (alike, same, weights.same_km),
            (near, around, weights.around_km),
        )
        for rank, weight in zip(ranks, shares, strict=True)
        if weight > 0.0
    ]


def first_of_each_place(lat_deg: Floats, lon_deg: Floats) -> list[int]:
    """Return the positions of hits that are not the place of a better hit once more."""
    kept: list[int] = []
    for rank in range(len(lat_deg)):
        away_km = distance_km(lat_deg[rank], lon_deg[rank], lat_deg[kept], lon_deg[kept])
        if not (away_km < parameters().similar.same_place_km).any():
            kept.append(rank)
    return kept


def matched_places(references: Sequence[Reference]) -> list[int]:
    """Return the positions of hits whose points match the photo's, one a place, the most first."""
    least = parameters().similar.least_matching_points
    points = np.array([reference.matching_points or 0 for reference in references])
    ranks = [rank for rank in np.argsort(-points, kind="stable").tolist() if points[rank] >= least]
    first = first_of_each_place(
        np.array([references[rank].lat_deg for rank in ranks]),
        np.array([references[rank].lon_deg for rank in ranks]),
    )
    return [ranks[number] for number in first]


def same_place_share(stands_out: Floats, offset: float, slope: float) -> Floats:
    """Return the probability that a hit shows the very place of the photo."""
    return np.asarray(1.0 / (1.0 + np.exp(-(offset + slope * stands_out))))


def distinctness(scores: Floats) -> Floats:
    """Return how far each similarity is on the way from the usual one to 1: 0 usual, 1 identical.

    The usual similarity is the median of the lower half of the hits, or a low guess when there are
    few of them.
    """
    usual = float(np.quantile(scores, 0.25)) if len(scores) >= 8 else float(scores.min()) - 0.1
    usual = min(usual, 0.98)
    return np.asarray(np.clip((scores - usual) / (1.0 - usual), 0.0, 1.0))


def _is_seen(observations: Observations, town_table: TownTable) -> bool:
    """Return whether a model that sees has weighed the look of the photo."""
    return town_table.look is not None and bool(observations.of_kind(EMBEDDING_KIND))


def similar_photo_likelihood(
    observations: Observations, town_table: TownTable
) -> Likelihood | None:
    """Return what all hits say together; None when nothing was searched or found."""
    references = observations.references
    points = similar_photo_components(
        references,
        town_table,
        prior_over_towns(town_table),
        only_same=bool(observations.of_kind("geocells") or _is_seen(observations, town_table)),
    )
    if not points:
        return None
    best = max(reference.score for reference in references)
    seen = f"{len(references):,} similar photos, the most similar at {best:.2f}"
    if len(references) == 1:
        seen = f"one similar photo, at {best:.2f}"
    return mixture_likelihood(points, town_table, "retriever", _matched_text(references) + seen, ())


def _matched_text(references: Sequence[Reference]) -> str:
    matched = matched_places(references)[:1]
    return "".join(
        f"the same place as {references[rank].id}, {references[rank].matching_points} matching "
        "points; "
        for rank in matched
    )


SOURCE = Source(
    name="similar_photos",
    kind="similar_photo",
    label=mark("Look-alike photos"),
    check="fitted on half the places of 1,013 reference photos with the default encoder, by "
    "tools/fit_evidence.py; checked on the other half",
    likelihood=similar_photo_likelihood,
)
