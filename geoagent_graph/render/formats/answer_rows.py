"""Answers as rows of a table, for spreadsheets and data frames: CSV, and GeoParquet."""

import csv
import io
import json
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict

from geoagent_graph.render.formats.format import Failure, Format
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import mark
from geoagent_graph.types import Answer

if TYPE_CHECKING:
    import pyarrow as pa

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute
_WKB_POINT: Final = 1
_GEO: Final = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
}


class AnswerRow(TypedDict, total=False):
    """One photo: what is claimed, the best point with its 90 % radius in km, or the error."""

    photo: str
    sha256: str | None
    level: str | None
    probability: float | None
    lat_deg: float | None
    lon_deg: float | None
    radius_km: float | None
    continent: str | None
    country: str | None
    country_code: str | None
    region: str | None
    city: str | None
    policy: str | None
    seconds: float | None
    warnings: str | None
    error: str | None


def row_of(result: Answer | Failure) -> AnswerRow:
    """Return the row of an answer, or of a photo that failed; `photo` is the name it was given."""
    if isinstance(result, Failure):
        return AnswerRow(photo=result.photo, error=result.error)
    place = {name: value and visible(value) for name, value in result.place.model_dump().items()}
    return AnswerRow(
        photo=result.image.name,
        sha256=result.image.sha256.removeprefix("sha256:"),
        level=result.level,
        probability=result.probability,
        lat_deg=result.lat_deg,
        lon_deg=result.lon_deg,
        radius_km=result.radius_km,
        continent=place["continent"],
        country=place["country"],
        country_code=place["country_code"],
        region=place["region"],
        city=place["city"],
        policy=visible(result.policy),
        seconds=round(result.seconds, 3),
        warnings=visible("; ".join(result.warnings)) or None,
        error=None,
    )


def csv_text(results: Sequence[Answer | Failure]) -> str:
    """Return one line per photo under a header; texts that a spreadsheet would compute are quoted.

    The mark before such a text is an apostrophe, as OWASP advises against CSV injection.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(AnswerRow.__annotations__), lineterminator="\n")
    writer.writeheader()
    for result in results:
        writer.writerow({name: safe_cell(value) for name, value in row_of(result).items()})
    return text.getvalue()


def geoparquet_bytes(results: Sequence[Answer | Failure]) -> bytes:
    """Return a GeoParquet 1.1 file: the columns of the row, and the best point as `geometry`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(
        [geo_row_of(result) for result in results], schema=geoparquet_schema()
    )
    file = pa.BufferOutputStream()
    pq.write_table(table, file)
    content: bytes = file.getvalue().to_pybytes()
    return content


def geo_row_of(result: Answer | Failure) -> dict[str, Any]:
    """Return the row with its best point as `geometry` (WKB), None where there is no point."""
    row = row_of(result)
    return {**row, "geometry": _wkb_point(row.get("lon_deg"), row.get("lat_deg"))}


def geoparquet_schema() -> "pa.Schema":
    """Return the columns of a GeoParquet 1.1 file of answers."""
    import pyarrow as pa

    kinds = {name: "float" in str(kind) for name, kind in AnswerRow.__annotations__.items()}
    fields = [
        (name, pa.float64() if is_number else pa.string()) for name, is_number in kinds.items()
    ]
    schema = pa.schema([*fields, ("geometry", pa.binary())])
    return schema.with_metadata({"geo": json.dumps(_GEO)})


def _wkb_point(lon_deg: float | None, lat_deg: float | None) -> bytes | None:
    if lon_deg is None or lat_deg is None:
        return None
    return struct.pack("<BIdd", 1, _WKB_POINT, lon_deg, lat_deg)


def safe_cell(value: object) -> object:
    """Return the cell of a CSV file; a text that a spreadsheet would compute gets an apostrophe.

    A carriage return becomes a backslash and an r: the writer quotes no cell for it, and readers
    end a row.
    """
    if not isinstance(value, str):
        return value
    text = f"'{value}" if value.startswith(_FORMULA) else value
    return text.replace("\r", "\\r")


CSV = Format(
    "csv",
    "text/csv",
    ".csv",
    mark("Table (CSV)"),
    help="Write one row per photo as CSV, also of photos that failed.",
    of_results=csv_text,
)
PARQUET = Format(
    "parquet",
    "application/vnd.apache.parquet",
    ".parquet",
    mark("Table (GeoParquet)"),
    help="Write one row per photo as GeoParquet, also of photos that failed.",
    of_results=geoparquet_bytes,
)
