"""A data set's file examined: its photos, the rows that are wrong, and what to know of the rest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Final

from geoagent_evaluation.contract.tables import FailedRow
from geoagent_evaluation.datasets.dataset import Dataset
from geoagent_evaluation.datasets.photo_row import PhotoRow, RowReader
from geoagent_evaluation.datasets.swapped_heads import has_swapped_heads
from geoagent_evaluation.errors import DatasetError

MAX_COUNT_DIFFERENCE: Final = 0.05  # of a data set that states a round number


@dataclass(slots=True)
class Examination:
    """What was found: `photos` may be used, `faulty` may not, `warnings` are one line each.

    `unplaced` are photos without coordinates; `repaired` says what was put right; `notes` are
    worth knowing and no fault.
    """

    photos: list[PhotoRow] = field(default_factory=list)
    unplaced: list[PhotoRow] = field(default_factory=list)
    faulty: list[FailedRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return how many rows the file has."""
        return len(self.photos) + len(self.unplaced) + len(self.faulty)


def examine_file(dataset: Dataset, path: Path) -> Examination:
    """Return a data set's file examined.

    Raises:
        DatasetError: it cannot be read as a whole: no such file, no such column, no text.
    """
    found = Examination()
    photos = _read_photos(dataset, path, found)
    if has_swapped_heads(
        *zip(*((p.lat_deg, p.lon_deg) for p in photos if _is_placed(p)), strict=True)
        if any(map(_is_placed, photos))
        else ((), ())
    ):
        photos = [replace(p, lat_deg=p.lon_deg, lon_deg=p.lat_deg) for p in photos]
        found.repaired.append(
            "the heads of latitude and longitude are swapped: the values were exchanged"
        )
    for photo in _without_repeats(photos, path, found):
        problem = _range_problem(photo)
        if problem:
            found.faulty.append(FailedRow(str(path), photo.row, *problem))
        elif _is_placed(photo):
            found.photos.append(photo)
        else:
            found.unplaced.append(photo)
    found.faulty.sort(key=lambda one: one.row)
    found.warnings += _warnings(dataset, found)
    found.notes += _notes(dataset, found)
    return found


def _read_photos(dataset: Dataset, path: Path, found: Examination) -> list[PhotoRow]:
    records = dataset.read(path)
    first = next(records, None)
    if first is None:
        raise DatasetError(f"{path}: has no rows")
    reader = RowReader(dataset, str(path), first.values)
    photos = []
    for record in chain([first], records):
        read = reader.read(record)
        if isinstance(read, FailedRow):
            found.faulty.append(read)
        else:
            photos.append(read)
    return photos


def _is_placed(photo: PhotoRow) -> bool:
    return photo.lat_deg is not None and photo.lon_deg is not None


def _range_problem(photo: PhotoRow) -> tuple[str, str] | None:
    """Return the field and what is wrong with it; None for a point on Earth and for no point."""
    lat, lon = photo.lat_deg, photo.lon_deg
    if (lat is None) != (lon is None):
        return ("latitude" if lat is None else "longitude"), "is missing, the other is not"
    if lat is None or lon is None:
        return None
    if abs(lat) > 90:
        hint = "; latitude and longitude of this row look swapped" if abs(lon) <= 90 else ""
        return "latitude", f"{lat:g} is outside -90 to 90{hint if abs(lat) <= 180 else ''}"
    if abs(lon) > 180:
        return "longitude", f"{lon:g} is outside -180 to 180"
    return None


def _without_repeats(
    photos: Sequence[PhotoRow], path: Path, found: Examination
) -> Iterator[PhotoRow]:
    """Yield the photos, each identifier once; a repeated row is passed over, another is faulty."""
    seen: dict[str, PhotoRow] = {}
    same = 0
    for photo in photos:
        before = seen.setdefault(photo.id, photo)
        if before is photo:
            yield photo
        elif (before.lat_deg, before.lon_deg) == (photo.lat_deg, photo.lon_deg):
            same += 1
        else:
            problem = f"{photo.id!r} is the id of row {before.row} too, at another point"
            found.faulty.append(FailedRow(str(path), photo.row, "id", problem))
    if same:
        found.repaired.append(f"{same} rows repeat an earlier one and were passed over")


def _warnings(dataset: Dataset, found: Examination) -> Iterator[str]:
    warning = _count_warning(dataset, found.rows)
    if warning:
        yield warning
    if found.unplaced:
        yield f"{len(found.unplaced)} rows have no coordinates and are not in the truth"
    origin = sum(not p.lat_deg and not p.lon_deg for p in found.photos)
    if origin:
        yield f"{origin} photos lie at 0, 0: most likely they have no coordinates"


def _notes(dataset: Dataset, found: Examination) -> Iterator[str]:
    points = Counter((p.lat_deg, p.lon_deg) for p in found.photos)
    shared = sum(count for count in points.values() if count > 1)
    if shared:
        yield (
            f"{shared} photos share their exact point with another "
            f"({sum(count > 1 for count in points.values())} points): resampled as clusters"
        )
    if dataset.columns.country and not any("country" in p.words for p in found.photos):
        yield "no row has a two-letter country code; countries will come from the coordinates"


def _count_warning(dataset: Dataset, rows: int) -> str:
    if dataset.rows is None or rows == dataset.rows:
        return ""
    if dataset.rows_are_about and abs(rows - dataset.rows) <= MAX_COUNT_DIFFERENCE * dataset.rows:
        return ""
    about = "about " if dataset.rows_are_about else ""
    return (
        f"{rows} rows where {dataset.title} has {about}{dataset.rows}: figures are not comparable"
    )
