"""What a data set states of itself: columns, how many rows, whence, and what is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geoagent_evaluation.datasets.records import Record, read_records


@dataclass(frozen=True, slots=True)
class Columns:
    """The names under which copies of a data set have each field, the usual one first.

    Names are compared without regard to case. `id` may be the same column as `file`.
    """

    file: tuple[str, ...]
    lat: tuple[str, ...]
    lon: tuple[str, ...]
    id: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    permitted_level: tuple[str, ...] = ()
    locatability: tuple[str, ...] = ()
    licence: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set as it was published.

    `rows` is what the source states; with `rows_are_about` it states a round number and a count
    within 5 % is no warning; None where it has no fixed size. `source` are addresses, `faults` are
    faults of copies in circulation. `read` yields its records, with coordinates as two fields.
    """

    name: str
    title: str
    columns: Columns
    rows: int | None
    licence: str
    source: tuple[str, ...]
    faults: tuple[str, ...] = ()
    rows_are_about: bool = False
    picture_suffix: str = ""
    read: Callable[[Path], Iterator[Record]] = field(default=read_records)

    def stated(self) -> dict[str, Any]:
        """Return what `datasets --json` prints of it."""
        return {
            "name": self.name,
            "title": self.title,
            "rows": self.rows,
            "rows_are_about": self.rows_are_about,
            "columns": {
                name: list(getattr(self.columns, name))
                for name in Columns.__slots__
                if getattr(self.columns, name)
            },
            "licence": self.licence,
            "source": list(self.source),
            "faults": list(self.faults),
        }
