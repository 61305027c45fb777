"""Answers of a model as files of the evaluation's contract: predictions and truth."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from geoagent_training.rewards.completions import ParsedCompletion
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.scoring import Batch

_LEVELS = ("country", "region", "city")  # of the three fields of an answer


def write_predictions(file: Path, batch: Batch, table: Any) -> None:
    """Write what a model said of each photo; a reply without an answer is a failed row.

    An answer that names no country, or whose place nobody knows, is an abstention. The file is
    replaced whole.

    Args:
        file: JSON Lines, for `geoagent-eval score`.
        batch: the replies, read.
        table: the photos, with `row_id`.
    """
    answers = zip(table["row_id"][:], batch.parsed, batch.names, batch.points, strict=True)
    rows = (
        _row_of(name, parsed, fields, point, _country_of(fields[0], batch))
        for name, parsed, fields, point in answers
    )
    _write_rows(file, rows)


def write_truth(file: Path, batch: Batch, table: Any) -> None:
    """Write where the photos of a table were taken, those whose point is known."""
    truths = zip(table["row_id"][:], batch.truth.points.tolist(), batch.truth.names, strict=True)
    _write_rows(
        file,
        (
            {
                "id": name,
                "lat_deg": lat_deg,
                "lon_deg": lon_deg,
                **_country_of(names[0], batch),
            }
            for name, (lat_deg, lon_deg), names in truths
            if np.isfinite(lat_deg)
        ),
    )


def _row_of(
    name: str, parsed: ParsedCompletion, fields: Fields, point: Any, country: Mapping[str, str]
) -> dict[str, Any]:
    if parsed.answer is None:
        return {"id": name, "error": "the reply has no answer"}
    known = bool(np.isfinite(point).all())
    if not fields[0] or not known:
        return {"id": name, "abstained": True}
    finest = max(place for place, field in enumerate(fields) if field)
    row = {"id": name, "lat_deg": float(point[0]), "lon_deg": float(point[1])}
    said = {"level": _LEVELS[finest], **country}
    named = {"region": fields[1], "city": fields[2], "probability": parsed.confidence}
    return row | said | {key: value for key, value in named.items() if value not in ("", None)}


def _country_of(name: str, batch: Batch) -> dict[str, str]:
    """Return the code of the one country that a name means; none where the gazetteer is not asked.

    Rewards may take their points from a service on the web, which knows no codes.
    """
    resolver = batch.tools.resolver
    codes = resolver.country_codes(name) if isinstance(resolver, PlaceResolver) and name else ()
    return {"country": codes[0]} if len(codes) == 1 else {}


def _write_rows(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.part")
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    unfinished.write_text("".join(lines), encoding="utf-8")
    unfinished.replace(file)
