"""The results of the miniature as a table in Markdown and as curves in a PNG."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev

_COLUMNS = {
    "country": "country",
    "within_25_km": "25 km",
    "within_750_km": "750 km",
    "geoscore_geoagent": "GeoScore (GeoAgent)",
    "geoscore_osv5m": "GeoScore (OSV-5M)",
    "parsed": "parsed",
}


def write_report(results: Path) -> Path:
    """Write `table.md` and `curves.png` beside the results and return the table."""
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    with results.open(newline="") as file:
        for row in csv.DictReader(file):
            groups[row["model"]].append(row)
    lines = [
        f"| model | seeds | {' | '.join(_COLUMNS.values())} |",
        "|---" * (2 + len(_COLUMNS)) + "|",
    ]
    for name, rows in groups.items():
        cells = [_cell([float(row[column]) for row in rows], column) for column in _COLUMNS]
        lines.append(f"| {name} | {len(rows)} | {' | '.join(cells)} |")
    table = results.with_name("table.md")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _curves(results.parent)
    return table


def _cell(values: list[float], column: str) -> str:
    score = column.startswith("geoscore")
    factor, form = (1.0, "{:.0f}") if score else (100.0, "{:.1f} %")
    text = form.format(mean(values) * factor)
    spread = form.format(stdev(values) * factor) if len(values) > 1 else None
    return f"{text} ± {spread}" if spread else text


def _curves(folder: Path) -> None:
    """Draw reward and share within 25 km of the GRPO run of each seed."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for axis, key, title in zip(
        axes, ("reward", "geo/within_25_km"), ("reward", "share within 25 km"), strict=True
    ):
        for log in sorted(folder.glob("seed*/*_run/log.json")):
            history = json.loads(log.read_text(encoding="utf-8"))
            points = [(entry["step"], entry[key]) for entry in history if key in entry]
            if points:
                seed = log.parts[-3]
                axis.plot(*zip(*points, strict=True), label=f"{log.parts[-2][:-4]} {seed}", lw=1)
        axis.set_title(title)
        axis.set_xlabel("GRPO step")
    if axes[0].lines:
        axes[0].legend(fontsize=5)
    figure.savefig(folder / "curves.png", dpi=130)
    plt.close(figure)
