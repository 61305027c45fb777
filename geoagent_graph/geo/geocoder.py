"""The offline geocoder: points to places by polygon and nearest town, names to places by alias."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.geo.address import AddressSearch
from geoagent_graph.geo.disputes import DisputedAreas, load_disputed_areas
from geoagent_graph.geo.found_places import FoundPlace, found_places
from geoagent_graph.geo.gazetteer import Gazetteer, open_gazetteer
from geoagent_graph.geo.name_search import NameSearch
from geoagent_graph.geo.place_finder import PlaceFinder
from geoagent_graph.geo.polygons import CountryPolygons, PolygonLookup, open_polygons
from geoagent_graph.geo.regions import RegionTable, open_regions
from geoagent_graph.geo.sphere import distance_km, normalize_longitude, unit_vectors
from geoagent_graph.geo.surroundings import NearestBorder, NearestLand, Surroundings
from geoagent_graph.protocols import GeocodedPoint, NamedPlace
from geoagent_graph.settings import Settings
from geoagent_graph.types import Place

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

COUNTRY_SOURCES: Final = ("polygon", "nearest_coast", "nearest_town")
_POLYGON, _COAST, _TOWN = range(3)

# The map is good to some hundred metres: so near to a town beyond the border, the town is right.
# Measured on towns left out: 10 of 14.
_TRUST_TOWN_KM: Final = 0.5
# Coast distances are those of the middle of a cell of up to 7 km.
_COAST_SLACK_KM: Final = 3.0
# The nearest town of the country itself is named up to here, or up to three times the distance of
# the nearest town of all.
_OWN_TOWN_KM: Final = 500.0
_OWN_TOWN_FACTOR: Final = 3.0
# Farther than that a border tells nothing about a point; set by hand.
MAX_BORDER_KM: Final = 100.0


@dataclass(frozen=True, slots=True)
class ReversedPoints:
    """What lies at many points: arrays of one length.

    `country_index` int16 and `town_index` int64 into the gazetteer, `distance_km` float64 to that
    town, `source` uint8 into `COUNTRY_SOURCES`.
    """

    country_index: NDArray[np.int16]
    town_index: NDArray[np.int64]
    distance_km: NDArray[np.float64]
    source: NDArray[np.uint8]


class OfflineGeocoder:
    """Implements `protocols.Geocoder` on a gazetteer and country polygons; thread-safe.

    The country of a point is that of the polygon it lies in (`country_source` "polygon"); at sea
    that of the nearest coast up to 22 km off ("nearest_coast"); beyond, and within half a kilometre
    of a town on the other side of a border, that of the nearest town ("nearest_town"). The town
    named is the nearest one of that country, or the nearest of all where that would be more than
    500 km and three times as far. Continents are those of whole countries as in GeoNames: Russia
    is in Europe, Turkey and Cyprus as GeoNames files them.
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        polygons: CountryPolygons,
        regions: RegionTable | None = None,
    ) -> None:
        self.gazetteer = gazetteer
        self.polygons = polygons
        self._regions = regions
        self._addresses = AddressSearch(gazetteer, regions)
        self._names = NameSearch(gazetteer)
        self._trees: dict[int, tuple[int, cKDTree]] = {}
        self._lock = Lock()

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        """Return what lies at a point.

        Raises:
            InputError: a coordinate is not finite, or out of range.
        """
        return self.describe(self.reverse_batch([lat_deg], [lon_deg]))[0]

    def surroundings(self, lat_deg: float, lon_deg: float) -> Surroundings:
        """Return what lies at a point, with the nearest border, the nearest land and disputes.

        Raises:
            InputError: a coordinate is not finite, or out of range.
        """
        point = self.reverse(lat_deg, lon_deg)
        lon = float(normalize_longitude(lon_deg))
        on_map = self.polygons.lookup(np.array([lat_deg]), np.array([lon]))
        land = None
        if on_map.country_index[0] < 0:
            found = self.polygons.lines.nearest_land(lat_deg, lon)
            if found is not None:
                code = self.gazetteer.countries[found.country_index].code
                land = NearestLand(code, found.lat_deg, found.lon_deg, found.distance_km)
        return Surroundings(
            point=point,
            border=self.nearest_border(lat_deg, lon_deg),
            land=land,
            dispute=self._disputes.at(lat_deg, lon),
        )

    @cached_property
    def _disputes(self) -> DisputedAreas:
        return load_disputed_areas()

    def nearest_border(
        self, lat_deg: float, lon_deg: float, within_km: float = MAX_BORDER_KM
    ) -> NearestBorder | None:
        """Return the nearest land of a country other than that of the point.

        At a land border that is the border itself, elsewhere the opposite coast. None when there
        is none within `within_km`.

        Raises:
            InputError: a coordinate is not finite, or out of range.
        """
        country = int(self.reverse_batch([lat_deg], [lon_deg]).country_index[0])
        lon = float(normalize_longitude(lon_deg))
        found = self.polygons.lines.nearest_foreign(lat_deg, lon, country, within_km)
        if found is None:
            return None
        code = self.gazetteer.countries[found.country_index].code
        return NearestBorder(code, found.distance_km)

    def continents(self) -> list[Place]:
        """Return all continents, at the centres of their populations."""
        return [self.gazetteer.continent_place(code) for code in self.gazetteer.continents]

    def countries(self) -> list[Place]:
        """Return all countries, the most populous first."""
        ordered = sorted(self.gazetteer.countries, key=lambda country: -country.population)
        return [self.gazetteer.country_place(country.code) for country in ordered]

    def countries_named(self, name: str) -> list[Place]:
        """Return the countries a name may mean, in any language, likeliest first."""
        return [self.gazetteer.country_place(code) for code in self.gazetteer.country_matches(name)]

    def reverse_batch(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> ReversedPoints:
        """Return what lies at each point, as arrays.

        Args:
            lat_deg: latitudes in [-90, 90], shape [n].
            lon_deg: longitudes in [-180, 180], shape [n]; 180 is -180.

        Raises:
            InputError: a coordinate is not finite, or out of range; the message names it.
        """
        lat, lon = check_coordinates(lat_deg, lon_deg)
        on_map = self.polygons.lookup(lat, lon)
        found, distances = self.nearest(lat, lon)
        towns, town_km = found[:, 0], distances[:, 0]
        country, source = self._decide_countries(on_map, towns, town_km)
        astray = np.flatnonzero(self.gazetteer.country_index[towns] != country)
        self._prefer_own_towns(lat, lon, country, towns, town_km, astray)
        return ReversedPoints(country, towns, town_km, source)

    def describe(self, points: ReversedPoints) -> list[GeocodedPoint]:
        """Return the points of a batch with their names; no region where the town is abroad."""
        gazetteer = self.gazetteer
        described = []
        for row, town in enumerate(points.town_index.tolist()):
            number = points.country_index[row]
            country, at_home = gazetteer.countries[number], gazetteer.country_index[town] == number
            described.append(
                GeocodedPoint(
                    continent_code=country.continent_code,
                    country_code=country.code,
                    country=country.name,
                    region=gazetteer.region(town) if at_home else "",
                    city=gazetteer.name(town),
                    geonames_id=int(gazetteer.geonames_id[town]),
                    distance_km=float(points.distance_km[row]),
                    country_source=COUNTRY_SOURCES[points.source[row]],
                )
            )
        return described

    def nearest(
        self, lat_deg: ArrayLike, lon_deg: ArrayLike, k: int = 1
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return (towns, distance_km), each [n, k], of the k nearest towns by great circle.

        Raises:
            InputError: a coordinate is not finite or out of range, or k is not in [1, 1000].
        """
        lat, lon = check_coordinates(lat_deg, lon_deg)
        if not 1 <= k <= 1000:
            raise InputError(f"k is {k}, not between 1 and 1000. Ask for fewer towns.")
        found = _nearest_rows(self._town_tree, unit_vectors(lat, lon), k)
        gazetteer = self.gazetteer
        there = gazetteer.lat_deg[found], gazetteer.lon_deg[found]
        return found, distance_km(lat[:, None], lon[:, None], *there)

    def forward(self, name: str, limit: int = 10) -> list[NamedPlace]:
        """Return the places a name may mean, the likeliest first; empty when there is none.

        Exact names in any language and script come before near misses, then the more populous
        place comes first. "City, Country" and "City Region" forms narrow by the later parts.

        Raises:
            InputError: limit is not positive.
        """
        if limit < 1:
            raise InputError(f"limit is {limit}, not positive. Ask for at least one place.")
        return [self._names.as_named_place(match) for match in self._addresses.find(name)[:limit]]

    def find(self, name: str, limit: int = 10) -> list[FoundPlace]:
        """Return the towns, countries and regions a name may mean; empty when none is known.

        In doubt it says nothing: near misses count only where one well-known place can be meant,
        and a place that the later parts of the name contradict is left out.

        Raises:
            InputError: limit is not positive, or this geocoder has no table of regions.
        """
        if limit < 1:
            raise InputError(f"limit is {limit}, not positive. Ask for at least one place.")
        return found_places(self.gazetteer, self._finder.find(name)[:limit])

    @cached_property
    def _finder(self) -> PlaceFinder:
        if self._regions is None:
            raise InputError("this geocoder has no table of regions: open it with open_geocoder().")
        return PlaceFinder(self.gazetteer, self._regions)

    def _decide_countries(
        self, on_map: PolygonLookup, towns: NDArray[np.int64], town_km: NDArray[np.float64]
    ) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
        """Return the country of each point and what it was taken from."""
        country = on_map.country_index.copy()
        source = np.full(len(country), _POLYGON, dtype=np.uint8)
        at_sea = country < 0
        ashore = at_sea & (on_map.coast_index >= 0)
        country[ashore] = on_map.coast_index[ashore]
        source[ashore] = _COAST
        of_town = self.gazetteer.country_index[towns]
        by_town = at_sea & ~ashore
        by_town |= ashore & (of_town != country) & (town_km < on_map.coast_km + _COAST_SLACK_KM)
        by_town |= on_map.near_border & (of_town != country) & (town_km <= _TRUST_TOWN_KM)
        country[by_town] = of_town[by_town]
        source[by_town] = _TOWN
        return country, source

    def _prefer_own_towns(
        self,
        lat: NDArray[np.float64],
        lon: NDArray[np.float64],
        country: NDArray[np.int16],
        towns: NDArray[np.int64],
        town_km: NDArray[np.float64],
        astray: NDArray[np.int64],
    ) -> None:
        """Replace towns beyond the border by the nearest ones of the country, where near enough."""
        if len(astray) == 0:
            return
        astray = astray[np.argsort(country[astray], kind="stable")]
        numbers, starts = np.unique(country[astray], return_index=True)
        for number, points in zip(numbers.tolist(), np.split(astray, starts[1:]), strict=True):
            first, tree = self._country_tree(number)
            if tree.n == 0:
                continue
            own = _nearest_rows(tree, unit_vectors(lat[points], lon[points]), 1)[:, 0] + first
            gazetteer = self.gazetteer
            own_km = distance_km(
                lat[points], lon[points], gazetteer.lat_deg[own], gazetteer.lon_deg[own]
            )
            near = own_km <= np.maximum(_OWN_TOWN_KM, _OWN_TOWN_FACTOR * town_km[points])
            towns[points[near]] = own[near]
            town_km[points[near]] = own_km[near]

    @cached_property
    def _town_tree(self) -> "cKDTree":
        from scipy.spatial import cKDTree

        return cKDTree(unit_vectors(self.gazetteer.lat_deg, self.gazetteer.lon_deg))

    def _country_tree(self, number: int) -> "tuple[int, cKDTree]":
        """Return the first row of a country's towns and a tree over them."""
        from scipy.spatial import cKDTree

        with self._lock:
            if number not in self._trees:
                gazetteer = self.gazetteer
                first, end = gazetteer.country_range(gazetteer.countries[number].code)
                rows = slice(first, end)
                points = unit_vectors(gazetteer.lat_deg[rows], gazetteer.lon_deg[rows])
                self._trees[number] = first, cKDTree(points)
            return self._trees[number]


def open_geocoder(
    settings: Settings, progress: Callable[[float, str], None] | None = None
) -> OfflineGeocoder:
    """Return the geocoder; its tables are compiled into `settings.cache_dir` on first use.

    Args:
        settings: names the folder.
        progress: called with the share done, 0 to 1, and what is being done; only when compiling.

    Raises:
        GazetteerError: the tables must be compiled and the folder cannot be written.
    """

    def shift_progress(start: float, size: float) -> Callable[[float, str], None] | None:
        return progress and (lambda share, text: progress(start + size * share, text))

    # polygons first: their large arrays go back to the system before the many small strings come
    polygons = open_polygons(settings, shift_progress(0.0, 0.3))
    gazetteer = open_gazetteer(settings, shift_progress(0.3, 0.6))
    return OfflineGeocoder(gazetteer, polygons, open_regions(settings, shift_progress(0.9, 0.1)))


def check_coordinates(
    lat_deg: ArrayLike, lon_deg: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coordinates as float64 arrays of one length, longitudes in [-180, 180).

    Raises:
        InputError: they are no numbers, not finite, out of range, or of different lengths.
    """
    try:
        lat = np.atleast_1d(np.asarray(lat_deg, dtype=np.float64))
        lon = np.atleast_1d(np.asarray(lon_deg, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InputError("coordinates must be numbers in degrees, latitude first.") from error
    if lat.ndim != 1 or lat.shape != lon.shape:
        raise InputError(f"{lat.shape} latitudes and {lon.shape} longitudes: give one of each.")
    for name, values, bound in (("latitude", lat, 90), ("longitude", lon, 180)):
        bad = ~(np.abs(values) <= bound)  # also true for NaN
        if bad.any():
            wrong = values[np.argmax(bad)]
            raise InputError(f"{name} {wrong:g} is not between -{bound} and {bound} degrees.")
    return lat, normalize_longitude(lon)


def _nearest_rows(tree: "cKDTree", points: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Return the k nearest of the tree for unit vectors, shape [n, min(k, tree.n)].

    Asked in the order of latitude bands: neighbours follow each other and stay in the processor's
    cache, which halves the time.
    """
    k = min(k, int(tree.n))
    key = np.floor((points[:, 2] + 1.0) * 60.0) * 8.0 + np.arctan2(points[:, 1], points[:, 0])
    order = np.argsort(key)
    found = np.empty((len(points), k), dtype=np.int64)
    found[order] = np.asarray(tree.query(points[order], k=[*range(1, k + 1)])[1])
    return found
