"""The results of the miniature as a table in Markdown and as two pictures."""

from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev

from geoagent_training.miniature.pictures import draw_accuracy, draw_curves, read_curves
from geoagent_training.miniature.results import place_in_table, read_results

_COLUMNS = {
    "country": "country",
    "within_25_km": "25 km",
    "within_750_km": "750 km",
    "geoscore_geoagent": "GeoScore (GeoAgent)",
    "geoscore_osv5m": "GeoScore (OSV-5M)",
    "parsed": "parsed",
    "calls": "tools for a photo",
}

_FORMS = {
    "geoscore_geoagent": (1.0, "{:.0f}"),
    "geoscore_osv5m": (1.0, "{:.0f}"),
    "calls": (1.0, "{:.2f}"),
}


def write_report(results: Path) -> Path:
    """Write `table.md`, `accuracy.png` and `curves.png` beside the results; return the table."""
    models: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in sorted(read_results(results), key=lambda row: place_in_table(row["model"])):
        models[row["model"]].append(row)
    known = {column for rows in models.values() for row in rows for column in row}
    columns = {column: title for column, title in _COLUMNS.items() if column in known}
    lines = [
        f"| model | seeds | {' | '.join(columns.values())} |",
        "|---" * (2 + len(columns)) + "|",
    ]
    for name, rows in models.items():
        cells = [_table_cell([float(row[column]) for row in rows], column) for column in columns]
        lines.append(f"| {name} | {len(rows)} | {' | '.join(cells)} |")
    table = results.with_name("table.md")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    shares = {
        title: {name: [float(row[column]) for row in rows] for name, rows in models.items()}
        for column, title in (("country", "right country"), ("within_25_km", "within 25 km"))
    }
    draw_accuracy(shares, results.with_name("accuracy.png"))
    curves = read_curves(results.parent)
    if curves:
        draw_curves(curves, results.with_name("curves.png"))
    return table


def _table_cell(values: list[float], column: str) -> str:
    factor, form = _FORMS.get(column, (100.0, "{:.1f} %"))
    text = form.format(mean(values) * factor)
    spread = form.format(stdev(values) * factor) if len(values) > 1 else None
    return f"{text} ± {spread}" if spread else text
