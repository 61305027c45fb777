"""Draws telephone numbers of dialling areas, and signs of towns that share such an area.

`benchmarks/check_phones.py` and the tests use it. Numbers are random digits behind a prefix of
libphonenumber's table of areas that its own metadata accept as a number of a fixed line; the towns
are those of the gazetteer. A town belongs to the area whose own town is nearest.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle

import numpy as np
import phonenumbers
from numpy.typing import NDArray
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType
from phonenumbers.geodata import GEOCODE_DATA

from geoagent_graph.evidence.phones.area_names import is_in_shadow
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.geo.sphere import chord_to_km, unit_vectors

COUNTRIES = ("ES", "IT", "FR", "DE", "PT", "BR", "GB", "PL", "TR", "JP", "MX", "AR", "HU", "ZA")
"""Countries whose areas hold several towns of some size."""

STYLES = ("national", "international", "zeros", "bracketed")
_FIXED = (PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_LOOK_ALIKE = {"0": "6", "1": "7", "3": "8", "5": "6", "6": "8", "7": "1", "8": "3", "9": "8"}
_MAX_TRIES = 200
MIN_AREAS = 3
_MIN_POPULATION = 4000
_MIN_LETTERS = 6


@dataclass(frozen=True, slots=True)
class DiallingArea:
    """An area of one country: the town it is named after, and the prefixes that lead to it."""

    region: str
    description: str
    town: int
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TownNumber:
    """A number that a town would have, and the area it is of."""

    town: int
    area: DiallingArea
    number: PhoneNumber


@cache
def _town_table(gazetteer: Gazetteer) -> TownTable:
    return TownTable.of(gazetteer)


@cache
def _prefixes_by_code() -> dict[str, dict[str, list[str]]]:
    """Return calling code -> description -> prefixes."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    codes = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    for prefix, texts in GEOCODE_DATA.items():
        code = next(prefix[:length] for length in (1, 2, 3) if prefix[:length] in codes)
        found[code][texts.get("en") or next(iter(texts.values()))].append(prefix)
    return found


@cache
def dialling_areas(gazetteer: Gazetteer, region: str) -> tuple[DiallingArea, ...]:
    """Return the areas of a country that are named after a town of it."""
    code = str(phonenumbers.country_code_for_region(region))
    first, end = gazetteer.country_range(region)
    found = []
    for description, prefixes in sorted(_prefixes_by_code()[code].items()):
        head = re.split(r"[/,(]| - ", description)[0]
        towns = gazetteer.matches(fold(head))
        here = [town for town in towns.tolist() if first <= town < end]
        # Salamanca is also a quarter of Madrid
        own = [town for town in here if not is_in_shadow(_town_table(gazetteer), town)]
        if here:
            town = next(iter(own or here))
            found.append(DiallingArea(region, description, town, tuple(prefixes)))
    return tuple(found)


def draw_number(area: DiallingArea, rng: random.Random) -> PhoneNumber | None:
    """Return a number of a fixed line in the area; None where none was found."""
    code = str(phonenumbers.country_code_for_region(area.region))
    example = phonenumbers.example_number_for_type(area.region, PhoneNumberType.FIXED_LINE)
    usual = len(phonenumbers.national_significant_number(example)) if example else 9
    for _ in range(_MAX_TRIES):
        prefix = rng.choice(area.prefixes)[len(code) :]
        rest = max(0, rng.choice((usual - 1, usual, usual, usual + 1)) - len(prefix))
        digits = prefix + "".join(rng.choices("0123456789", k=rest))
        number = _parsed(digits, area.region)
        if number is None or not phonenumbers.is_valid_number_for_region(number, area.region):
            continue
        if phonenumbers.number_type(number) not in _FIXED:
            continue
        if phonenumbers.national_significant_number(number) == digits:
            return number
    return None


def _parsed(digits: str, region: str) -> PhoneNumber | None:
    code = phonenumbers.country_code_for_region(region)
    try:
        return phonenumbers.parse(f"+{code}{digits}")
    except phonenumbers.NumberParseException:
        return None


def written(number: PhoneNumber, style: str) -> str:
    """Return a number as signs write it, in one of `STYLES`."""
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    if style == "national":
        return national
    if style == "zeros":
        return "00" + international[1:].replace("-", " ")
    if style == "bracketed" and national.startswith("0") and not number.italian_leading_zero:
        return f"+{number.country_code} (0){national[1:].lstrip()}"
    return international


def misread(text: str, rng: random.Random) -> str:
    """Return the text with one digit read as another that looks like it."""
    places = [place for place, letter in enumerate(text) if letter in _LOOK_ALIKE and place > 2]
    place = rng.choice(places)
    return text[:place] + _LOOK_ALIKE[text[place]] + text[place + 1 :]


def draw_towns(
    gazetteer: Gazetteer, region: str, count: int, rng: random.Random
) -> list[TownNumber]:
    """Return towns of a country that share the area of another town, with a number each.

    Their names are full and unique: no other town, region, or word of signs has them.
    """
    areas = dialling_areas(gazetteer, region)
    nearest, away_km, towns = _nearest_area(gazetteer, region)
    named = {area.town for area in areas} | _named_towns(gazetteer, region)
    usable = [
        place
        for place, town in enumerate(towns.tolist())
        if 8.0 < away_km[place] < 80.0 and town not in named and is_full_name(gazetteer, town)
    ]
    rng.shuffle(usable)
    found: list[TownNumber] = []
    for place in usable:
        area = areas[int(nearest[place])]
        number = draw_number(area, rng)
        if number is not None:
            found.append(TownNumber(int(towns[place]), area, number))
        if len(found) == count:
            break
    return found


def draw_area_numbers(
    gazetteer: Gazetteer, regions: list[str], count: int, rng: random.Random
) -> Iterator[TownNumber]:
    """Yield numbers of areas with a town each, drawn by population among those of the area."""
    drawn = 0
    for region in cycle(regions):
        if drawn == count:
            return
        areas = dialling_areas(gazetteer, region)
        if len(areas) < MIN_AREAS:
            continue
        chosen = rng.randrange(len(areas))
        number = draw_number(areas[chosen], rng)
        if number is None:
            continue
        nearest, _, towns = _nearest_area(gazetteer, region)
        # two descriptions of one town: the area is that town
        inside = (
            towns[nearest == chosen]
            if (nearest == chosen).any()
            else np.array([areas[chosen].town])
        )
        people = gazetteer.population[inside] + 100.0
        town = rng.choices(inside.tolist(), people.tolist())[0]
        yield TownNumber(town, areas[chosen], number)
        drawn += 1


def is_full_name(gazetteer: Gazetteer, town: int) -> bool:
    """Say whether a town of some size has a name that means nothing else."""
    name = gazetteer.name(town)
    key = fold(name)
    words = word_list("ordinary") | word_list("trade") | word_list("sentence")
    return (
        int(gazetteer.population[town]) >= _MIN_POPULATION
        and len(key) >= _MIN_LETTERS
        and re.fullmatch(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*", name) is not None
        and len(gazetteer.matches(key)) == 1
        and not gazetteer.country_matches(name)
        and key not in _town_table(gazetteer).regions
        and not set(key.split()) & words
    )


def _named_towns(gazetteer: Gazetteer, region: str) -> set[int]:
    """Return the towns that any part of a description names."""
    code = str(phonenumbers.country_code_for_region(region))
    first, end = gazetteer.country_range(region)
    found: set[int] = set()
    for description in _prefixes_by_code()[code]:
        for part in re.split(r"[/,()]| - | and |-", description):
            found |= {
                town for town in gazetteer.matches(fold(part)).tolist() if first <= town < end
            }
    return found


@cache
def _nearest_area(
    gazetteer: Gazetteer, region: str
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return (nearest area, distance in km, town) for every town of a country."""
    first, end = gazetteer.country_range(region)
    towns = np.arange(first, end)
    sites = np.array([area.town for area in dialling_areas(gazetteer, region)])
    vectors = unit_vectors(gazetteer.lat_deg, gazetteer.lon_deg).astype(np.float32)
    nearest = np.concatenate(
        [(vectors[part] @ vectors[sites].T).argmax(axis=1) for part in np.array_split(towns, 32)]
    )
    chords = np.linalg.norm(vectors[towns] - vectors[sites[nearest]], axis=1)
    return nearest, chord_to_km(chords.astype(np.float64)), towns
