"""The position a file claims: true for most files, a mistake or a lie for some."""

import math

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.point_component import point_component
from geoagent_graph.evidence.point_mixture import mixture_likelihood
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.types import Clue


def file_position_likelihood(
    observations: Observations, town_table: TownTable
) -> Likelihood | None:
    """Return what the first position that can be used says; None when the file claims none.

    It is the truth with probability 1 - `false`; else it says nothing: see `mixture_likelihood`.
    """
    weights = parameters().exif
    for clue in observations.of_kind("exif_position", "lat_deg", "lon_deg"):
        position = _position_of(clue)
        if position is not None:
            prior = prior_over_towns(town_table)
            true = 1.0 - weights.false
            point = point_component(town_table, prior, *position, true, weights.scale_km)
            return mixture_likelihood([point], town_table, "exif_reader", clue.text, (clue.id,))
    return None


def _position_of(clue: Clue) -> tuple[float, float] | None:
    """Return (lat_deg, lon_deg); None where they are no numbers or no place on Earth."""
    try:
        lat_deg, lon_deg = float(clue.attributes["lat_deg"]), float(clue.attributes["lon_deg"])
    except ValueError:
        return None
    on_earth = math.isfinite(lat_deg + lon_deg) and abs(lat_deg) <= 90 and abs(lon_deg) <= 180
    return (lat_deg, lon_deg) if on_earth else None


SOURCE = Source(
    name="file_position",
    kind="exif_position",
    label="Position in the file (a claim)",
    check="set by hand: one file in twenty is taken to carry a wrong position; checked by the "
    "tests' files with false positions",
    likelihood=file_position_likelihood,
)
