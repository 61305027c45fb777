"""Countries as an embassy's sign names them: "Norwegian", "d'Italia", "Polski", "日本"."""

import re
from collections import defaultdict
from functools import cache

from geoagent_graph.geo.names import fold

_LANGUAGES = (
    "en", "fr", "de", "es", "pt", "it", "nl", "pl", "cs", "sk", "hu", "ro", "bg", "ru", "uk", "sr",
    "sr_Latn", "hr", "sl", "sv", "da", "nb", "fi", "et", "lv", "lt", "el", "tr", "ar", "he", "fa",
    "hi", "bn", "ja", "zh", "zh_Hant", "ko", "th", "vi", "id", "ms", "sq", "mk", "ka", "hy", "az",
    "kk", "be", "ca", "eu", "gl", "is", "ga", "mt", "sw", "bs",
)  # fmt: skip
_NATIONAL_LANGUAGES = {
    "fr": "FR", "de": "DE", "es": "ES", "it": "IT", "pl": "PL", "ru": "RU", "ja": "JP", "ko": "KR",
    "el": "GR", "tr": "TR", "sv": "SE", "da": "DK", "no": "NO", "fi": "FI", "hu": "HU", "cs": "CZ",
    "ro": "RO", "bg": "BG", "uk": "UA", "th": "TH", "vi": "VN", "id": "ID", "zh": "CN",
    "pt": "PT", "et": "EE", "lv": "LV", "lt": "LT", "is": "IS", "sl": "SI", "hr": "HR", "sk": "SK",
}  # fmt: skip
_OTHER_NAMES = {
    "british": "GB", "britannique": "GB", "britische": "GB", "britanica": "GB", "dutch": "NL",
    "american": "US", "americaine": "US", "amerikanische": "US", "usa": "US", "сша": "US",
    "us": "US", "uk": "GB", "u s": "US", "swiss": "CH", "suisse": "CH", "helvetic": "CH",
    "brazilian": "BR", "indian": "IN", "austrian": "AT", "belgian": "BE", "irish": "IE",
    "mexican": "MX", "canadian": "CA", "australian": "AU", "uae": "AE", "prc": "CN",
}  # fmt: skip
_MIN_STEM_LETTERS = 4
_MAX_ENDING_LETTERS = 3
_APOSTROPHES = re.compile("['’`´]")
_UNSPACED_FROM = "\u0e00"


def nations_in(text: str) -> dict[str, str]:
    """Return the countries that words of a text name or are derived from: code -> English name.

    Whole names come first; else the word whose beginning a name shares, all but its ending.
    """
    names, stems = _tables()
    folded = f" {fold(_APOSTROPHES.sub(' ', text))} "
    whole = {
        code
        for name, code in names.items()
        if (name if name[0] >= _UNSPACED_FROM else f" {name} ") in folded
    }
    codes = whole or {code for word in folded.split() for code in _derived(word, stems)}
    english = _territories("en")
    return {code: english[code] for code in sorted(codes) if code in english}


def _derived(word: str, stems: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return the countries whose names share the longest beginning with a word."""
    for length in range(len(word), _MIN_STEM_LETTERS - 1, -1):
        found = stems.get(word[:length], frozenset())
        if found:
            return found if len(found) == 1 else frozenset()
    return frozenset()


@cache
def _tables() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Return (whole folded names, their beginnings without an ending) of every country."""
    from babel import Locale

    names: dict[str, str] = dict(_OTHER_NAMES)
    stems: defaultdict[str, set[str]] = defaultdict(set)
    for language in _LANGUAGES:
        known = [(fold(name), code) for code, name in _territories(language).items()]
        spoken = Locale.parse(language).languages
        known += [
            (fold(spoken[code]), nation)
            for code, nation in _NATIONAL_LANGUAGES.items()
            if code in spoken
        ]
        for name, code in known:
            if len(name) >= (2 if name[:1] >= _UNSPACED_FROM else _MIN_STEM_LETTERS):
                names.setdefault(name, code)
            if " " not in name:
                least = max(_MIN_STEM_LETTERS, len(name) - _MAX_ENDING_LETTERS)
                for length in range(least, len(name) + 1):
                    stems[name[:length]].add(code)
    return names, {stem: frozenset(codes) for stem, codes in stems.items()}


@cache
def _territories(language: str) -> dict[str, str]:
    """Return the names of countries in a language, by ISO 3166-1 code."""
    from babel import Locale

    found = Locale.parse(language).territories
    return {code: name for code, name in found.items() if len(code) == 2 and code.isalpha()}
