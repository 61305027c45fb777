"""The table of the miniature as a CSV: one row per model and seed, written once."""

import csv
from pathlib import Path
from typing import Any, Final

RULES: Final = "rules"
BASE: Final = "base"
SFT: Final = "SFT"
_ORDER: Final = (RULES, BASE, SFT, "GRPO", "without spatial", "without semantic")


def place_in_table(model: str) -> int:
    """Return where a model stands in tables and pictures; runs finish in any order."""
    return _ORDER.index(model) if model in _ORDER else len(_ORDER)


def is_measured(results: Path, model: str, seed: int) -> bool:
    """Say whether the CSV has the row of a model and a seed."""
    return any(row["model"] == model and row["seed"] == str(seed) for row in read_results(results))


def read_results(results: Path) -> list[dict[str, str]]:
    """Return the rows, none where there is no file yet."""
    if not results.exists():
        return []
    with results.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def add_row(table: Path, row: dict[str, Any]) -> None:
    """Append a row; the first one brings its header. Numbers are written with four digits."""
    fresh = not table.exists()
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(row))
        if fresh:
            writer.writeheader()
        writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})
