"""The answer line "Country; Region; Specific location", split and stripped of tricks."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from geoagent_training.rewards.place_names import Fields

MAX_ANSWER_CHARACTERS: Final = 600
MAX_FIELD_CHARACTERS: Final = 160

_EMPTY: Final[Fields] = ("", "", "")
_SEMICOLONS: Final = re.compile("[;；]")
_NUMBER: Final = r"([+-]?\d{1,3}(?:\.\d{1,12})?)"
_POSITION: Final = re.compile(rf"\s*{_NUMBER}\s*,\s*{_NUMBER}\s*", re.ASCII)
_ITEMS: Final = re.compile(r"[,、，/|&+\n]")
_ALTERNATIVES: Final = re.compile(
    r"\b(?:or|oder|ou|або|или|not|nicht|neither|either|maybe|except)\b|或|或者|不是", re.IGNORECASE
)
# The words of the format itself, copied instead of filled in, and words that claim nothing.
_PLACEHOLDERS: Final = frozenset(
    {
        "country", "region", "city", "specific location", "precise location", "specific place",
        "location", "place", "answer", "unknown", "unclear", "none", "n/a", "na", "null", "nan",
        "undefined", "anywhere", "everywhere", "earth", "world", "...", "…", "?", "-",
    }
)  # fmt: skip
# Most items a field may have before it reads as a list of guesses: an address has a few.
_MAX_ITEMS: Final = (2, 3, 4)
_ORDINALS: Final = frozenset("ªº")
_JOINERS: Final = frozenset("\u200c\u200d")  # letters of Persian and Indic spelling


@dataclass(frozen=True, slots=True)
class AnswerFields:
    """The answer line, read.

    `fields` are country, region and specific location; one that is missing, a placeholder, a list
    of guesses or written with look-alike letters is empty, and without a country all are empty.
    `doubtful` holds those that only look like a placeholder or a list, as written: there are towns
    called Nan and Truth or Consequences. `raw_fields` are all non-empty fields as written.
    `position` is (lat, lon) in degrees when the last of four fields is a position.
    """

    fields: tuple[str, str, str]
    raw_fields: tuple[str, ...]
    doubtful: Fields
    position: tuple[float, float] | None
    abstains: bool

    @property
    def clean(self) -> bool:
        """Every field that was written was also readable."""
        return self.is_clean(self.fields)

    def is_clean(self, fields: Fields) -> bool:
        """Say whether every field that was written stands in `fields`."""
        written = [bool(raw) for raw in self.raw_fields[:3]]
        return written == [bool(field) for field in fields[: len(written)]]


def read_answer(text: str) -> AnswerFields:
    """Return the fields of an answer line; surplus fields join the third, as in the paper."""
    if len(text) > MAX_ANSWER_CHARACTERS:
        return AnswerFields(_EMPTY, (), _EMPTY, None, abstains=False)
    parts = [part.strip() for part in _SEMICOLONS.split(text)]
    position = _read_position(parts[3]) if len(parts) == 4 else None
    named = parts[:3] if position else parts
    joined = [*named[:2], "; ".join(part for part in named[2:] if part)]
    joined += [""] * (3 - len(joined))
    honest = [_honest_field(field) for field in joined[:3]]
    fields = [_claim_of(field, level) for level, field in enumerate(honest)]
    doubtful = [h if h != field else "" for h, field in zip(honest, fields, strict=True)]
    if not fields[0]:
        fields = ["", "", ""]
    return AnswerFields(
        (fields[0], fields[1], fields[2]),
        tuple(part for part in parts if part),
        (doubtful[0], doubtful[1], doubtful[2]),
        position,
        abstains=text.strip().casefold() == "unknown",
    )


def split_names(text: str) -> tuple[str, str, str]:
    """Return country, region and specific location of a trusted text, such as a ground truth."""
    parts = [part.strip() for part in _SEMICOLONS.split(text)]
    joined = [*parts[:2], "; ".join(part for part in parts[2:] if part), "", ""]
    return joined[0], joined[1], joined[2]


def _read_position(text: str) -> tuple[float, float] | None:
    match = _POSITION.fullmatch(text)
    if match is None:
        return None
    lat_deg, lon_deg = float(match[1]), float(match[2])
    return (lat_deg, lon_deg) if abs(lat_deg) <= 90 and abs(lon_deg) <= 180 else None


def is_placeholder(field: str) -> bool:
    """Say whether a field holds a word of the format, or one that claims nothing."""
    return field.strip(" .*\"'").casefold() in _PLACEHOLDERS


def _honest_field(field: str) -> str:
    """Return the field, or nothing when it is endless or wears a mask."""
    return "" if len(field) > MAX_FIELD_CHARACTERS or _is_masked(field) else field


def _claim_of(field: str, level: int) -> str:
    """Return the field, or nothing when it claims nothing or several places."""
    several = len(_ITEMS.findall(field)) >= _MAX_ITEMS[level] or _ALTERNATIVES.search(field)
    return "" if several or is_placeholder(field) else field


def _is_masked(field: str) -> bool:
    """Say whether letters pretend to be others: styled alphabets, mixed scripts, hidden marks."""
    if field.isascii():
        return not field.isprintable()
    for word in field.split():
        scripts = set()
        for char in word:
            if unicodedata.category(char)[0] == "C" and char not in _JOINERS:
                return True
            if not char.isalpha() or char in _ORDINALS:
                continue
            if not char.isascii() and unicodedata.normalize("NFKC", char).isascii():
                return True
            scripts.add(unicodedata.name(char, "?").split(" ")[0])
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1:
            return True
    return False
