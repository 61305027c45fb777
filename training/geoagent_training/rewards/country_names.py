"""Countries as data sets and answers write them: codes, daily and formal names, any language."""

from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from gettext import translation
from pathlib import Path
from typing import Final

from geoagent_graph.geo.countries import alpha2_codes, english_names
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.names import fold
from geoagent_training.rewards.formal_names import code_by_formal_name, daily_names
from geoagent_training.rewards.place_names import keys_of

_CUTOFF: Final = 90.0
_MIN_FUZZY_CHARS: Final = 5


def country_of_code(text: str) -> str:
    """Return the English name for an ISO 3166-1 code in capitals ("FR", "FRA"); else the text."""
    return english_names().get(text.strip(), text)


class CountryNames:
    """Looks countries up by code, by name in any language, by formal name, then by likeness."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.codes = lru_cache(maxsize=20_000)(self._find_codes)
        """Country codes that a text may mean, likeliest first; none where it names no country."""
        self.officially = lru_cache(maxsize=20_000)(self._find_official)
        """As `names_exactly`; of several codes only that of the official bearer of the name."""

    def names_exactly(self, text: str) -> tuple[str, ...]:
        """Return the codes of a text that is a country's name or code, without likeness.

        Where everyday speech knows several, the one that bears the name officially comes first.
        """
        code = alpha2_codes().get(text.strip())
        codes = (code,) if code else self.gazetteer.country_matches(text)
        formal = code_by_formal_name(text) if len(codes) != 1 else None
        if formal:
            return (formal, *(code for code in codes if code != formal))
        if codes:
            return codes
        for name in (*daily_names(text), *keys_of(text)):
            codes = self.gazetteer.country_matches(name)
            if codes:
                return codes
        return _codes_by_cldr_name().get(fold(text)) or _codes_by_iso_name().get(fold(text), ())

    def _find_official(self, text: str) -> tuple[str, ...]:
        codes = self.names_exactly(text)
        return codes[:1] if codes[:1] == (code_by_formal_name(text),) else codes

    def english_name(self, text: str) -> str:
        """Return the English name of the one country a text names; else the text as it is."""
        codes = self.officially(text) or self.codes(text)
        return self.gazetteer.country(codes[0]).name if len(codes) == 1 else text

    def _find_codes(self, text: str) -> tuple[str, ...]:
        return self.names_exactly(text) or self._codes_by_likeness(fold(text))

    def _codes_by_likeness(self, key: str) -> tuple[str, ...]:
        from rapidfuzz import fuzz, process

        if len(key) < _MIN_FUZZY_CHARS:
            return ()
        best = process.extractOne(key, self._keys, scorer=fuzz.ratio, score_cutoff=_CUTOFF)
        return self.gazetteer.country_matches(best[0]) if best else ()

    @cached_property
    def _keys(self) -> list[str]:
        from geoagent_graph.geo.country_aliases import ALIASES

        names = [country.name for country in self.gazetteer.countries]
        return sorted({fold(name) for name in (*names, *ALIASES)})


@cache
def _codes_by_cldr_name() -> Mapping[str, tuple[str, ...]]:
    """Return folded name -> codes for every territory in every language of CLDR.

    The gazetteer leaves out names that would turn everyday words on signs into countries; what
    stands in the field for the country is no everyday word.
    """
    from babel import Locale, localedata

    known = english_names()
    found: dict[str, dict[str, None]] = {}
    for identifier in localedata.locale_identifiers():
        if any(len(part) < 4 for part in identifier.split("_")[1:]):
            continue  # en_AU says what en says
        for code, name in Locale.parse(identifier).territories.items():
            if code in known:
                found.setdefault(fold(name), {})[code] = None
    return {name: tuple(codes) for name, codes in found.items() if name}


@cache
def _codes_by_iso_name() -> Mapping[str, tuple[str, ...]]:
    """Return folded name -> code for what ISO 3166 calls countries, in the languages of iso-codes.

    Daily and formal names; a translation that stands for two countries is left out.
    """
    import pycountry

    known = english_names()
    listed = [
        (country.alpha_2, name)
        for country in pycountry.countries
        if country.alpha_2 in known
        for kind in ("name", "official_name", "common_name")
        if (name := getattr(country, kind, None))
    ]
    found: dict[str, set[str]] = {}
    for folder in sorted(Path(pycountry.LOCALES_DIR).iterdir()):
        translate = translation("iso3166-1", folder.parent, [folder.name], fallback=True).gettext
        for code, name in listed:
            found.setdefault(fold(translate(name)), set()).add(code)
    return {name: tuple(codes) for name, codes in found.items() if name and len(codes) == 1}
