"""Where a person says that the photo lies: a condition, written as evidence.

Whatever lies outside keeps a share so small that it is nowhere shown. As evidence the condition
reaches every number alike: continents, countries, towns, the point, its radius, and a trip.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.search_area import towns_in_area
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.search_areas import AREA_KIND, areas_in
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue


def _weigh_areas(observations: Observations, town_table: TownTable) -> Likelihood | None:
    clues = observations.of_kind(AREA_KIND, "area")
    inside = np.ones(len(town_table), dtype=bool)
    for area in areas_in(clues):
        inside &= towns_in_area(area, town_table)
    if not clues or not inside.any() or inside.all():
        return None  # where nobody lives, the point is the area's own
    return _condition(inside, clues, town_table)


def _condition(
    inside: NDArray[np.bool_], clues: Sequence[Clue], town_table: TownTable
) -> Likelihood:
    outside_log = parameters().person.outside_log
    towns = np.flatnonzero(inside)
    return Likelihood(
        source=AREA_KIND,
        description=" and ".join(clue.text for clue in clues),
        clue_ids=tuple(clue.id for clue in clues),
        country=np.full(len(town_table.codes), outside_log),
        towns=towns,
        town_log=np.full(len(towns), -outside_log),
    )


SOURCE = Source(
    name=AREA_KIND,
    kind=AREA_KIND,
    label=mark("Where a person looks"),
    check="set by hand: a condition, not an observation; everything is given that it is right",
    likelihood=_weigh_areas,
)
