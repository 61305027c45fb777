"""The towns that a position in a file stands for, with their shares of it."""

import numpy as np

from geoagent_graph.errors import ToolError
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.position_spread import PlaceShare, place_shares
from geoagent_graph.protocols import GeocodedPoint


def towns_of_position(
    town_table: TownTable, lat_deg: float, lon_deg: float, error_km: float
) -> tuple[Indices, Floats]:
    """Return the rows of the towns, sorted, and their shares, which sum to 1.

    The country is what the geocoder of the table says, the town its nearest one there; without a
    geocoder, or where that fails, it is the nearest town of all. A country that the table has no
    towns of is shared by those of its continent: no other country is named for it.
    """
    shares = np.zeros(len(town_table))
    for place in _shares_of_geocoder(town_table, lat_deg, lon_deg, error_km):
        towns = _towns_of_point(town_table, place.point, lat_deg, lon_deg)
        prior = prior_over_towns(town_table)[towns]
        shares[towns] += place.share * prior / prior.sum()
    if not shares.any():
        shares[_nearest_row(town_table, lat_deg, lon_deg, slice(0, len(town_table)))] = 1.0
    rows = np.flatnonzero(shares)
    return rows, shares[rows]


def _shares_of_geocoder(
    town_table: TownTable, lat_deg: float, lon_deg: float, error_km: float
) -> tuple[PlaceShare, ...]:
    if town_table.geocoder is None:
        return ()
    try:
        return place_shares(town_table.geocoder, lat_deg, lon_deg, error_km)
    except ToolError:  # the answer asks the geocoder for the same point and says that it fails
        return ()


def _towns_of_point(
    town_table: TownTable, point: GeocodedPoint, lat_deg: float, lon_deg: float
) -> Indices:
    """Return the row of a geocoder's town: by its id, or the nearest of its country.

    Every town of the country where the geocoder names one abroad, because its own are too far to
    stand for the point, and of the continent where the country has none.
    """
    number = town_table.number_of.get(point.country_code, -1)
    if number < 0:
        return _nearest_row(town_table, lat_deg, lon_deg, slice(0, len(town_table)))
    towns = town_table.towns_of(number)
    if towns.start == towns.stop:
        same = town_table.continents == town_table.continents[number]
        return np.flatnonzero(same[town_table.country])
    found = np.flatnonzero(town_table.gazetteer.geonames_id == point.geonames_id)[:1]
    if not len(found):
        return _nearest_row(town_table, lat_deg, lon_deg, towns)
    if town_table.country[found[0]] == number:
        return found
    return np.arange(towns.start, towns.stop)


def _nearest_row(town_table: TownTable, lat_deg: float, lon_deg: float, towns: slice) -> Indices:
    away_km = town_table.distances_km(lat_deg, lon_deg, towns)
    return np.array([towns.start + int(np.argmin(away_km))], dtype=np.int64)
