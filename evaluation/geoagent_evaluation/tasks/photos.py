"""The photos of a manifest with their truth, for another harness to ask about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_evaluation.datasets.records import Record, read_records
from geoagent_evaluation.errors import DatasetError


@dataclass(frozen=True, slots=True)
class TaskPhoto:
    """One photo: its id, its file, and where it was taken in degrees."""

    id: str
    path: Path
    lat_deg: float
    lon_deg: float


def task_photos(manifest: Path, truth: Path) -> list[TaskPhoto]:
    """Return the photos of a manifest that the truth knows, in the manifest's order.

    Files are given from the manifest's folder.

    Raises:
        DatasetError: a file is missing, a row has no id or file, or no photo is in both.
    """
    known = {_text(record, "id", truth): record for record in read_records(truth)}
    photos = []
    for record in read_records(manifest):
        name, file = _text(record, "id", manifest), _text(record, "file", manifest)
        path = manifest.parent / file
        if not path.is_file():
            raise DatasetError(f"{manifest}, row {record.row}, file: there is no {path}")
        if name in known:
            where = known[name]
            photos.append(
                TaskPhoto(name, path, _number(where, "lat_deg"), _number(where, "lon_deg"))
            )
    if not photos:
        raise DatasetError(f"{manifest}: none of its photos is in {truth}")
    return photos


def _text(record: Record, field: str, path: Path) -> str:
    value: Any = record.values.get(field)
    if not isinstance(value, str) or not value:
        raise DatasetError(f"{path}, row {record.row}, {field}: is missing or is not text")
    return value


def _number(record: Record, field: str) -> float:
    value = record.values.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DatasetError(f"truth, row {record.row}, {field}: is not a number")
    return float(value)
