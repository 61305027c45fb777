"""A row of `truth.jsonl` from a photo of a data set, and JSON lines written whole."""

import json
from collections.abc import Iterable, Mapping
from math import floor
from pathlib import Path
from typing import Any, Final

from geoagent_evaluation.datasets.photo_row import PhotoRow

# Photos of one cell are resampled together where a data set names no clusters: about 11 km, set by
# hand as the size of a town and its surroundings.
CLUSTER_CELL_DEG: Final = 0.1


def truth_row(photo: PhotoRow, marks: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the row of `truth.jsonl`; `marks` are fields that the pictures gave."""
    row: dict[str, Any] = {"id": photo.id, "lat_deg": photo.lat_deg, "lon_deg": photo.lon_deg}
    row |= photo.words
    row.setdefault("cluster", _cell(photo))
    return {**row, **(marks or {})}


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as JSON lines, whole or not at all, and return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    count = 0
    with beside.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
            count += 1
    beside.replace(path)
    return count


def _cell(photo: PhotoRow) -> str:
    lat, lon = photo.lat_deg or 0.0, photo.lon_deg or 0.0
    return f"cell {floor(lat / CLUSTER_CELL_DEG)} {floor(lon / CLUSTER_CELL_DEG)}"
