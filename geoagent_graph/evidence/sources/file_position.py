"""The position a file claims: true for most files, a mistake or a lie for some."""

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.point_component import PointComponent, claimed_point
from geoagent_graph.evidence.point_mixture import mixture_likelihood
from geoagent_graph.evidence.position_error import FilePosition, file_position
from geoagent_graph.evidence.position_towns import towns_of_position
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.geo.position_spread import RADII_PER_ERROR
from geoagent_graph.translation import mark


def file_position_likelihood(
    observations: Observations, town_table: TownTable
) -> Likelihood | None:
    """Return what the first position that can be used says; None when the file claims none.

    It is the very place of the photo with probability 1 - `false`, up to its own error; else it is
    in the same country, or says nothing: see `mixture_likelihood`.
    """
    for clue in observations.of_kind("exif_position", "lat_deg", "lon_deg"):
        position = file_position(clue, town_table)
        if position is not None:
            point = _point_of_position(position, town_table)
            otherwise = _countries_if_false(position, point, town_table)
            return mixture_likelihood(
                [point], town_table, "exif_reader", clue.text, (clue.id,), otherwise
            )
    return None


def _point_of_position(position: FilePosition, town_table: TownTable) -> PointComponent:
    lat_deg, lon_deg, error_km = position.lat_deg, position.lon_deg, position.error_km
    towns, shares = towns_of_position(town_table, lat_deg, lon_deg, error_km)
    prior = prior_over_towns(town_table)
    radius_km = RADII_PER_ERROR * error_km
    return claimed_point(prior, lat_deg, lon_deg, 1.0 - position.false, towns, shares, radius_km)


def _countries_if_false(
    position: FilePosition, point: PointComponent, town_table: TownTable
) -> Floats:
    """Return P(country | the claim is false) / P(country), shape [countries]."""
    prior, number = prior_over_towns(town_table), len(town_table.codes)
    countries = town_table.country[point.towns]
    shares = np.bincount(countries, point.ratio * prior[point.towns], number)
    before = np.bincount(town_table.country, prior, number)
    same = np.divide(shares, before, out=np.zeros(number), where=before > 0.0)
    return np.asarray(1.0 - position.false_near + position.false_near * same)


SOURCE = Source(
    name="file_position",
    kind="exif_position",
    label=mark("Position in the file (a claim)"),
    check="set by hand: one position in fifty is taken to be wrong; checked by "
    "benchmarks/check_positions.py and by the tests' files with false positions",
    likelihood=file_position_likelihood,
)
