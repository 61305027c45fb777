"""Draws the lines of text of photos with known places, several kinds of clues in one photo.

    python tools/draw_combined_lines.py COORDINATES.csv [--seed 1] [--each 20]

COORDINATES has a photo a line (`LAT`, `LON`), such as that of a benchmark. So many are drawn from
every continent. The lines are those of the nearest town: words of signs in a language of its
country, its name, a telephone number, a domain, brands, a price. Some are of another place, in
another language, or misread.
"""

import argparse
import csv
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import phonenumbers
from babel.core import Locale, UnknownLocaleError
from babel.languages import get_territory_language_info
from babel.numbers import format_currency, get_territory_currencies

from geoagent_graph.evidence.brands import brand_table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.settings import load_settings
from tools.combined_words import DOMAIN_WORDS, SIGN_WORDS
from tools.draw_numbers import dialling_areas, draw_number, written

MIN_POPULATION = 2000
MAX_AREA_KM = 60.0
SHARES = {"words": 0.9, "name": 0.3, "phone": 0.3, "domain": 0.2, "brand": 0.3, "price": 0.2}
"""How many photos have clues of a kind, before those without any are drawn again."""
STRAY_SHARE = 0.1
"""Of the clues of every kind, how many are of another place."""
ENGLISH_SHARE = 0.15
MISREAD_SHARE = 0.25
_LOOK_ALIKE = {"o": "0", "l": "1", "e": "c", "i": "l", "a": "o", "n": "r", "u": "v", "8": "3"}


Places = dict[str, list[tuple[float, float, int]]]
"""(lat_deg, lon_deg, nearest town) of the photos of every continent."""


@dataclass(frozen=True, slots=True)
class DrawnPhoto:
    """A true place, the kinds of clues that were drawn, how many of them stray, and the lines."""

    lat_deg: float
    lon_deg: float
    country: str
    continent: str
    kinds: tuple[str, ...]
    stray: int
    lines: tuple[str, ...]


def read_places(coordinates: Path, town_table: TownTable) -> Places:
    """Return (lat_deg, lon_deg, nearest town) of the photos of every continent."""
    found: Places = defaultdict(list)
    rows = csv.DictReader(coordinates.read_text(encoding="utf-8").splitlines())
    for lat_deg, lon_deg in sorted({(float(row["LAT"]), float(row["LON"])) for row in rows}):
        towns, away_km = town_table.near(lat_deg, lon_deg, 100.0)
        large = town_table.population[towns] >= MIN_POPULATION
        if large.any():
            town = int(towns[large][away_km[large].argmin()])
            continent = str(town_table.continents[town_table.country[town]])
            found[continent].append((lat_deg, lon_deg, town))
    return found


def draw_photos(
    places: Places,
    town_table: TownTable,
    seed: int,
    each: int,
    kind_shares: Mapping[str, float] = SHARES,
) -> Iterator[DrawnPhoto]:
    """Yield so many photos of every continent, places more than once where there are few."""
    rng = random.Random(seed)
    for continent in sorted(places):
        for lat_deg, lon_deg, town in rng.choices(places[continent], k=each):
            kinds, lines, stray = _draw_clues(town, town_table, rng, kind_shares)
            country = town_table.codes[town_table.country[town]]
            yield DrawnPhoto(lat_deg, lon_deg, country, continent, kinds, stray, lines)


def _draw_clues(
    town: int, town_table: TownTable, rng: random.Random, kind_shares: Mapping[str, float]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Return (kinds, lines, stray clues)."""
    kinds: list[str] = []
    lines: list[str] = []
    stray = 0
    while not lines:
        for kind, share in kind_shares.items():
            if rng.random() > share:
                continue
            is_stray = rng.random() < STRAY_SHARE
            source = _any_town(town_table, rng) if is_stray else town
            drawn = _lines_of(kind, source, town_table, rng)
            if drawn:
                kinds.append(kind)
                stray += is_stray
                lines += drawn
    rng.shuffle(lines)
    return tuple(kinds), tuple(_as_read(line, rng) for line in lines), stray


def _any_town(town_table: TownTable, rng: random.Random) -> int:
    country = rng.choices(
        range(len(town_table.codes)), [c.population for c in town_table.gazetteer.countries]
    )[0]
    towns = range(town_table.starts[country], town_table.starts[country + 1])
    if not towns:
        return _any_town(town_table, rng)
    return rng.choices(towns, (town_table.population[towns.start : towns.stop] + 1.0).tolist())[0]


def _lines_of(kind: str, town: int, town_table: TownTable, rng: random.Random) -> list[str]:
    """Return the lines of a clue of a town; none where nothing is known to draw from."""
    code = town_table.codes[town_table.country[town]]
    if kind == "words":
        words = SIGN_WORDS[_language_of(code, rng)]
        return rng.sample(words, min(len(words), rng.choice((1, 1, 2, 3))))
    if kind == "name":
        return [town_table.gazetteer.name(town)]
    if kind == "domain":
        ending = (
            ".com"
            if rng.random() < 0.2
            else town_table.gazetteer.countries[town_table.country[town]].tld
        )
        return [f"www.{rng.choice(DOMAIN_WORDS)}-{rng.choice(DOMAIN_WORDS)}{ending}"]
    if kind == "brand":
        names = _brands_of(code)
        return [rng.choice(names).title()] if names else []
    drawn = _phone_of(town, code, town_table, rng) if kind == "phone" else _price_in(code, rng)
    return [drawn] if drawn else []


def _language_of(code: str, rng: random.Random) -> str:
    if rng.random() < ENGLISH_SHARE:
        return "en"
    spoken = {
        language.split("_")[0] if language != "zh_Hant" else language: float(
            info["population_percent"] or 0.0
        )
        for language, info in get_territory_language_info(code).items()
    }
    written_ones = {"no": "nb", "tl": "fil"}
    spoken = {written_ones.get(name, name): share for name, share in spoken.items()}
    known = {name: share for name, share in spoken.items() if name in SIGN_WORDS and share > 0}
    return rng.choices(list(known), list(known.values()))[0] if known else "en"


@cache
def _brands_of(code: str) -> tuple[str, ...]:
    """Return the brands of a country that are known in ten countries at most."""
    brands = brand_table().by_name.values()
    return tuple(b.name for b in brands if b.kind == "b" and code in b.countries[:10])


def _phone_of(town: int, code: str, town_table: TownTable, rng: random.Random) -> str | None:
    """Return a number of the town's area where one is known, else a mobile number."""
    gazetteer = town_table.gazetteer
    areas = dialling_areas(gazetteer, code) if phonenumbers.country_code_for_region(code) else ()
    style = rng.choice(("national", "national", "international"))
    here = (gazetteer.lat_deg[town], gazetteer.lon_deg[town])
    sites = np.array([area.town for area in areas], dtype=np.int64)
    if len(sites):
        away_km = town_table.distances_km(*here, sites)
        if away_km.min() < MAX_AREA_KM:
            number = draw_number(areas[int(away_km.argmin())], rng)
            if number is not None:
                return f"Tel. {written(number, style)}"
    example = phonenumbers.example_number_for_type(code, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return None
    example.national_number = (example.national_number or 0) + rng.randrange(1, 9999)
    return f"Tel. {written(example, style)}"


def _price_in(code: str, rng: random.Random) -> str | None:
    currencies = get_territory_currencies(code)
    try:
        locale = Locale.parse(f"und_{code}")
        amount = rng.choice((2.5, 4.9, 12.0, 35.0, 120.0))
        return format_currency(amount, currencies[0], locale=locale) if currencies else None
    except (UnknownLocaleError, ValueError):
        return None


def _as_read(line: str, rng: random.Random) -> str:
    """Return a line as it is, or with a letter lost or taken for one that looks like it."""
    if rng.random() > MISREAD_SHARE or len(line) < 4:
        return line
    place = rng.randrange(len(line))
    other = _LOOK_ALIKE.get(line[place], "")
    return line[:place] + other + line[place + 1 :]


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("coordinates", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=20)
    arguments = parser.parse_args()
    town_table = TownTable.of(open_gazetteer(load_settings()))
    places = read_places(arguments.coordinates, town_table)
    for photo in draw_photos(places, town_table, arguments.seed, arguments.each):
        print(photo.continent, photo.country, *photo.kinds, sep=" ", end=": ")
        print(*photo.lines, sep=" | ")


if __name__ == "__main__":
    main()
