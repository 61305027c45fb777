"""Fields of a manifest's row: under whatever name programs give them, read as far as they can be.

A field that is not understood costs the row nothing but itself, and is said; only the file and the
position are needed.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from geoagent_graph.errors import InputError
from geoagent_graph.images.coordinates import Axis, BadCoordinate, read_coordinate
from geoagent_graph.retrieval.reference_table import MAX_TEXT_CHARS

MAX_ID_CHARS: Final = 200
MAX_FILE_CHARS: Final = 4096
MAX_SHOWN_CHARS: Final = 60
# By the letters and digits of a key, in lower case: `GPS Latitude`, `gps_latitude`, `GPSLatitude`.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "file": ("file", "filename", "filepath", "path", "image", "imagepath", "photo", "photopath"),
    "id": ("id", "photoid", "imageid"),
    "lat_deg": ("latdeg", "lat", "latitude", "gpslatitude", "gpslat"),
    "lon_deg": (
        "londeg", "lon", "lng", "long", "longitude", "gpslongitude", "gpslon", "gpslng",
    ),
    "country": ("countrycode", "country", "countryname", "iso", "iso2", "iso3", "isocode"),
    "license": ("license", "licence"),
    "attribution": ("attribution", "author", "credit"),
    "source_url": ("sourceurl", "source", "url"),
    "cluster_id": ("clusterid", "cluster"),
}  # fmt: skip
_PLACES_WITHIN: Final = ("location", "position", "coordinates", "gps", "geo", "geotag")
_CODES_IN_USE: Final = {"UK": "GB", "EL": "GR"}  # of the European Union; ISO 3166-1 has others
_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA: Final = re.compile(r"(\s*[+-]?\d{1,3}),(\d+)(\D*)", re.ASCII)
_AXES: Final[Mapping[str, tuple[Axis, float]]] = {
    "lat_deg": ("latitude", 90.0),
    "lon_deg": ("longitude", 180.0),
}
CodesOf = Callable[[str], Sequence[str]]
"""What names the countries (ISO 3166-1 alpha-2) that a name or a code may mean."""


class BadField(ValueError):
    """Why a field that a row needs is missing or not understood; it begins with its name."""


class RowFields:
    """The fields of one row by their names here; `notes` are what was not understood.

    `row` has all of them, as they stand in the manifest.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        self._values: dict[str, list[tuple[str, Any]]] = {}
        self.notes: list[str] = []
        flat = [*row.items()]
        for key, value in row.items():
            if isinstance(value, Mapping) and _letters(key) in _PLACES_WITHIN:
                flat += [(f"{key}.{inner}", of_inner) for inner, of_inner in value.items()]
        found: dict[str, list[tuple[int, str, Any]]] = {name: [] for name in KEYS}
        for key, value in flat:
            meaning = _meaning_of(key)
            if meaning is not None and not _is_missing(value):
                found[meaning.name].append((meaning.rank, key, value))
        for name, given in found.items():
            ranked = sorted(given, key=lambda item: item[0]) if len(given) > 1 else given
            self._values[name] = [(key, value) for _, key, value in ranked]

    @property
    def file(self) -> str:
        """The file's name where there is one at all, for messages."""
        values = [value for _, value in self._values["file"] if isinstance(value, str)]
        return values[0] if values else ""

    def has(self, name: str) -> bool:
        """Say whether the row gives a field of `KEYS` at all."""
        return bool(self._values[name])

    def read_file(self) -> str:
        """Return the path of the photo, below the manifest's folder.

        Raises:
            BadField: there is none, or it leaves the folder.
        """
        if not self._values["file"]:
            raise BadField(f"file: is missing; name it as one of {', '.join(KEYS['file'])}")
        key, value = self._values["file"][0]
        if not isinstance(value, str) or len(value) > MAX_FILE_CHARS:
            raise BadField(f"{key}: is {_shown(value)}, not the path of a file")
        if not value.isprintable():
            raise BadField(f"{key}: has control characters")
        path = Path(value)
        if path.anchor or ".." in path.parts:
            raise BadField(f"{key}: leaves the manifest's folder; move the photo or the manifest")
        return value

    def read_degrees(self, name: str) -> float:
        """Return `lat_deg` or `lon_deg`, from the first of its fields that is understood.

        Raises:
            BadField: none is.
        """
        problems = []
        for key, value in self._values[name]:
            try:
                degrees = _degrees_of(value, *_AXES[name])
            except BadCoordinate as error:
                problems.append(f"{key}: {_shown(value)} {error}")
                continue
            self.notes += problems
            return degrees
        known = ", ".join(KEYS[name])
        raise BadField(
            problems[0] if problems else f"{name}: is missing; name it as one of {known}"
        )

    def read_id(self) -> str | None:
        """Return the photo's own name; None where it has none that can be used."""
        for key, value in self._values["id"]:
            text = _text_of(value)
            if text is not None and len(text) <= MAX_ID_CHARS and text.isprintable():
                return text
            reason = f"longer than {MAX_ID_CHARS} characters or not printable"
            self.notes.append(f"{key}: {_shown(value)} is no id, it is {reason}; left out")
        return None

    def read_text(self, name: str) -> str:
        """Return a text, empty where there is none."""
        for key, value in self._values[name]:
            text = _text_of(value)
            if text is None:
                self.notes.append(f"{key}: is {_shown(value)}, not a text; left out")
            elif len(text) > MAX_TEXT_CHARS:
                self.notes.append(f"{key}: is longer than {MAX_TEXT_CHARS:,} characters; cut")
                return text[:MAX_TEXT_CHARS]
            else:
                return text
        return ""

    def read_country(self, codes_of: CodesOf) -> str:
        """Return the country's code, from a code of two or three letters or a name.

        Empty where none is given or understood, or where it may mean several.
        """
        for key, value in self._values["country"]:
            text = value.strip() if isinstance(value, str) else ""
            codes = _codes_in(text, codes_of)
            if len(codes) == 1:
                return codes[0]
            means = f"may be {', '.join(codes)}" if codes else "is no country that is known"
            self.notes.append(f"{key}: {_shown(value)} {means}; taken from the position")
        return ""


def refuse_twin_columns(names: Sequence[str], source: str) -> None:
    """Refuse a table with two columns of one name, where rows need it: which holds cannot be told.

    Raises:
        InputError: it has such columns.
    """
    for name in {name for name in names if names.count(name) > 1}:
        fields = RowFields({name: "1"})
        if any(fields.has(key) for key in KEYS):
            raise InputError(f"{source}: has two columns {name}; rename or drop one")


def two_letter_codes(text: str) -> Sequence[str]:
    """Return a code of two letters as it is: without a gazetteer no name is known."""
    return [text.upper()] if len(text) == 2 and text.isascii() and text.isalpha() else []


def _codes_in(text: str, codes_of: CodesOf) -> Sequence[str]:
    codes = two_letter_codes(text)
    if codes:
        return [_CODES_IN_USE.get(code, code) for code in codes]
    return codes_of(text) if text else []


def _degrees_of(value: object, axis: Axis, limit_deg: float) -> float:
    if isinstance(value, str):
        text = value.strip().replace("\u2212", "-")
        if comma := _DECIMAL_COMMA.fullmatch(text):
            text = f"{comma[1]}.{comma[2]}{comma[3]}"
        if not _DECIMAL.fullmatch(text):
            return read_coordinate(text, None, axis).degrees
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCoordinate("is not a number")
    if not math.isfinite(value) or abs(value) > limit_deg:
        raise BadCoordinate("is out of range")
    return float(value)


def _text_of(value: object) -> str | None:
    """Return a text or a number as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def _letters(key: object) -> str:
    return "".join(character for character in str(key).casefold() if character.isalnum())


def _is_missing(value: object) -> bool:
    """Return whether a value stands for none: tables of numbers have NaN there."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


class _Meaning(NamedTuple):
    """Which of `KEYS` a key is, and how early among its names."""

    name: str
    rank: int


def _meaning_of(key: str) -> _Meaning | None:
    return _short_meaning(key) if len(key) <= MAX_SHOWN_CHARS else None


@lru_cache(1024)  # rows of a table have the same few keys
def _short_meaning(key: str) -> _Meaning | None:
    letters = _letters(_last_part(key))
    for name, known in KEYS.items():
        if letters in known:
            return _Meaning(name, known.index(letters))
    return None


def _last_part(key: str) -> str:
    head, _, last = key.rpartition(".")
    return last if _letters(head) in _PLACES_WITHIN else key


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    shown = repr(value)
    return shown if len(shown) <= MAX_SHOWN_CHARS else f"{shown[:MAX_SHOWN_CHARS]}…"
