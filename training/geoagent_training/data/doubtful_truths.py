"""Truths that a reward could not score as they stand, found before a run."""

from typing import Final

import numpy as np

from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.geocoder import OfflineGeocoder
from geoagent_graph.geo.sphere import chord_to_km, unit_vectors
from geoagent_training.data.rows import LocatedPhoto
from geoagent_training.data.sources import SourceRow
from geoagent_training.rewards.places import PlaceResolver

# A photo this far from every town of the country it is said to lie in lies in another one; set by
# hand, so that deserts, ice and islands without towns pass.
MAX_TOWN_DISTANCE_KM: Final = 750.0


def truth_line(row: SourceRow) -> str:
    """Return a row's truth as it was read, for people."""
    photo = row.photo
    names = " | ".join(name or "-" for name in (photo.country, photo.region, photo.precise))
    return f"{row.where} reads: {names} at {photo.lat_deg:g}, {photo.lon_deg:g}"


def doubtful_truth(photo: LocatedPhoto, resolver: PlaceResolver) -> str | None:
    """Return why the names of a photo are doubtful, or None; no names at all are no doubt."""
    if not photo.country:
        if photo.region or photo.precise:
            return f"there is no country beside {photo.region or photo.precise!r}"
        return None
    codes = resolver.country_codes(photo.country)
    if not codes or not resolver.names_one_country(photo.country):
        return f"{photo.country!r} is no country that is known, or several"
    distances_km = [_nearest_town_km(resolver.gazetteer, code, photo) for code in codes]
    if min(distances_km) > MAX_TOWN_DISTANCE_KM:
        return (
            f"{photo.lat_deg:g}, {photo.lon_deg:g} is {min(distances_km):,.0f} km from every town "
            f"of {photo.country}"
        )
    return None


def country_doubt(row: SourceRow, geocoder: OfflineGeocoder, resolver: PlaceResolver) -> str | None:
    """Return which country a point lies in where it is not the one that is named, or None.

    Near a border or a coast the outlines are off by a few km, so this is no fault of itself.
    """
    photo = row.photo
    codes = resolver.country_codes(photo.country) if photo.country else ()
    if not codes:
        return None
    found = geocoder.reverse_batch([photo.lat_deg], [photo.lon_deg]).country_index
    here = geocoder.gazetteer.countries[int(found[0])]
    if here.code in codes:
        return None
    return f"doubtful: the point lies in {here.name}, not in {photo.country}"


def _nearest_town_km(gazetteer: Gazetteer, code: str, photo: LocatedPhoto) -> float:
    """Return the distance to the nearest town of a country in km, 0 where it has no towns."""
    first, end = gazetteer.country_range(code)
    if first == end:
        return 0.0
    towns = unit_vectors(gazetteer.lat_deg[first:end], gazetteer.lon_deg[first:end])
    here = unit_vectors(np.array([photo.lat_deg]), np.array([photo.lon_deg]))
    return float(chord_to_km(np.linalg.norm(towns - here, axis=1)).min())
