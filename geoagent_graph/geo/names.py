"""Folding: the one key under which every spelling of a place name is stored and looked up."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

MAX_NAME_CHARS: Final = 200

_LETTERS: Final = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n", "ĸ": "k",
        "æ": "ae", "œ": "oe", "þ": "th", "ə": "e", "ɛ": "e", "ɔ": "o", "ƙ": "k", "ɗ": "d",
        "ɓ": "b", "ƴ": "y", "ё": "е", "ґ": "г",
        # Arabic letters that are written one for another on signs
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ہ": "ه",
        "ھ": "ه", "ـ": None,
        # apostrophes of every kind say nothing
        "'": None, "’": None, "‘": None, "ʼ": None, "ʻ": None, "ʾ": None, "ʿ": None, "`": None,
        "´": None, "′": None, "ʹ": None, "ʽ": None, "׳": None, "״": None,
        # signs that carry meaning in a name stay letters
        "&": " and ",
    }
)  # fmt: skip
# Marks that may go: Latin, Greek and Cyrillic accents, Arabic and Hebrew vowel points. The vowel
# signs of Indic, Thai, Lao, Khmer, Burmese and Tibetan are letters and stay.
_ACCENTS: Final = re.compile(r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u064b-\u0655\u0670]")
_SEPARATORS: Final = re.compile(r"[\W_]+")
_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"}
)
_SHORT_FORMS: Final = {
    "st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "pt": "point", "pto": "puerto",
    "sta": "santa", "sto": "santo", "gral": "general",
}  # fmt: skip
_DECOMPOSED: Final = re.compile(r"[\u00c0-\u024f\u0370-\u03ff\u1e00-\u1fff]")
_PLACE_ENDINGS: Final = re.compile(r"^(.{2,})(?:市|县|縣|区|區|都|府|省|州|町|村|시|군|구)$")


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """Return the lookup key of a name; empty when it has no letter or digit.

    NFKC, case folded, accents removed (ü to u, ß to ss, ø to o, ł to l), apostrophes dropped, every
    other run of punctuation and white space one space. Vowel signs of Indic and South-East Asian
    scripts are letters and stay. Longer than `MAX_NAME_CHARS`: cut there.
    """
    return fold_uncached(name)


def fold_uncached(name: str) -> str:
    """Return the same key as `fold` without remembering it."""
    name = name[:MAX_NAME_CHARS]
    if name.isascii():
        plain = name.lower().replace("'", "").replace("`", "").replace("&", " and ")
        return plain if plain.isalnum() else _squeeze_separators(plain)
    text = unicodedata.normalize("NFKC", name).casefold()
    text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    text = _DECOMPOSED.sub(_strip_accents, text)
    return _squeeze_separators(_ACCENTS.sub("", text).translate(_LETTERS))


def variants(name: str) -> tuple[str, ...]:
    """Return the keys to try for a name, best first: its own, then likely other spellings.

    German and Nordic two-letter forms (Köln, Koeln), short forms (St, Mt) in full, East Asian names
    without the ending for town, district or province. Never contains an empty key.
    """
    first = fold(name)
    keys = [first, fold(two_letter_form(name))]
    words = first.split(" ")
    if len(words) > 1:
        keys.append(" ".join(_SHORT_FORMS.get(word, word) for word in words))
    ending = _PLACE_ENDINGS.match(first)
    if ending:
        keys.append(ending[1])
    return tuple(dict.fromkeys(key for key in keys if key))


def two_letter_form(name: str) -> str:
    """Return the name in lower case with ä, ö, ü, å, ø, æ written as two letters."""
    return unicodedata.normalize("NFC", name).lower().translate(_UMLAUTS)


def _strip_accents(match: re.Match[str]) -> str:
    decomposed = unicodedata.normalize("NFD", match[0])
    return decomposed[0].translate(_LETTERS)


def _squeeze_separators(text: str) -> str:
    """Return the text with every run of separators as one space, none at the ends.

    Combining marks are not word characters to `re`, and must survive.
    """
    if text.isascii():
        return _SEPARATORS.sub(" ", text).strip()
    kept = "".join(
        char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in text
    )
    return " ".join(kept.split())
