"""The languages in which people are spoken to, and what is said in them.

What is stored (traces, JSON, tables) is English and stays so; only what is drawn for people passes
through here. The catalogue is `geoagent_graph/locale`; its README says how a sentence gets into it.
"""

import contextlib
import functools
import gettext as standard
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from geoagent_graph.errors import InputError

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog

LanguageTag = Literal["en", "es", "fr", "de", "ar", "zh"]
SOURCE_LANGUAGE: Final = "en"
STORED: Final = "stored"  # the context of sentences that traces hold; see `render/trace_templates`
PLURAL_PERIOD: Final = 100
_MAX_TAG_CHARS: Final = 35
_MAX_PREFERRED: Final = 50
_QUALITY = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its tag, what its speakers call it, which way it is written."""

    tag: str
    name: str
    direction: Literal["ltr", "rtl"] = "ltr"


LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        language.tag: language
        for language in (
            Language("en", "English"),
            Language("es", "Español"),
            Language("fr", "Français"),
            Language("de", "Deutsch"),
            Language("ar", "العربية", "rtl"),
            Language("zh", "中文"),
        )
    }
)
_CURRENT: Final[ContextVar[str]] = ContextVar("geoagent_language", default=SOURCE_LANGUAGE)


def current_language() -> Language:
    """Return the language in which this context speaks to people; English unless it was set."""
    return LANGUAGES[_CURRENT.get()]


@contextlib.contextmanager
def use_language(tag: str | None) -> Iterator[Language]:
    """Speak a language within the block; None leaves the one that is spoken.

    Raises:
        InputError: it is none of `LANGUAGES`.
    """
    chosen = _CURRENT.get() if tag is None else find_language(tag).tag
    token = _CURRENT.set(chosen)
    try:
        yield LANGUAGES[chosen]
    finally:
        _CURRENT.reset(token)


def find_language(tag: str) -> Language:
    """Return the language of a tag such as `es`, `es-MX` or `zh_CN.UTF-8`.

    Raises:
        InputError: nothing is said in it here.
    """
    plain = tag.strip().casefold().replace("_", "-").partition(".")[0]
    found = LANGUAGES.get(plain.partition("-")[0])
    if found is None or len(plain) > _MAX_TAG_CHARS:
        there = ", ".join(f"{each.tag} ({each.name})" for each in LANGUAGES.values())
        raise InputError(f"{tag[:_MAX_TAG_CHARS]!r}: no language spoken here; there are {there}")
    return found


def preferred_language(accepted: str) -> Language | None:
    """Return which language an `Accept-Language` header likes best; None where it names none."""
    ranked = []
    for part in accepted.split(",")[:_MAX_PREFERRED]:
        tag, _, weight = part.partition(";")
        found = _QUALITY.fullmatch(weight) if weight else None
        quality = 1.0 if not weight else float(found[1]) if found else 0.0
        with contextlib.suppress(InputError):
            ranked.append((quality, find_language(tag)))
    ranked = [pair for pair in ranked if pair[0] > 0.0]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def gettext(message: str) -> str:
    """Return a sentence of the catalogue in the language that is spoken."""
    tag = _CURRENT.get()
    return message if tag == SOURCE_LANGUAGE else _catalogue(tag).gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a sentence for a number; its `{count}` is not filled in yet."""
    tag = _CURRENT.get()
    if tag == SOURCE_LANGUAGE:
        return one if number == 1 else many
    return _catalogue(tag).ngettext(one, many, number)


def counted(one: str, many: str, number: int, **values: str) -> str:
    """Return what is said of a number: `counted("{count} step", "{count} steps", 3)`."""
    return ngettext(one, many, number).format(count=local_number(number), **values)


def mark(message: str) -> str:
    """Return a sentence as it is: marked for the catalogue, translated where it is shown."""
    return message


def template(words: str) -> str:
    """Return a template of sentences that traces hold as it is: marked for the catalogue."""
    return words


def template_in_language(words: str) -> str:
    """Return the template of a stored sentence in the language that is spoken."""
    tag = _CURRENT.get()
    return words if tag == SOURCE_LANGUAGE else _catalogue(tag).pgettext(STORED, words)


def local_number(number: float, digits: int = 0) -> str:
    """Return a number with the separators of the language: "1,200", "1.200", "0,4".

    Digits are Latin in every language, so that what is shown can be typed.
    """
    if _CURRENT.get() == SOURCE_LANGUAGE:
        return f"{number:,.{digits}f}"
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(
        number, format=pattern, locale=current_locale(), numbering_system="latn"
    ).replace("\u202f", "\u00a0")


def country_name(code: str | None, english: str) -> str:
    """Return a country's name in the language that is spoken, by CLDR; else the one given."""
    if code is None or _CURRENT.get() == SOURCE_LANGUAGE:
        return english
    return str(current_locale().territories.get(code.upper(), english))


def continent_name(code: str | None, english: str) -> str:
    """Return a continent's name in the language that is spoken, by CLDR; else the one given."""
    return country_name(_CONTINENTS.get((code or "").upper()), english)


# CLDR knows continents by their numbers of UN M49; Antarctica is a territory.
_CONTINENTS: Final = {
    "AF": "002", "AN": "AQ", "AS": "142", "EU": "150", "NA": "003", "OC": "009", "SA": "005",
}  # fmt: skip


def names_of_places() -> dict[str, str]:
    """Return the names of countries and continents by code, for the page; none in English."""
    if _CURRENT.get() == SOURCE_LANGUAGE:
        return {}
    names = current_locale().territories
    countries = {code: str(name) for code, name in names.items() if code.isalpha()}
    return countries | {
        f"continent:{code}": str(names[number]) for code, number in _CONTINENTS.items()
    }


def current_locale() -> "Locale":
    """Return what CLDR knows of the language that is spoken."""
    from babel import Locale

    return Locale.parse(_CURRENT.get())


def read_catalogue(tag: str) -> Mapping[tuple[str | None, str], str | tuple[str, ...]]:
    """Return what is said in a language, by context and English words; forms where they count."""
    return {
        (message.context, message.id if isinstance(message.id, str) else message.id[0]): (
            message.string if isinstance(message.string, str) else tuple(message.string or ())
        )
        for message in _read_po(tag)
        if message.id and not message.fuzzy
    }


def plural_forms(tag: str) -> str:
    """Return which form counts for 0 to 199, a digit each; above, that of 100 + n % 100."""
    form: Callable[[int], int] = _catalogue(tag).plural  # type: ignore[attr-defined]
    return "".join(str(form(number)) for number in range(2 * PLURAL_PERIOD))


@functools.cache
def _read_po(tag: str) -> "Catalog":
    """Return the catalogue of a language: 20 ms for all of it, so that none is compiled."""
    from babel.messages.pofile import read_po

    path = files("geoagent_graph") / "locale" / f"{tag}.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=tag)


@functools.cache
def _catalogue(tag: str) -> standard.NullTranslations:
    from babel.messages.mofile import write_mo

    compiled = io.BytesIO()
    write_mo(compiled, _read_po(tag))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)
