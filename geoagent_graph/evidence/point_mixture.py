"""The likelihood of points of which at most one is true."""

from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood, sparse_sum
from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.towns import Floats, TownTable


def mixture_likelihood(
    points: Sequence[PointComponent],
    town_table: TownTable,
    source: str,
    description: str,
    clue_ids: tuple[str, ...],
    otherwise: Floats | None = None,
) -> Likelihood:
    """Return the mixture of points of which at most one is true; their weights sum to less than 1.

    L(town) = (1 - sum of weights) * otherwise(its country) + sum over points of weight *
    ratio(town). `otherwise` is P(country | no point is true) / P(country), shape [countries]; None
    is 1 everywhere: then nothing is known.
    """
    nothing = np.full(len(town_table.codes), 1.0 - sum(point.weight for point in points))
    if otherwise is not None:
        nothing = nothing * otherwise
    towns, value = sparse_sum([(point.towns, point.weight * point.ratio) for point in points])
    return Likelihood(
        source=source,
        description=description,
        clue_ids=clue_ids,
        country=np.log(nothing),
        towns=towns,
        town_log=np.log1p(value / nothing[town_table.country[towns]]),
        points=tuple(points),
    )
