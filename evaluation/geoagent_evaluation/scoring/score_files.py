"""The files that a score is kept in: `score.json`, `scores.csv` and `rows.parquet`."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from geoagent_evaluation.contract.tables import LEVELS, Floats
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.scoring.figures import (
    ROW_COLUMNS,
    ROW_WORDS,
    SCORE_SCHEMA,
    Curve,
    Figure,
    ScoreFile,
)
from geoagent_evaluation.scoring.place_match import Ternary
from geoagent_evaluation.scoring.score import Scored

SCORE_NAME = "score.json"
TABLE_NAME = "scores.csv"
ROWS_NAME = "rows.parquet"
ROWS_AT_ONCE = 100_000


def write_score(scored: Scored, folder: Path) -> None:
    """Write the three files of a score into a folder, each whole or not at all.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(scored, folder / ROWS_NAME)
    write_whole(folder / TABLE_NAME, figures_as_csv(scored.score).encode())
    write_whole(folder / SCORE_NAME, score_as_json(scored.score).encode())


def read_score(path: Path) -> ScoreFile:
    """Return the score of a `score.json`, or of the folder that it is in.

    Raises:
        ContractError: it is none, or of another version.
        OSError: it cannot be read.
    """
    file = path / SCORE_NAME if path.is_dir() else path
    try:
        found = json.loads(file.read_bytes())
        if found["schema"] != SCORE_SCHEMA:
            raise ContractError(f"{file}: is {found['schema']!r}, this reads {SCORE_SCHEMA}")
        found["figures"] = tuple(Figure(**figure) for figure in found["figures"])
        found["curves"] = tuple(Curve(**curve) for curve in found["curves"])
        found |= {name: tuple(found[name]) for name in ("sources", "notes")}
        return ScoreFile(**found)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ContractError(f"{file}: is no score ({error})") from error


def score_as_json(score: ScoreFile) -> str:
    """Return a score as JSON, one figure and one curve a line; no value is NaN."""
    whole = {field.name: getattr(score, field.name) for field in fields(score)}
    whole |= {name: _as_lines(whole[name]) for name in ("figures", "curves")}
    parts = [
        f'  "{name}": {value if name in {"figures", "curves"} else _dump(value)}'
        for name, value in whole.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def figures_as_csv(score: ScoreFile) -> str:
    """Return the figures of a score as a table with a head."""
    names = [field.name for field in fields(Figure)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(figure, name) for name in names] for figure in score.figures)
    return text.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name and give it its own when it is whole."""
    _write_beside(path, lambda file: Path(file).write_bytes(content))


def _write_beside(path: Path, write: Callable[[Path], object]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _as_lines(values: tuple[Figure | Curve, ...]) -> str:
    lines = ",\n".join(f"    {_dump(asdict(value))}" for value in values)
    return f"[\n{lines}\n  ]" if values else "[]"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write_rows(scored: Scored, path: Path) -> None:
    def write(temporary: Path) -> None:
        with pq.ParquetWriter(temporary, _row_schema(), compression="zstd") as writer:
            for part in _row_parts(scored):
                writer.write_table(part)

    _write_beside(path, write)


_FLAGS = frozenset(
    ("failed", "abstained", "inside_radius", "country_right", "region_right", "city_right",
     "claim_right", "missing")
)  # fmt: skip


def _row_schema() -> Any:
    kinds = {True: pa.string()}
    return pa.schema(
        (name, kinds.get(name in ROW_WORDS, pa.bool_() if name in _FLAGS else pa.float64()))
        for name in ROW_COLUMNS
    )


def _row_parts(scored: Scored) -> Iterator[Any]:
    for start in range(0, len(scored.rows), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        columns = _row_columns(scored, part)
        yield pa.table([columns[name] for name in ROW_COLUMNS], schema=_row_schema())


def _row_columns(scored: Scored, part: slice) -> dict[str, Any]:
    rows, truth = scored.rows, scored.rows.truth
    codes = rows.right["codes"]
    numbers = {
        "lat_deg": rows.lat_deg, "lon_deg": rows.lon_deg, "distance_km": rows.distance_km,
        "true_lat_deg": truth.lat_deg, "true_lon_deg": truth.lon_deg, "energy_km": rows.energy_km,
        "probability": rows.probability, "radius_km": rows.radius_km, "seconds": rows.seconds,
        "radius_50_km": rows.radius_50_km, "cost": rows.cost,
    }  # fmt: skip
    ternary = {
        "country_right": codes["country"], "region_right": codes["region"],
        "city_right": codes["city"], "claim_right": scored.claim_right,
        "inside_radius": _inside_radius(rows.distance_km, rows.radius_km),
    }  # fmt: skip
    flags = {"failed": rows.failed, "missing": rows.missing, "abstained": rows.abstained}
    words = {
        "id": truth.ids[part], "country": rows.country[part], "true_country": truth.country[part],
        "cluster": truth.cluster[part], "permitted_level": truth.permitted_level[part],
        "locatability": truth.locatability[part],
        "level": [LEVELS[place] if place >= 0 else None for place in rows.level[part].tolist()],
    }  # fmt: skip
    return {
        **{name: _nullable(column[part]) for name, column in numbers.items()},
        **{name: _nullable_flags(column[part]) for name, column in ternary.items()},
        **{name: pa.array(column[part]) for name, column in flags.items()},
        **{name: pa.array(column, pa.string()) for name, column in words.items()},
    }


def _inside_radius(distance_km: Floats, radius_km: Floats) -> Ternary:
    unknown = np.isnan(distance_km) | np.isnan(radius_km)
    return np.where(unknown, -1, distance_km <= radius_km).astype(np.int8)


def _nullable(column: Floats) -> Any:
    return pa.array(column, mask=np.isnan(column))


def _nullable_flags(column: Ternary) -> Any:
    return pa.array(column == 1, mask=column < 0)
