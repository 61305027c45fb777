"""One photo of a data set, read from its record and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from geoagent_evaluation.contract.tables import LEVELS, FailedRow
from geoagent_evaluation.datasets.dataset import Columns, Dataset
from geoagent_evaluation.datasets.degrees import NoDegrees, read_degrees
from geoagent_evaluation.datasets.photo_name import (
    PICTURE_SUFFIXES,
    BadName,
    checked_file,
    checked_id,
)
from geoagent_evaluation.datasets.records import Record
from geoagent_evaluation.errors import DatasetError

MAX_WORD_CHARS: Final = 500
WORDS: Final = (
    "country",
    "region",
    "city",
    "permitted_level",
    "locatability",
    "licence",
    "cluster",
)
REQUIRED: Final = ("file", "lat", "lon")


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """What a data set says of one photo; a coordinate is None where none is stated.

    `words` are the fields of our truth file that are words; `row` is the record's number.
    """

    row: int
    id: str
    file: str
    lat_deg: float | None
    lon_deg: float | None
    words: Mapping[str, str]


class RowReader:
    """Reads the records of one file; which column is which is settled by the first."""

    def __init__(self, dataset: Dataset, file: str, first: Mapping[str, Any]) -> None:
        self._dataset = dataset
        self._file = file
        self._names = {
            field: found
            for field in Columns.__slots__
            if (found := _matching(getattr(dataset.columns, field), first))
        }
        for field in REQUIRED:
            if field not in self._names:
                raise DatasetError(self._no_column(field, first))

    def read(self, record: Record) -> PhotoRow | FailedRow:
        """Return the photo of a record, or which field is wrong with it."""
        try:
            lat = self._checked(record, "lat", read_degrees)
            lon = self._checked(record, "lon", read_degrees)
            file = self._checked(record, "file", lambda value: checked_file(_text(value)))
            name = self._checked(record, "id", lambda value: checked_id(_text(value or file)))
        except _BadField as error:
            return FailedRow(self._file, record.row, error.column, str(error))
        return PhotoRow(record.row, name, self._with_suffix(file), lat, lon, self._words(record))

    def column(self, field: str) -> str:
        """Return the name that a field has in this file, its own where it has none."""
        return self._names.get(field, (field,))[0]

    def _checked(self, record: Record, field: str, read: Callable[[Any], Any]) -> Any:
        try:
            return read(self._value(record, field))
        except (NoDegrees, BadName) as error:
            raise _BadField(self.column(field), str(error)) from error

    def _value(self, record: Record, field: str) -> Any:
        """Return the first stated value of a field."""
        values = (record.values.get(name) for name in self._names.get(field, ()))
        return next((value for value in values if value not in (None, "")), None)

    def _words(self, record: Record) -> dict[str, str]:
        words = {}
        for field in WORDS:
            value = self._value(record, field)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                text = " ".join(str(value).split())[:MAX_WORD_CHARS]
                if text and text.isprintable() and _is_meant(field, text):
                    words[field] = text.upper() if field == "country" else text
        return words

    def _with_suffix(self, file: str) -> str:
        has_suffix = any(file.lower().endswith(suffix) for suffix in PICTURE_SUFFIXES)
        return file if has_suffix else file + self._dataset.picture_suffix

    def _no_column(self, field: str, first: Mapping[str, Any]) -> str:
        known = " or ".join(getattr(self._dataset.columns, field)[:4])
        there = ", ".join(sorted(map(str, first))[:12])
        return f"{self._file}: has no column {known} ({self._dataset.title}); it has {there}"


class _BadField(ValueError):
    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column


def _matching(known: tuple[str, ...], first: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of a file that may hold a field, the usual name first."""
    there = {name.strip().casefold(): name for name in first}
    return tuple(there[name.casefold()] for name in known if name.casefold() in there)


def _text(value: Any) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise BadName("is missing" if value is None else "is not text")


def _is_meant(field: str, text: str) -> bool:
    """Say whether a word is one that our truth file may hold in a field."""
    if field == "country":
        return len(text) == 2 and text.isascii() and text.isalpha()
    return field != "permitted_level" or text in LEVELS
