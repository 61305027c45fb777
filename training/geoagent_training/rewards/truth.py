"""The ground truth of a batch, out of the data set columns TRL hands to a reward function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        pairs = [[_as_number(a), _as_number(b)] for a, b in zip(lat, lon, strict=True)]
        points = np.array(pairs, dtype=np.float64).reshape(rows, 2)
        points[(np.abs(points[:, 0]) > 90) | (np.abs(points[:, 1]) > 180)] = np.nan
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
    known: dict[tuple[Any, ...], Fields] = {}  # a prompt's completions share their truth
    found = []
    for row in range(rows):
        fields = {name: values[row] for name, values in given.items()}
        key = tuple(fields.values())
        if not all(value is None or isinstance(value, str) for value in key):
            found.append(column_names(fields))
            continue
        if key not in known:
            known[key] = column_names(fields)
        found.append(known[key])
    return found


def _first_column(columns: Mapping[str, Any], names: Sequence[str]) -> Sequence[Any] | None:
    return next((columns[name] for name in names if columns.get(name) is not None), None)


def _as_number(value: Any) -> float:
    return float("nan") if value is None else float(value)
