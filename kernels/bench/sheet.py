"""The CSV file of a run: rows are appended at once, so that a run that is ended keeps its rows."""

import csv
from collections.abc import Callable
from pathlib import Path

COLUMNS = (
    "op", "provider", "shape", "p20_ms", "p50_ms", "p80_ms", "items_per_s", "floor_ms",
    "percent_of_floor", "wrong_percent", "device", "engine", "versions", "date",
)  # fmt: skip

Row = dict[str, str]


class Sheet:
    """Rows of a file: those that are measured again leave it, the others stay."""

    def __init__(self, path: Path, is_measured_again: Callable[[Row], bool]) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [row for row in read_rows(path) if not is_measured_again(row)]
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(kept)

    def append(self, row: dict[str, object]) -> None:
        """Add a row to the file."""
        with self._path.open("a", newline="") as file:
            csv.DictWriter(file, COLUMNS).writerow(row)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
