"""What a name was found to mean, ready to be shown: which place, and what tells it apart."""

from dataclasses import dataclass
from typing import Final, Literal

from geoagent_graph.geo.found import MAX_LIKELIER, SAME_PLACE_KM, Found
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.regions import Region
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.types import Place

# A country comes first, and still may not be meant: Georgia, Luxembourg, Mexico. Set by hand.
MAX_COUNTRY_WEIGHT: Final = 3e9


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that a written name may mean.

    `kind` is "town", "country", "continent", or what the region is: "state", "island", ...
    `country_codes` has several entries for what lies in several countries; `radius_km` holds most
    of a region, None elsewhere. `full_name` tells the place from others of its name. `passed_over`
    are the parts of the name that were not used; `is_ambiguous` says that another place of the same
    answer is about as likely.
    """

    id: str
    level: Literal["continent", "country", "region", "city"]
    kind: str
    name: str
    continent_code: str
    country_codes: tuple[str, ...]
    country: str | None
    region: str | None
    lat_deg: float
    lon_deg: float
    radius_km: float | None
    population: int
    matched: str
    similarity: float
    full_name: str
    passed_over: tuple[str, ...]
    is_ambiguous: bool


def found_places(gazetteer: Gazetteer, found: list[Found]) -> list[FoundPlace]:
    """Return findings as places, with what tells each apart."""
    points = [_point(gazetteer, item) for item in found]
    rivals = [_is_rival(found[0], found[n], points[0], points[n]) for n in range(1, len(found))]
    flags = [any(rivals), *rivals] if found else []
    return [_describe(gazetteer, item, flag) for item, flag in zip(found, flags, strict=True)]


def _is_rival(
    best: Found, other: Found, best_deg: tuple[float, float], other_deg: tuple[float, float]
) -> bool:
    """Say whether another finding is another place that may be meant as well as the best."""
    if other.similarity < best.similarity:
        return False
    best_weight = min(best.weight, MAX_COUNTRY_WEIGHT) if best.code else best.weight
    if best_weight > MAX_LIKELIER * other.weight:
        return False
    if best.code and other.code:
        return True
    # a town and the region around it that bears its name are one place
    shared_km = max(item.region.radius_km if item.region else 0.0 for item in (best, other))
    return float(distance_km(*best_deg, *other_deg)) > max(SAME_PLACE_KM, shared_km)


def _point(gazetteer: Gazetteer, found: Found) -> tuple[float, float]:
    if found.region is not None:
        return found.region.lat_deg, found.region.lon_deg
    place = _place(gazetteer, found)
    return place.lat_deg, place.lon_deg


def _place(gazetteer: Gazetteer, found: Found) -> Place:
    if found.town >= 0:
        return gazetteer.place(found.town)
    if found.code in gazetteer.country_numbers:
        return gazetteer.country_place(found.code)
    return gazetteer.continent_place(found.code.removeprefix("continent:"))


def _describe(gazetteer: Gazetteer, found: Found, is_ambiguous: bool) -> FoundPlace:
    if found.region is not None:
        return _describe_region(gazetteer, found, found.region, is_ambiguous)
    place = _place(gazetteer, found)
    population = 0
    if found.town >= 0:
        population = int(gazetteer.population[found.town])
    elif place.country_code:
        population = gazetteer.country(place.country_code).population
    parts = dict.fromkeys((place.name, place.region, place.country))
    return FoundPlace(
        id=place.id,
        level=place.level,
        kind="town" if place.level == "city" else place.level,
        name=place.name,
        continent_code=place.continent_code,
        country_codes=(place.country_code,) if place.country_code else (),
        country=place.country,
        region=place.region,
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        radius_km=None,
        population=population,
        matched=found.matched,
        similarity=found.similarity,
        full_name=", ".join(part for part in parts if part),
        passed_over=found.passed_over,
        is_ambiguous=is_ambiguous,
    )


def _describe_region(
    gazetteer: Gazetteer, found: Found, region: Region, is_ambiguous: bool
) -> FoundPlace:
    countries = [gazetteer.country(code) for code in region.country_codes]
    shared = " / ".join(country.name for country in countries)
    names = dict.fromkeys((region.name, region.outer, shared))
    return FoundPlace(
        id=region.id if ":" in region.id else f"iso:{region.id}",
        level="region",
        kind=region.kind,
        name=region.name,
        continent_code=countries[0].continent_code,
        country_codes=region.country_codes,
        country=countries[0].name if len(countries) == 1 else None,
        region=region.outer or region.name,
        lat_deg=region.lat_deg,
        lon_deg=region.lon_deg,
        radius_km=region.radius_km,
        population=region.population,
        matched=found.matched,
        similarity=found.similarity,
        full_name=", ".join(name for name in names if name),
        passed_over=found.passed_over,
        is_ambiguous=is_ambiguous,
    )
