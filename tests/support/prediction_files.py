"""Files of predictions and truth, whole and broken, for the harness."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = Mapping[str, Any]
GOOD: Row = {"id": "a", "lat_deg": 38.7, "lon_deg": -9.1, "level": "city", "probability": 0.9}
TRUTH: Sequence[Row] = (
    {"id": "a", "lat_deg": 38.7, "lon_deg": -9.1, "country": "PT"},
    {"id": "b", "lat_deg": 48.9, "lon_deg": 2.3, "country": "FR"},
    {"id": "c", "lat_deg": -1.3, "lon_deg": 36.8, "country": "KE"},
)


def write_lines(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as JSONL and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def changed_row(**fields: Any) -> str:
    """Return the line of a good second prediction, some fields changed."""
    return json.dumps({**GOOD, "id": "b", **fields})


def long_list_parquet() -> Any:
    """Return a table of one row that packs three million candidates into few bytes."""
    values = pa.array([1.0]).take(pa.array([0] * 3_000_000))
    lists = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    return pa.table({"id": ["b"], "candidates": lists})


# name: the bytes of the second line, and how the refusal goes on after "row 2"
BROKEN_LINES: Mapping[str, tuple[bytes, str]] = {
    "nan": (b'{"id": "b", "lat_deg": NaN, "lon_deg": 1}', ": holds NaN, which is not JSON"),
    "infinite": (b'{"id": "b", "lat_deg": 1e999, "lon_deg": 1}', ", lat_deg: inf is not a finite"),
    "out of range": (changed_row(lat_deg=91).encode(), ", lat_deg: 91 is not between -90 and 90"),
    "longitude": (changed_row(lon_deg=180.5).encode(), ", lon_deg: 180.5 is not between"),
    "number as text": (changed_row(lat_deg="1").encode(), ", lat_deg: '1' is text, not a number"),
    "boolean as number": (changed_row(lat_deg=True).encode(), ", lat_deg: True is true or false"),
    "huge number": (changed_row(lat_deg=10**400).encode(), ", lat_deg: 10000"),
    "half a point": (b'{"id": "b", "lat_deg": 1}', ", lon_deg: is missing"),
    "neither point nor abstention": (b'{"id": "b"}', ", lat_deg: no point and no abstention"),
    "no id": (b'{"lat_deg": 1, "lon_deg": 1}', ", id: is missing"),
    "id as number": (changed_row(id=7).encode(), ", id: 7 is a number, not text"),
    "nul in the id": (changed_row(id="b\0").encode(), ", id: 'b\\x00' holds a control"),
    "half a character in the id": (b'{"id": "\\ud800", "lat_deg": 1, "lon_deg": 1}', ", id: "),
    "repeated id": (json.dumps(GOOD).encode(), ", id: "),
    "unknown id": (changed_row(id="x").encode(), ", id: 'x' is not in the truth"),
    "key twice": (b'{"id": "b", "lat_deg": 1, "lon_deg": 1, "lat_deg": 2}', ", lat_deg: is given"),
    "deep nesting": (b"[" * 100_000, ": is nested too deeply"),
    "not an object": (b"[1, 2]", ": is not a JSON object"),
    "cut off": (b'{"id": "b", "lat_deg": 1', ": is not JSON"),
    "gigantic line": (b'{"id": "' + b"b" * 1_200_000 + b'"}', ": is longer than 1048576 bytes"),
    "broken utf-8": (b'{"id": "\xff", "lat_deg": 1, "lon_deg": 1}', ": is not UTF-8 (byte 9"),
    "raw nul": (b'{"id": "b\x00", "lat_deg": 1, "lon_deg": 1}', ": is not JSON"),
    "unknown level": (changed_row(level="street").encode(), ", level: 'street' is not one of"),
    "probability": (changed_row(probability=1.2).encode(), ", probability: 1.2 is not between"),
    "radius": (changed_row(radius_km=-1).encode(), ", radius_km: -1 is not between 0"),
    "abstained with a level": (changed_row(abstained=True).encode(), ", abstained: is true, and"),
    "no abstention at none": (
        changed_row(abstained=False, level="none").encode(), ", abstained: is false, and",
    ),
    "abstained as number": (changed_row(abstained=1).encode(), ", abstained: 1 is a number, not"),
    "country": (changed_row(country="Portugal").encode(), ", country: 'Portugal' is no two-letter"),
    "candidates": (changed_row(candidates={}).encode(), ", candidates: {} is an object, not a"),
    "too many candidates": (changed_row(candidates=["PT"] * 1001).encode(), ", candidates: has 10"),
    "candidate": (changed_row(candidates=[{"probability": 1}]).encode(), ", candidates[0]: has"),
    "candidate's point": (
        changed_row(candidates=["PT", {"lat_deg": 95, "lon_deg": 0}]).encode(),
        ", candidates[1].lat_deg: 95 is not between",
    ),
    "probabilities above 1": (
        changed_row(candidates=[{"place": "PT", "probability": 0.6}] * 2).encode(),
        ", candidates: their probabilities sum to 1.2, above 1",
    ),
    "some probabilities": (
        changed_row(candidates=[{"place": "PT", "probability": 0.6}, "ES"]).encode(),
        ", candidates: some have a probability and some",
    ),
}  # fmt: skip


def write_broken(path: Path, line: bytes) -> Path:
    """Write a file whose second line is broken and whose third is good, and return its path."""
    good = json.dumps({**GOOD, "id": "c"}).encode()
    path.write_bytes(b"\n".join((json.dumps(GOOD).encode(), line, good)) + b"\n")
    return path


def write_parquet(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as Parquet and return the path."""
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path
