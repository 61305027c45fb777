"""Compiles the names of days and months by language, and the order of dates by country.

    python -m tools.compile_calendar

From Unicode's CLDR as the installed Babel has it; writes `calendar.json` of the evidence's data:
`days` and `months`, folded names and abbreviations by language; `dates`, country -> how a short
date is written there ("D.M.Y", "M/D/Y", "Y-M-D"). What signs write beside CLDR's forms is added by
hand.
"""

import json
import re
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from geoagent_graph.evidence import tables
from geoagent_graph.geo.names import fold

TABLE = Path(tables.__file__).parents[1] / "data" / "evidence" / "calendar.json"
LANGUAGES = (
    "af",
    "az",
    "be",
    "bg",
    "bn",
    "bs",
    "ca",
    "cs",
    "cy",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "eu",
    "fa",
    "fi",
    "fil",
    "fr",
    "ga",
    "gl",
    "he",
    "hi",
    "hr",
    "hu",
    "hy",
    "id",
    "is",
    "it",
    "ka",
    "kk",
    "lt",
    "lv",
    "mk",
    "mn",
    "mr",
    "ms",
    "ne",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "ru",
    "sk",
    "sl",
    "sq",
    "sr",
    "sr_Latn",
    "sv",
    "sw",
    "th",
    "tr",
    "uk",
    "ur",
    "uz",
    "vi",
    "ar",
)
BY_HAND: dict[str, list[list[str]]] = {
    "de": [["mo", "di", "mi", "do", "fr", "sa", "so"]],
    "nl": [["ma", "di", "wo", "do", "vr", "za", "zo"]],
    "pl": [["pn", "wt", "sr", "cz", "pt", "sb", "nd"],
           ["pon", "wt", "sr", "czw", "pt", "sob", "nd"]],
    "pt": [["seg", "ter", "qua", "qui", "sex", "sab", "dom"],
           ["2a", "3a", "4a", "5a", "6a", "sabado", "domingo"]],
    "es": [["lu", "ma", "mi", "ju", "vi", "sa", "do"],
           ["lun", "mar", "mie", "jue", "vie", "sab", "dom"]],
    "fr": [["lun", "mar", "mer", "jeu", "ven", "sam", "dim"]],
    "it": [["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
           ["lu", "ma", "me", "gi", "ve", "sa", "do"]],
    "cs": [["po", "ut", "st", "ct", "pa", "so", "ne"]],
    "sk": [["po", "ut", "st", "st", "pi", "so", "ne"]],
    "hu": [["het", "kedd", "szer", "csut", "pent", "szo", "vas"]],
    "hr": [["pon", "uto", "sri", "cet", "pet", "sub", "ned"]],
    "sl": [["pon", "tor", "sre", "cet", "pet", "sob", "ned"]],
    "sr_Latn": [["pon", "uto", "sre", "cet", "pet", "sub", "ned"]],
    "ro": [["lu", "ma", "mi", "jo", "vi", "sa", "du"]],
    "da": [["man", "tir", "ons", "tor", "fre", "lor", "son"]],
    "no": [["man", "tir", "ons", "tor", "fre", "lor", "son"]],
    "sv": [["man", "tis", "ons", "tors", "fre", "lor", "son"]],
    "fi": [["ma", "ti", "ke", "to", "pe", "la", "su"]],
    "en": [["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
           ["mon", "tues", "weds", "thurs", "fri", "sat", "sun"]],
    "tr": [["pzt", "sal", "car", "per", "cum", "cmt", "paz"]],
    "ru": [["пн", "вт", "ср", "чт", "пт", "сб", "вс"]],
    "uk": [["пн", "вт", "ср", "чт", "пт", "сб", "нд"]],
    "bg": [["пон", "вт", "ср", "четв", "пет", "саб", "нед"]],
}  # fmt: skip
"""Days of the week from Monday on, as signs abbreviate them."""


def names_of_days(language: str) -> list[list[str]]:
    """Return the days from Monday on, each with its folded names."""
    days: list[set[str]] = [set() for _ in range(7)]
    known = Locale.parse(language).days
    for kind in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in known[kind].get(width, {}).items():
                days[number].add(fold(name))
    for written in BY_HAND.get(language, []):
        for number, name in enumerate(written):
            days[number].add(name)
    return [sorted(name for name in names if len(name) > 1) for names in days]


def names_of_months(language: str) -> list[str]:
    """Return the folded names of months that are letters."""
    known = Locale.parse(language).months
    names = {
        fold(name)
        for kind in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in known[kind].get(width, {}).values()
    }
    return sorted(name for name in names if len(name) >= 3 and not any(map(str.isdigit, name)))


def order_of_dates(country: str) -> str | None:
    """Return how a country writes a short date: the parts in their order with their separator."""
    language = get_global("likely_subtags").get(f"und_{country}", "en").split("_")[0]
    try:
        short = str(Locale.parse(f"{language}_{country}").date_formats["short"].pattern)
    except (UnknownLocaleError, ValueError):
        return None
    parts = re.findall(r"[dMy]+", short)
    separator = re.search(r"[./-]", short)
    if len(parts) != 3 or separator is None:
        return None
    return separator[0].join(part[0].upper() for part in parts)


def main() -> None:
    """Compile the table."""
    countries = sorted(code for code in get_global("territory_currencies") if len(code) == 2)
    dates = {code: order for code in countries if (order := order_of_dates(code))}
    about = (
        "Names of days (from Monday on) and months by language, folded, and how a short date is "
        "written by country, from Unicode's CLDR by tools/compile_calendar.py; abbreviations of "
        "signs are added by hand there."
    )
    content: dict[str, dict[str, Any]] = {
        "days": {language: names_of_days(language) for language in LANGUAGES},
        "months": {language: names_of_months(language) for language in LANGUAGES},
        "dates": dates,
    }
    parts = [f' "about": {json.dumps(about)}']
    for name, entries in content.items():
        rows = ",\n".join(
            f'  "{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in entries.items()
        )
        parts.append(f' "{name}": {{\n{rows}\n }}')
    TABLE.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    print(f"{len(LANGUAGES)} languages, dates of {len(dates)} countries")


if __name__ == "__main__":
    main()
