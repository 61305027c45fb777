"""The towns that a position in a file stands for, with their shares of it."""

from collections import defaultdict

import numpy as np

from geoagent_graph.errors import ToolError
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.position_spread import PlaceShare, place_shares
from geoagent_graph.protocols import GeocodedPoint


def towns_of_position(
    town_table: TownTable, lat_deg: float, lon_deg: float, error_km: float
) -> tuple[Indices, Floats]:
    """Return the rows of the towns, sorted, and their shares, which sum to 1.

    The country is what the geocoder of the table says, the town its nearest one there; without a
    geocoder, or where that fails, it is the nearest town of all.
    """
    shares: defaultdict[int, float] = defaultdict(float)
    for place in _shares_of_geocoder(town_table, lat_deg, lon_deg, error_km):
        shares[_row_of_point(town_table, place.point, lat_deg, lon_deg)] += place.share
    if not shares:
        shares[_nearest_row(town_table, lat_deg, lon_deg, slice(0, len(town_table)))] = 1.0
    rows = sorted(row for row, share in shares.items() if share > 0.0)
    return np.array(rows, dtype=np.int64), np.array([shares[row] for row in rows])


def _shares_of_geocoder(
    town_table: TownTable, lat_deg: float, lon_deg: float, error_km: float
) -> tuple[PlaceShare, ...]:
    if town_table.geocoder is None:
        return ()
    try:
        return place_shares(town_table.geocoder, lat_deg, lon_deg, error_km)
    except ToolError:  # the answer asks the geocoder for the same point and says that it fails
        return ()


def _row_of_point(
    town_table: TownTable, point: GeocodedPoint, lat_deg: float, lon_deg: float
) -> int:
    """Return the row of a geocoder's town: by its id, else the nearest one of its country."""
    number = town_table.number_of.get(point.country_code, -1)
    towns = town_table.towns_of(number) if number >= 0 else slice(0, 0)
    found = np.flatnonzero(town_table.gazetteer.geonames_id[towns] == point.geonames_id)
    if len(found):
        return int(towns.start + found[0])
    if towns.start == towns.stop:  # a country that the table has no towns of
        towns = slice(0, len(town_table))
    return _nearest_row(town_table, lat_deg, lon_deg, towns)


def _nearest_row(town_table: TownTable, lat_deg: float, lon_deg: float, towns: slice) -> int:
    first: int = towns.start
    return first + int(np.argmin(town_table.distances_km(lat_deg, lon_deg, towns)))
