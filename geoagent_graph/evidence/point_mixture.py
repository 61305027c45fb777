"""The likelihood of points of which at most one is true."""

from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood, sparse_sum
from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.towns import TownTable


def mixture_likelihood(
    points: Sequence[PointComponent],
    town_table: TownTable,
    source: str,
    description: str,
    clue_ids: tuple[str, ...],
) -> Likelihood:
    """Return the mixture of points of which at most one is true; their weights sum to less than 1.

    L(town) = (1 - sum of weights) + sum over points of weight * ratio(town).
    """
    nothing = 1.0 - sum(point.weight for point in points)
    towns, value = sparse_sum([(point.towns, point.weight * point.ratio) for point in points])
    return Likelihood(
        source=source,
        description=description,
        clue_ids=clue_ids,
        country=np.full(len(town_table.codes), np.log(nothing)),
        towns=towns,
        town_log=np.log1p(value / nothing),
        points=tuple(points),
    )
