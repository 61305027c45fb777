"""Readers of the published data sets and our own: every row typed, every bad row reported."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from geoagent_graph.validation_words import validation_words
from geoagent_training.data.data_files import data_files
from geoagent_training.data.record_files import Problem, Record, read_records
from geoagent_training.data.rows import LocatedPhoto, ReasonedPhoto
from geoagent_training.data.stored_photos import StoredPhoto, photo_bytes
from geoagent_training.errors import DataError
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.truth_text import column_names, markup_problem

SourceFormat = Literal["geoagent", "geoseek-cot", "geoseek-loc", "geoseek-val", "im2gps3k", "osv5m"]

# column of the file -> field of the row
_COLUMNS: Final[dict[SourceFormat, dict[str, str]]] = {
    "geoagent": {"image": "image", "lat_deg": "lat_deg", "lon_deg": "lon_deg"},
    "geoseek-cot": {"image": "image", "lat": "lat_deg", "lon": "lon_deg"},
    "geoseek-loc": {"image": "image", "lat": "lat_deg", "lng": "lon_deg", "solution": "solution"},
    "geoseek-val": {"image": "image", "lat": "lat_deg", "lng": "lon_deg", "solution": "solution"},
    "im2gps3k": {"IMG_ID": "image", "LAT": "lat_deg", "LON": "lon_deg"},
    "osv5m": {"id": "image", "latitude": "lat_deg", "longitude": "lon_deg"},
}
_NAMES: Final[dict[SourceFormat, dict[str, str]]] = {
    "geoagent": {"country": "country", "region": "region", "precise": "precise"},
    "geoseek-cot": {"country": "country", "region": "region", "precise": "precise"},
    "geoseek-loc": {},
    "geoseek-val": {},
    "im2gps3k": {},
    "osv5m": {"country": "country", "region": "region", "city": "precise"},
}
_NAME_FIELDS: Final = ("country", "region", "precise")
_REASONED: Final = frozenset({"geoseek-cot"})


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One good row and where it stands.

    Where the file carries the photo, `image_bytes` are its bytes and `stored` says where they can
    be read again.
    """

    where: str
    photo: LocatedPhoto
    image_bytes: bytes | None = None
    stored: StoredPhoto | None = None

    def without_bytes(self) -> "SourceRow":
        """Return the row as it is kept among many: what can be read again is not held."""
        return self if self.stored is None else replace(self, image_bytes=None)

    def open_photo(self) -> str | io.BytesIO:
        """Return what Pillow opens: a file name, or the bytes of the photo.

        Raises:
            DataError: the photo cannot be read again.
        """
        if self.image_bytes is not None:
            return io.BytesIO(self.image_bytes)
        return self.photo.image if self.stored is None else io.BytesIO(self.stored.read())


def read_source(
    path: Path, source: SourceFormat, images: Path | None = None, split: str | None = None
) -> Iterator[SourceRow | Problem]:
    """Yield every row of a file or folder, good or bad, in order.

    Args:
        path: JSONL, JSON lines in `.json`, CSV, Parquet, a folder of them or one that
            `save_to_disk` wrote, or `hub:owner/name@revision`.
        source: whose columns it has.
        images: folder of the photos; the folder of the file where not given.
        split: which files of a folder, where their names tell; `train` where not given.

    Raises:
        DataError: no such file, a kind of file that is not read, or a column that is missing.
    """
    files, beside = data_files(path, split)
    folder = images or beside
    photo_column = next(c for c, field in _COLUMNS[source].items() if field == "image")
    first = True
    for file in files:
        for record in read_records(file, photo_column):
            if isinstance(record, Problem):
                yield record
                continue
            if first:
                _check_columns(path, source, record.values)
                first = False
            yield _source_row(record, source, folder)


def _check_columns(path: Path, source: SourceFormat, record: Mapping[str, Any]) -> None:
    wanted = [*_COLUMNS[source], *(["chain"] if source in _REASONED else [])]
    missing = [column for column in wanted if column not in record]
    if missing:
        raise DataError(
            f"{path}: format {source} needs the column {missing[0]!r}; the file has "
            f"{', '.join(map(str, list(record)[:20]))}"
        )


def _source_row(record: Record, source: SourceFormat, folder: Path) -> SourceRow | Problem:
    columns = _COLUMNS[source] | _NAMES[source]
    cells = {field: record.values.get(column) for column, field in columns.items()}
    values: dict[str, Any] = {field: cell for field, cell in cells.items() if cell is not None}
    image, data = _image_of(values.get("image"), source)
    if image is None:
        return Problem(record.where, "no image")
    path = Path(image) if data is not None else folder / image
    if data is None and not path.is_file():
        return Problem(record.where, f"the image {path} is missing")
    given = {"solution": values.pop("solution", None)}
    given |= {field: values.pop(field) for field in _NAME_FIELDS if field in values}
    names = column_names(given)
    values |= {"image": str(path), **dict(zip(_NAME_FIELDS, names, strict=True))}
    wrong = _truth_problem(given["solution"], names) or _position_problem(values)
    if wrong:
        return Problem(record.where, wrong)
    return _validate_row(record, values, data)


def _truth_problem(solution: Any, names: Fields) -> str | None:
    """Say what makes the names of a truth doubtful on sight."""
    if solution and not names[0]:
        return f"solution: {str(solution)[:80]!r} names no country"
    return markup_problem(names)


def _image_of(value: Any, source: SourceFormat) -> tuple[str | None, bytes | None]:
    """Return the file name of a photo, and its bytes where the row holds them."""
    if isinstance(value, Mapping | bytes):
        path = value.get("path") if isinstance(value, Mapping) else None
        return path or "embedded", photo_bytes(value)
    if value in (None, ""):
        return None, None
    return (f"images/{value}.jpg" if source == "osv5m" else str(value)), None


def _position_problem(values: dict[str, Any]) -> str | None:
    """Convert the position; say what is wrong with it."""
    try:
        lat, lon = float(values["lat_deg"]), float(values["lon_deg"])
    except (KeyError, TypeError, ValueError):
        return "latitude or longitude is missing or no number"
    if abs(lat) > 90 and abs(lat) <= 180 and abs(lon) <= 90:
        return f"latitude {lat:g} is beyond 90: latitude and longitude look swapped"
    values["lat_deg"], values["lon_deg"] = lat, -180.0 if lon == 180.0 else lon
    return None


def _validate_row(
    record: Record, values: dict[str, Any], data: bytes | None
) -> SourceRow | Problem:
    chain = record.values.get("chain")
    try:
        if chain is None:
            photo = LocatedPhoto.model_validate(values)
        else:
            photo = ReasonedPhoto.model_validate({**values, "chain": _chain_fields(chain)})
    except ValidationError as error:
        return Problem(record.where, validation_words(error, "the row"))
    except (ValueError, TypeError, RecursionError) as error:
        return Problem(record.where, f"chain: not readable: {error}")
    return SourceRow(record.where, photo, data, record.stored)


def _chain_fields(chain: Any) -> Any:
    """Return the levels and the answer of a chain, which may be a text or stand one level down."""
    if isinstance(chain, str):
        chain = json.loads(chain)
    if isinstance(chain, dict) and "ChainOfThought" in chain:
        chain = {**chain["ChainOfThought"], "FinalAnswer": chain.get("FinalAnswer")}
    return chain
