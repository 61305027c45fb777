"""Measure the agent on photos whose place is known.

    python benchmarks/measure_photos.py METADATA.jsonl [--index DIR] [--out ANSWERS.jsonl]

METADATA has one JSON object per line with `file`, `lat`, `lon`, `country` (ISO 3166-1). Prints a
table: country accuracy, share within 25, 200, 750 and 2500 km, median km, both GeoScores, share of
abstentions, how often the truth lies inside the 90 % radius, and the reliability of claimed
countries; for photos with and without readable text, beside the best constant guess and the nearest
reference photo alone. An abstention still has a point, and a country at that point: it counts like
a claim except in the last two columns. Rows without coordinates count for the country alone. EXIF
is switched off: it would be reading the label.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from geoagent_graph import Answer, RunOptions, Toolbox, load_settings, locate_many, open_toolbox
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.protocols import Geocoder
from geoagent_graph.types import Step

Row = dict[str, Any]
Floats = NDArray[np.float64]
THRESHOLDS_KM = (25, 200, 750, 2500)


async def answers(rows: list[Row], folder: Path, toolbox: Toolbox) -> list[Answer | None]:
    outcomes = locate_many(
        [folder / row["file"] for row in rows],
        toolbox=toolbox,
        options=RunOptions(use_exif=False),
    )
    found: list[Answer | None] = []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("locating", total=len(rows))
        async for outcome in outcomes:
            if outcome.error is not None:
                print(f"{outcome.name}: {outcome.error}", file=sys.stderr)
            found.append(outcome.answer)
            progress.advance(task)
    return found


def figures(rows: list[Row], lat: Floats, lon: Floats, codes: list[str | None]) -> Row:
    right = [code == row["country"] for code, row in zip(codes, rows, strict=True)]
    away = _away_km(rows, lat, lon)
    away = away[np.isfinite(away)]
    return {
        "photos": len(rows),
        "country": np.mean(right),
        **{f"{limit} km": np.mean(away <= limit) for limit in THRESHOLDS_KM},
        "median km": np.median(away),
        "geoscore_osv5m": np.mean(5000 * np.exp(-away / 1492.7)),
        "geoscore_geoagent": np.mean(5000 * np.exp(-10 * away / 18050)),
    }


def _away_km(rows: list[Row], lat: Floats, lon: Floats) -> Floats:
    """Return the distances to the truth; NaN where a row has no coordinates."""
    truth = np.array([[row["lat"], row["lon"]] for row in rows], dtype=np.float64)
    return distance_km(lat, lon, truth[:, 0], truth[:, 1])


def agent_figures(rows: list[Row], found: list[Answer], geocoder: Geocoder) -> Row:
    lat = np.array([answer.lat_deg for answer in found])
    lon = np.array([answer.lon_deg for answer in found])
    result = figures(rows, lat, lon, [best_country(a, geocoder) for a in found])
    away = _away_km(rows, lat, lon)
    known = np.isfinite(away)
    radius = np.array([answer.radius_km for answer in found])
    claims = [
        (answer.place.country_code == row["country"])
        for answer, row in zip(found, rows, strict=True)
        if answer.place.country_code
    ]
    result["abstained"] = np.mean([answer.level == "none" for answer in found])
    result["in radius"] = np.mean((away <= radius)[known])
    result["claims country"] = np.mean([answer.place.country_code is not None for answer in found])
    result["claim right"] = np.mean(claims) if claims else float("nan")
    return result


def best_country(answer: Answer, geocoder: Geocoder) -> str:
    """Return the claimed country, or the one at the answer's point."""
    point = geocoder.reverse(answer.lat_deg, answer.lon_deg)
    return answer.place.country_code or point.country_code


def has_text(answer: Answer) -> bool:
    letters = sum(
        character.isalpha()
        for clue in answer.clues
        if clue.kind == "text" and (clue.confidence or 0) > 0.6
        for character in clue.text
    )
    return letters >= 4


def constant_figures(rows: list[Row]) -> Row:
    """Return the figures of the photo's own point that is nearest to all in the median."""
    placed = [row for row in rows if row["lat"] is not None]
    medians = [
        np.nanmedian(_away_km(rows, np.asarray(row["lat"]), np.asarray(row["lon"])))
        for row in placed
    ]
    best = placed[int(np.argmin(medians))]
    lat, lon = (np.full(len(rows), best[key]) for key in ("lat", "lon"))
    return figures(rows, lat, lon, [best["country"]] * len(rows))


def nearest_figures(rows: list[Row], found: list[Answer]) -> Row | None:
    """Return the figures of the single most similar reference photo."""
    first: list[list[dict[str, Any]]] = [
        next((found_references(s) for s in answer.trace if s.node == "retrieve"), [])
        for answer in found
    ]
    if not all(first):
        return None
    best = [references[0] for references in first]
    return figures(
        rows,
        np.array([reference["lat_deg"] for reference in best]),
        np.array([reference["lon_deg"] for reference in best]),
        [reference["country_code"] for reference in best],
    )


def found_references(step: Step) -> list[dict[str, Any]]:
    references: Any = step.detail.get("references", [])  # none without an index
    return list(references)


def show(table: dict[str, Row]) -> None:
    columns = list(next(iter(table.values())))
    shown = Table("", *columns)
    for name, row in table.items():
        cells = [row.get(column) for column in columns]
        shown.add_row(
            name, *[_cell(column, value) for column, value in zip(columns, cells, strict=True)]
        )
    Console(width=200).print(shown)


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column in ("photos", "median km") or "score" in column:
        return f"{value:.0f}"
    return f"{100 * value:.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("metadata", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--out", type=Path, help="write every answer as a line of JSON")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.metadata.read_text().splitlines()]
    toolbox = open_toolbox(load_settings(), index=arguments.index)
    found = asyncio.run(answers(rows, arguments.metadata.parent, toolbox))
    if arguments.out:
        lines = [answer.model_dump_json() if answer else "null" for answer in found]
        arguments.out.write_text("\n".join(lines) + "\n")
    located = [(row, answer) for row, answer in zip(rows, found, strict=True) if answer]
    print(f"{len(rows) - len(located)} photos failed")
    groups = {
        "agent, all": located,
        "agent, text": [(row, answer) for row, answer in located if has_text(answer)],
        "agent, no text": [(row, answer) for row, answer in located if not has_text(answer)],
    }
    table = {
        name: agent_figures([r for r, _ in group], [a for _, a in group], toolbox.geocoder)
        for name, group in groups.items()
        if group
    }
    rows = [row for row, _ in located]
    table["best constant"] = constant_figures(rows)
    nearest = nearest_figures(rows, [answer for _, answer in located])
    if nearest:
        table["nearest reference"] = nearest
    show(table)


if __name__ == "__main__":
    main()
