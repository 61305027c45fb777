"""What a later part of a name says about where the place lies: "TX 75460", "Bayern", "USA"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.names import fold, variants
from geoagent_graph.geo.regions import Region, RegionTable
from geoagent_graph.geo.short_names import SHORT_NAMES
from geoagent_graph.geo.sphere import distance_km

# A part of a town, or a village beside it, lies within that distance of its centre; set by hand
# after the radius of the largest cities.
_TOWN_RADIUS_KM: Final = 30.0
_MIN_TOWN_PEOPLE: Final = 1_000
_MAX_CODE_CHARS: Final = 3
_POSTAL_PARTS: Final = re.compile(
    r"\b(?:[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d"
    r"|(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?|\d{3}-\d{4}|\d{3} \d{2})\b"
)
# Countries whose states are written as letters behind a town. The postal code tells them apart.
_POSTAL_COUNTRIES: Final = (
    ("US", re.compile(r"\d{5}(-\d{4})?")),
    ("AU", re.compile(r"\d{4}")),
    ("CA", re.compile(r"[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d")),
)
# Countries whose regions are named by their letters alone.
STATE_COUNTRIES: Final = ("US", "CA", "AU")


@dataclass(frozen=True, slots=True)
class Area:
    """What a qualifier may mean: a country or continent, a region, or a town and its surroundings.

    Exactly one of `country_code`, `continent_code` and `radius_km` is set; `towns_region` names the
    first level that the area is.
    """

    country_code: str = ""
    continent_code: str = ""
    region: Region | None = None
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    radius_km: float = 0.0


def split_postal_code(field: str) -> tuple[str, str]:
    """Return a field without its postal code, and the code; empty where it has none."""
    found = _POSTAL_PARTS.search(field)
    if found is None:
        return field, ""
    rest = " ".join((field[: found.start()] + " " + field[found.end() :]).split())
    return rest.strip(" -,."), found[0]


class Qualifiers:
    """Reads qualifiers; several meanings are kept, and any of them confirms."""

    def __init__(self, gazetteer: Gazetteer, regions: RegionTable) -> None:
        self._gazetteer = gazetteer
        self._regions = regions

    def areas(self, field: str, postal_code: str = "") -> list[Area]:
        """Return what a field may mean as the surroundings of a place; empty when nothing."""
        found = [*self._countries(field), *self._named_regions(field)]
        return [*found, *self.coded_regions(field, postal_code), *self._towns(field)]

    def coded_regions(self, field: str, postal_code: str = "") -> list[Area]:
        """Return the regions of a code ("WA"), those of the postal code's country where it fits."""
        coded = self._regions_of_code(field)
        asked = [code for code, form in _POSTAL_COUNTRIES if form.fullmatch(postal_code)]
        by_post = [area for area in coded if area.region and area.region.country_codes[0] in asked]
        return by_post or coded

    def _countries(self, field: str) -> Iterator[Area]:
        gazetteer = self._gazetteer
        codes = [*gazetteer.country_matches(field), *self._regions.countries_named(fold(field))]
        if field.isupper():
            codes += [c.code for c in gazetteer.countries if field in (c.code, c.iso3)]
        for code in dict.fromkeys(codes):
            yield Area(country_code=code)
        for code in gazetteer.continent_matches(field):
            yield Area(continent_code=code)

    def _named_regions(self, field: str) -> Iterator[Area]:
        meant = SHORT_NAMES.get(field.strip(".")) or SHORT_NAMES.get(field) or (field,)
        for name in meant:
            if "," in name:  # a town's full name; the most populous of that name is meant
                yield from islice(self._towns(name.split(",")[0]), 1)
                continue
            for key in variants(name):
                for number in self._regions.matches(key):
                    yield _region_area(self._regions.region(number))

    def _regions_of_code(self, field: str) -> list[Area]:
        code = field.replace(".", "").upper()
        if not 1 < len(code) <= _MAX_CODE_CHARS:
            return []
        return [_region_area(self._regions.region(n)) for n in self._regions.with_code(code)]

    def _towns(self, field: str) -> Iterator[Area]:
        gazetteer = self._gazetteer
        for key in variants(field):
            for town in gazetteer.matches(key).tolist():
                if gazetteer.population[town] >= _MIN_TOWN_PEOPLE:
                    lat, lon = float(gazetteer.lat_deg[town]), float(gazetteer.lon_deg[town])
                    yield Area(lat_deg=lat, lon_deg=lon, radius_km=_TOWN_RADIUS_KM)

    def holds_town(self, area: Area, town: int) -> bool:
        """Say whether a town lies in an area."""
        gazetteer = self._gazetteer
        country = gazetteer.countries[int(gazetteer.country_index[town])]
        if area.country_code:
            return area.country_code == country.code
        if area.continent_code:
            return bool(area.continent_code == country.continent_code)
        region = area.region
        if region is not None:
            if country.code not in region.country_codes:
                return False
            if region.towns_region:
                return bool(fold(gazetteer.region(town)) == fold(region.towns_region))
        return self._is_near(area, float(gazetteer.lat_deg[town]), float(gazetteer.lon_deg[town]))

    def holds_region(self, area: Area, inner: Region) -> bool:
        """Say whether a region lies in an area, by its centre; a region holds not itself."""
        if area.country_code:
            return area.country_code in inner.country_codes
        if area.continent_code:
            country = self._gazetteer.country(inner.country_codes[0])
            return area.continent_code == country.continent_code
        if area.region is not None:
            shares = set(area.region.country_codes) & set(inner.country_codes)
            if not shares or area.region.id == inner.id:
                return False
        return self._is_near(area, inner.lat_deg, inner.lon_deg)

    def _is_near(self, area: Area, lat_deg: float, lon_deg: float) -> bool:
        away = distance_km(area.lat_deg, area.lon_deg, lat_deg, lon_deg)
        return float(away) <= area.radius_km


def _region_area(region: Region) -> Area:
    return Area(
        region=region, lat_deg=region.lat_deg, lon_deg=region.lon_deg, radius_km=region.radius_km
    )
