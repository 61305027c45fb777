"""Readers of the published data sets and our own: every row typed, every bad row reported."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from geoagent_training.data.rows import MAX_LINE_BYTES, LocatedPhoto, ReasonedPhoto
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
_MAX_BATCH_ROWS: Final = 64


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One good row, where it stands, and its photo's bytes where the file carries them."""

    where: str
    photo: LocatedPhoto
    image_bytes: bytes | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad row: file and line, and what is wrong with it."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def read_source(
    path: Path, source: SourceFormat, images: Path | None = None
) -> Iterator[SourceRow | Problem]:
    """Yield every row of a file or folder, good or bad, in order.

    Args:
        path: JSONL, JSON lines in `.json`, CSV, Parquet, or a folder of Parquet files.
        source: whose columns it has.
        images: folder of the photos; the folder of the file where not given.

    Raises:
        DataError: no such file, a kind of file that is not read, or a column that is missing.
    """
    folder = images or (path if path.is_dir() else path.parent)
    first = True
    for where, record in _read_records(path):
        if isinstance(record, Problem):
            yield record
            continue
        if first:
            _check_columns(path, source, record)
            first = False
        yield _source_row(where, record, source, folder)


def _read_records(path: Path) -> Iterator[tuple[str, Mapping[str, Any] | Problem]]:
    if path.is_dir():
        files = sorted(path.rglob("*.parquet"))
        if not files:
            raise DataError(f"{path}: the folder holds no Parquet files")
        for file in files:
            yield from _read_parquet(file)
        return
    if not path.is_file():
        raise DataError(f"{path}: there is no such data set")
    readers = {
        ".jsonl": _read_json_lines,
        ".json": _read_json_lines,
        ".csv": _read_csv,
        ".parquet": _read_parquet,
    }
    reader = readers.get(path.suffix)
    if reader is None:
        raise DataError(f"{path}: only {', '.join(readers)} are read")
    yield from reader(path)


def _read_json_lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any] | Problem]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}:{number}"
            if not line.strip():
                continue
            if len(line) > MAX_LINE_BYTES:
                yield where, Problem(where, f"longer than {MAX_LINE_BYTES} bytes")
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield where, Problem(where, f"not a line of JSON: {error}")
                continue
            if not isinstance(record, dict):
                yield where, Problem(where, "not a JSON object")
                continue
            yield where, record


def _read_csv(path: Path) -> Iterator[tuple[str, Mapping[str, Any] | Problem]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        try:
            for record in reader:
                where = f"{path}:{reader.line_num}"
                if None in record or None in record.values():
                    yield where, Problem(where, "more or fewer fields than the header")
                else:
                    yield where, record
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{path}:{reader.line_num}: not readable as CSV: {error}") from error


def _read_parquet(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_MAX_BATCH_ROWS):
                for record in batch.to_pylist():
                    number += 1
                    yield f"{path}:{number}", record
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: row {number + 1} cannot be read: {error}") from error


def _check_columns(path: Path, source: SourceFormat, record: Mapping[str, Any]) -> None:
    wanted = [*_COLUMNS[source], *(["chain"] if source in _REASONED else [])]
    missing = [column for column in wanted if column not in record]
    if missing:
        raise DataError(
            f"{path}: format {source} needs the column {missing[0]!r}; the file has "
            f"{', '.join(map(str, list(record)[:20]))}"
        )


def _source_row(
    where: str, record: Mapping[str, Any], source: SourceFormat, folder: Path
) -> SourceRow | Problem:
    columns = _COLUMNS[source] | _NAMES[source]
    values: dict[str, Any] = {
        field: record[column] for column, field in columns.items() if record.get(column) is not None
    }
    image, data = _image_of(values.get("image"), source)
    if image is None:
        return Problem(where, "no image")
    path = Path(image) if data is not None else folder / image
    if data is None and not path.is_file():
        return Problem(where, f"the image {path} is missing")
    given = {"solution": values.pop("solution", None)}
    given |= {field: values.pop(field) for field in _NAME_FIELDS if field in values}
    names = column_names(given)
    values |= {"image": str(path), **dict(zip(_NAME_FIELDS, names, strict=True))}
    wrong = _truth_problem(given["solution"], names) or _position_problem(values)
    if wrong:
        return Problem(where, wrong)
    return _validate_row(where, values, record.get("chain"), data)


def _truth_problem(solution: Any, names: Fields) -> str | None:
    """Say what makes the names of a truth doubtful on sight."""
    if solution and not names[0]:
        return f"solution: {str(solution)[:80]!r} names no country"
    return markup_problem(names)


def _image_of(value: Any, source: SourceFormat) -> tuple[str | None, bytes | None]:
    """Return the file name of a photo, and its bytes where the row holds them."""
    if isinstance(value, Mapping):
        data = value.get("bytes")
        return value.get("path") or "embedded", data if isinstance(data, bytes) else None
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
    where: str, values: dict[str, Any], chain: Any, data: bytes | None
) -> SourceRow | Problem:
    try:
        if chain is None:
            return SourceRow(where, LocatedPhoto.model_validate(values), data)
        if isinstance(chain, str):
            chain = json.loads(chain)
        if isinstance(chain, dict) and "ChainOfThought" in chain:
            chain = {**chain["ChainOfThought"], "FinalAnswer": chain.get("FinalAnswer")}
        return SourceRow(where, ReasonedPhoto.model_validate({**values, "chain": chain}), data)
    except ValidationError as error:
        first = error.errors()[0]
        return Problem(where, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    except (ValueError, TypeError, RecursionError) as error:
        return Problem(where, f"chain: not readable: {error}")
