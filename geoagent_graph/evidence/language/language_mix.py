"""The mix of languages on the signs of each country."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import Floats, TownTable

BRANDS = "brands"
"""The pseudo-language of names in Latin letters that are written the same everywhere."""

_MIN_SHARE = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class LanguageMix:
    """`share[country, language]`: P(a line on a sign is in this language), rows sum to 1.

    `languages` are ISO 639 codes, with a script where a language is written in two; `scripts` are
    the ISO 15924 codes each is written in.
    """

    languages: tuple[str, ...]
    scripts: tuple[str, ...]
    number_of: dict[str, int]
    share: Floats


def language_mix(town_table: TownTable) -> LanguageMix:
    """Return the mix for every country, from CLDR's territory languages and the shipped table."""
    settings = table("sign_languages")
    local = [_local_shares(country, settings) for country in town_table.gazetteer.countries]
    found = {language for shares in local for language in shares}
    languages = (*sorted(found | set(settings["speakers"])), BRANDS)
    number_of = {language: number for number, language in enumerate(languages)}
    share = np.zeros((len(local), len(languages)))
    for row, shares in zip(share, local, strict=True):
        for language, value in shares.items():
            row[number_of[language]] = value
    mix = settings["mix"]
    share *= mix["local"]
    share[:, number_of["en"]] += mix["english"]
    share[:, number_of[BRANDS]] += mix["brands"]
    share += mix["foreign"] * _share_where_foreign(languages, settings["speakers"])
    share /= share.sum(axis=1, keepdims=True)
    scripts = tuple(script_of_language(language, settings["scripts"]) for language in languages)
    return LanguageMix(languages, scripts, number_of, share)


def language_written(language: str, same_writing: dict[str, str]) -> str:
    """Return the language a code is written in: Egyptian Arabic on a sign is Arabic."""
    return same_writing.get(language, language)


def script_of_language(language: str, known: dict[str, str]) -> str:
    """Return the usual script of a language, as ISO 15924."""
    if language in known:
        return known[language]
    if language == BRANDS:
        return "Latn"
    from babel.core import get_global

    likely = get_global("likely_subtags").get(language, f"{language}_Latn_ZZ")
    return str(likely).split("_")[1]


def _local_shares(country: Any, settings: dict[str, Any]) -> dict[str, float]:
    """Return language -> share for one country, summing to 1."""
    shares = settings["shares"].get(country.code) or _cldr_shares(country.code, settings)
    if not shares:
        shares = {tag.split("-")[0]: 1.0 for tag in country.languages[:2]} or {"en": 1.0}
    merged: dict[str, float] = {}
    for language, share in shares.items():
        name = language_written(language, settings["same_writing"])
        merged[name] = merged.get(name, 0.0) + share
    total = sum(merged.values())
    return {name: share / total for name, share in merged.items() if share >= _MIN_SHARE * total}


def _cldr_shares(code: str, settings: dict[str, Any]) -> dict[str, float]:
    from babel.core import get_global

    weights = settings["weights"]
    shares = {}
    for language, facts in get_global("territory_languages").get(code, {}).items():
        status = facts["official_status"] or (
            "unofficial_english" if language == "en" else "unofficial"
        )
        shares[language] = facts["population_percent"] * weights[status]
    return shares


def _share_where_foreign(languages: tuple[str, ...], speakers: dict[str, float]) -> Floats:
    """Return how likely each language is on a sign where it is not at home."""
    usual = parameters().language.foreign_speakers
    weights = np.array([speakers.get(language, usual) for language in languages])
    return np.asarray(weights / weights.sum())
