"""The agent's gazetteer says which places points lie in: by border, and by the nearest town."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.contract.places import PlaceCodes, Places
from geoagent_evaluation.contract.tables import Floats, Ints, Words
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.settings import load_settings


def open_places() -> Mapping[str, Places]:
    """Return both ways by name; the place table is opened, and compiled at the first use."""
    geocoder = open_geocoder(load_settings())
    return {"polygon": ByPolygon(geocoder), "nearest_town": ByNearestTown(geocoder)}


@dataclass(frozen=True, slots=True)
class ByPolygon:
    """The country by its borders; region and city are those of its nearest town."""

    geocoder: OfflineGeocoder

    def codes(self, lat_deg: Floats, lon_deg: Floats) -> PlaceCodes:
        """Return the places of points; of a point that is NaN there is none."""
        known = np.flatnonzero(~np.isnan(lat_deg))
        found = self.geocoder.reverse_batch(lat_deg[known], lon_deg[known])
        countries = self.geocoder.gazetteer.countries
        codes = [countries[number].code for number in found.country_index.tolist()]
        home = self.geocoder.gazetteer.country_index[found.town_index] == found.country_index
        return _spread(self.geocoder, len(lat_deg), known, codes, found.town_index, home.tolist())


@dataclass(frozen=True, slots=True)
class ByNearestTown:
    """Country, region and city of the nearest town by great circle, whatever lies between."""

    geocoder: OfflineGeocoder

    def codes(self, lat_deg: Floats, lon_deg: Floats) -> PlaceCodes:
        """Return the places of points; of a point that is NaN there is none."""
        known = np.flatnonzero(~np.isnan(lat_deg))
        towns = self.geocoder.nearest(lat_deg[known], lon_deg[known])[0][:, 0]
        gazetteer = self.geocoder.gazetteer
        codes = [gazetteer.countries[number].code for number in gazetteer.country_index[towns]]
        return _spread(self.geocoder, len(lat_deg), known, codes, towns, [True] * len(towns))


def _spread(
    geocoder: OfflineGeocoder,
    count: int,
    known: Ints,
    countries: list[str],
    towns: Ints,
    home: list[bool],
) -> PlaceCodes:
    """Return the places of all points; a town abroad gives no region and no city."""
    gazetteer = geocoder.gazetteer
    country: Words = [None] * count
    region: Words = [None] * count
    city: Words = [None] * count
    places = zip(known.tolist(), countries, towns.tolist(), home, strict=True)
    for point, code, town, at_home in places:
        country[point] = code
        if at_home:
            region[point] = gazetteer.region(town) or None
            city[point] = str(gazetteer.geonames_id[town])
    return PlaceCodes(country, region, city)
