"""How a photo looks, as a classifier of an index scored it: a likelihood over countries and boxes.

The classifier's own calibration is measured on places that it had not seen; here its scores are
mixed with "the look says nothing", so that a photo of another kind than those of the index cannot
rule a place out.
"""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

MAX_CELLS: Final = 1000
MAX_LOG: Final = 20.0


def geocell_likelihood(observations: Observations, town_table: TownTable) -> Likelihood | None:
    """Return what the look of the photo says; None where no classifier scored it."""
    clues = observations.of_kind("geocells", "countries", "boxes")
    return None if not clues else _likelihood_of(clues[0], town_table)


def _likelihood_of(clue: Clue, town_table: TownTable) -> Likelihood:
    logs = np.zeros(len(town_table))
    for sides, value in _scores(clue.attributes["boxes"]):
        edges = _numbers(sides.split(","))
        if len(edges) == 4:
            logs[_inside(town_table, *edges)] = value
    for code, value in _scores(clue.attributes["countries"]):
        if code in town_table.number_of:
            logs[town_table.towns_of(town_table.number_of[code])] = value
    return Likelihood(
        source="geocells",
        description=clue.text,
        clue_ids=(clue.id,),
        country=np.zeros(len(town_table.codes)),
        towns=np.arange(len(town_table)),
        town_log=_mix(logs),
    )


def _mix(logs: Floats) -> Floats:
    """Return the logs of a mixture with "the look says nothing", a share of the parameters."""
    share = parameters().geocells.uninformative
    ratio = np.exp(np.clip(logs, -MAX_LOG, MAX_LOG))
    mixed: Floats = np.log((1.0 - share) * ratio + share)
    return mixed


def _inside(
    town_table: TownTable, south: float, west: float, north: float, east: float
) -> NDArray[np.bool_]:
    """Return which towns lie in a box; its north and east sides are of the next box, if any."""
    lat, lon = town_table.gazetteer.lat_deg, town_table.gazetteer.lon_deg
    below = (lat < north) | (north >= 90.0)
    left = (lon < east) | (east >= 180.0)
    return np.asarray((lat >= south) & below & (lon >= west) & left)


def _scores(text: str) -> Iterator[tuple[str, float]]:
    """Yield what is scored and its score; what is no finite number is passed over."""
    for part in text.split()[:MAX_CELLS]:
        name, _, number = part.rpartition("=")
        for value in _numbers([number]):
            yield name, value


def _numbers(texts: list[str]) -> list[float]:
    """Return the finite numbers among texts."""
    found = []
    for text in texts:
        try:
            value = float(text)
        except ValueError:
            continue
        if math.isfinite(value):
            found.append(value)
    return found


SOURCE = Source(
    name="geocells",
    kind="geocells",
    label=mark("Look of the photo"),
    check="fitted by each index on its own photos, held out by place; the share that says nothing "
    "is set by hand and checked on the photos of `dev`",
    likelihood=geocell_likelihood,
)
