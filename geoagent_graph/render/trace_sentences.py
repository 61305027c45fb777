"""Sentences that traces hold, said in another language.

A trace is English whatever language its case was worked on in. Its sentences are put together from
the templates of `trace_templates`; what is recognised is said in the language that is spoken, with
its parts, and what is not stays as it is. Names in `q_` hold words of a photo or a person and are
never translated, names in `n_` hold a number, all others hold a part that is looked at again.
"""

import functools
import re
from typing import Final

from geoagent_graph.render.trace_templates import TEMPLATES
from geoagent_graph.translation import (
    SOURCE_LANGUAGE,
    continent_name,
    current_language,
    local_number,
    template_in_language,
    use_language,
)
from geoagent_graph.types import CONTINENTS, Clue

# Their text is writing in the photo, words of a person or of a model: not ours to translate.
AS_WRITTEN: Final = frozenset({"text", "context", "policy"})
MAX_DEPTH: Final = 9
MAX_CHARS: Final = 1000  # longer sentences of a trace stay as they are
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_NUMBER: Final = r"([-+−<>]? ?[\d.,]+)"
_PLAIN_NUMBER: Final = re.compile(r"\d[\d,]*(\.\d+)?", re.ASCII)
_COORDINATES: Final = frozenset({"n_lat", "n_lon"})  # written the same in every language
_LONG: Final = frozenset(
    {"seen", "first", "rest", "reason", "reasons", "act", "words", "claim"}
    | {"q_reason", "q_text", "q_error", "q_line"}
)


def say_stored(text: str) -> str:
    """Return a sentence of a trace in the language that is spoken; as it is where none is known."""
    language = current_language().tag
    return text if language == SOURCE_LANGUAGE else _translate(text, language, 0)


def clue_text(clue: Clue) -> str:
    """Return what a clue says: writing as it stands in the photo, all else translated."""
    return clue.text if clue.kind in AS_WRITTEN else say_stored(clue.text)


def _translate(text: str, language: str, depth: int) -> str:
    if depth > MAX_DEPTH or len(text) > MAX_CHARS:
        return text
    named = _names(language).get(text)
    if named is not None:
        return named
    for pattern, names, words in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            parts = {
                name: _translate_part(name, value, language, depth + 1)
                for name, value in zip(names, found.groups(), strict=True)
            }
            return template_in_language(words).format(**parts)
    listed = text.split(", ")
    return ", ".join(_names(language).get(part, part) for part in listed)


def _translate_part(name: str, value: str, language: str, depth: int) -> str:
    if name.startswith("q_"):
        return value
    if name == "script":
        return _names(language).get(f"script:{value}", value)
    if not name.startswith("n_"):
        return _translate(value, language, depth)
    if name in _COORDINATES or not _PLAIN_NUMBER.fullmatch(value):
        return value
    plain = value.replace(",", "")
    return local_number(float(plain), len(plain.partition(".")[2]))


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    """Return what recognises each template, the one with most words of its own first."""
    found = []
    for words in TEMPLATES:
        parts = _PLACEHOLDER.split(words)
        source = "".join(
            _pattern_of(part) if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
        own = sum(len(part) for part in parts[::2])
        found.append((own, re.compile(source, re.DOTALL), tuple(parts[1::2]), words))
    ranked = sorted(found, key=lambda item: -item[0])
    return tuple(item[1:] for item in ranked)


def _pattern_of(name: str) -> str:
    """Return what a part may be: a number, one thing, or for some names whole statements."""
    if name.startswith("n_"):
        return _NUMBER
    if name in _LONG:
        return "(.+)"
    return "([^;]+)" if name.startswith("q_") else "([^;:]+)"


def names_in_traces() -> dict[str, str]:
    """Return what countries, continents and languages are called, by their English names.

    Scripts by "script:Latin". For the language that is spoken; empty in English.
    """
    language = current_language().tag
    return {} if language == SOURCE_LANGUAGE else dict(_names(language))


@functools.cache
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    from geoagent_graph.geo.countries import english_names

    english, own = Locale("en"), Locale.parse(language)
    names = {
        str(name): str(own.languages[code])
        for code, name in english.languages.items()
        if len(code) == 2 and code in own.languages
    }
    scripts = {str(name): code for code, name in english.scripts.items()}
    scripts |= {"Japanese": "Jpan", "Hangul": "Hang", "Han": "Hani"}
    names |= {f"script:{name}": str(own.scripts.get(code, name)) for name, code in scripts.items()}
    countries = {code: name for code, name in english_names().items() if len(code) == 2}
    names |= {name: str(own.territories.get(code, name)) for code, name in countries.items()}
    with use_language(language):
        return names | {name: continent_name(code, name) for code, name in CONTINENTS.items()}
