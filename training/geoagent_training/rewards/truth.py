"""The ground truth of a batch, out of the data set columns TRL hands to a reward function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_training.errors import DataError
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.truth_text import (
    COUNTRY_COLUMNS,
    NAME_COLUMNS,
    SOLUTION_COLUMNS,
    column_names,
)

# Our own name first, then those of the published data sets.
_LATITUDE: Final = ("lat_deg", "lat", "latitude", "LAT")
_LONGITUDE: Final = ("lon_deg", "lng", "lon", "longitude", "LON")
_EDGE: Final = np.array([90.0, 180.0])


@dataclass(frozen=True, slots=True)
class Truth:
    """Where the photos of a batch were taken.

    `points` are (lat, lon) in WGS84 degrees, [N, 2], NaN where unknown; `names` are country, region
    and specific location, empty where unknown.
    """

    points: NDArray[np.float64]
    names: list[Fields]
    columns: tuple[str, ...] = ()
    """The columns that were there to be read, for messages."""

    @property
    def has_point(self) -> NDArray[np.bool_]:
        """[N] where the position is known."""
        return np.asarray(np.isfinite(self.points).all(axis=1), dtype=np.bool_)

    @property
    def has_names(self) -> NDArray[np.bool_]:
        """[N] where at least the country is known."""
        return np.array([bool(names[0]) for names in self.names], dtype=bool)

    def require_points(self, reward: str) -> None:
        """Refuse a batch in which a reward could score nothing for want of positions.

        Raises:
            DataError: no row has one; the message names the columns.
        """
        if len(self.names) and not self.has_point.any():
            raise _nothing_to_score(reward, "position", (*_LATITUDE, *_LONGITUDE), self)

    def require_names(self, reward: str) -> None:
        """Refuse a batch in which a reward could score nothing for want of names.

        Raises:
            DataError: no row has a country; the message names the columns.
        """
        if len(self.names) and not self.has_names.any():
            raise _nothing_to_score(reward, "country", (*COUNTRY_COLUMNS, *SOLUTION_COLUMNS), self)


def read_truth(columns: Mapping[str, Any], rows: int) -> Truth:
    """Return the truth of each completion; what a column does not say is unknown, not wrong.

    Args:
        columns: of the data set, one value per completion: the position in degrees as `lat_deg` and
            `lon_deg` (or `lat`, `lng`, ... of the published data sets), the names as `country`,
            `region` and `precise`, or as `solution`, "Country; Region; Specific location".
        rows: how many completions there are.

    Raises:
        ValueError: a column has another number of rows, or a position is no number.
    """
    lat, lon = _first_column(columns, _LATITUDE), _first_column(columns, _LONGITUDE)
    points = np.full((rows, 2), np.nan)
    if lat is not None and lon is not None:
        points = _numbers_of(lat, lon).reshape(rows, 2)
        points[(np.abs(points) > _EDGE).any(axis=1)] = np.nan
    present = tuple(name for name, values in columns.items() if isinstance(values, list | tuple))
    return Truth(points, _names_of_rows(columns, rows), present)


def _nothing_to_score(reward: str, what: str, wanted: Sequence[str], truth: Truth) -> DataError:
    read = [name for name in wanted if name in truth.columns]
    if read:
        fault = f"the column {' and '.join(read)} holds no {what} in this whole batch"
    else:
        seen = ", ".join(truth.columns[:20]) or "none"
        fault = f"the column {wanted[0]} is missing (the data set has {seen})"
    return DataError(
        f"the reward {reward} has nothing to score {len(truth.names)} completions against: {fault}"
    )


def _names_of_rows(columns: Mapping[str, Any], rows: int) -> list[Fields]:
    given = {name: columns[name] for name in NAME_COLUMNS if columns.get(name) is not None}
    for name, values in given.items():
        if len(values) != rows:
            raise ValueError(f"the column {name} has {len(values)} values for {rows} completions")
    if not given:
        return [column_names({})] * rows
    names, rows_of_values = tuple(given), zip(*given.values(), strict=True)
    if not all({*map(type, values)} <= {str, type(None)} for values in given.values()):
        return [column_names(_by_name(names, values)) for values in rows_of_values]
    found: list[Fields] = []
    last: tuple[str | None, ...] | None = None
    for texts in rows_of_values:  # a prompt's completions share their truth
        found.append(found[-1] if texts == last else _names_of_texts(names, texts))
        last = texts
    return found


@lru_cache(maxsize=4096)
def _names_of_texts(names: tuple[str, ...], texts: tuple[str | None, ...]) -> Fields:
    """Return the names in the columns of a row; every reward of a step asks for the same ones."""
    return column_names(_by_name(names, texts))


def _by_name(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(names, values, strict=True))


def _numbers_of(lat: Sequence[Any], lon: Sequence[Any]) -> NDArray[np.float64]:
    """Return positions as numbers, [N, 2]; NaN for None."""
    if len(lat) == len(lon) and {*map(type, lat), *map(type, lon)} <= {float, type(None)}:
        return np.array([lat, lon], dtype=np.float64).T.copy()
    pairs = [[_as_number(a), _as_number(b)] for a, b in zip(lat, lon, strict=True)]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def _first_column(columns: Mapping[str, Any], names: Sequence[str]) -> Sequence[Any] | None:
    return next((columns[name] for name in names if columns.get(name) is not None), None)


def _as_number(value: Any) -> float:
    return float("nan") if value is None else float(value)
