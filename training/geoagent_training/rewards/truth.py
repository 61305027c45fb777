"""The ground truth of a batch, out of the data set columns TRL hands to a reward function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_training.rewards.answer_fields import split_names
from geoagent_training.rewards.places import Fields

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

    @property
    def has_point(self) -> NDArray[np.bool_]:
        """[N] where the position is known."""
        return np.asarray(np.isfinite(self.points).all(axis=1), dtype=np.bool_)

    @property
    def has_names(self) -> NDArray[np.bool_]:
        """[N] where at least the country is known."""
        return np.array([bool(names[0]) for names in self.names], dtype=bool)


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
    return Truth(points, _names_of_rows(columns, rows))


def _names_of_rows(columns: Mapping[str, Any], rows: int) -> list[Fields]:
    if columns.get("country") is not None:
        empty = [""] * rows
        parts = [columns.get(name) or empty for name in ("country", "region", "precise")]
        return [(a or "", b or "", c or "") for a, b, c in zip(*parts, strict=True)]
    solution = columns.get("solution")
    if solution is None:
        return [("", "", "")] * rows
    return [split_names(text or "") for text in solution]


def _first_column(columns: Mapping[str, Any], names: Sequence[str]) -> Sequence[Any] | None:
    return next((columns[name] for name in names if columns.get(name) is not None), None)


def _as_number(value: Any) -> float:
    return float("nan") if value is None else float(value)
