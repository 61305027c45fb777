"""Rows of a CSV table with a head, as the rows of JSONL would be: numbers are numbers."""

import contextlib
import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from geoagent_evaluation.contract.json_lines import NumberedRow, bounded_lines
from geoagent_evaluation.contract.row_checks import Row, RowProblem, shown_value
from geoagent_evaluation.csv_bounds import bounded_rows
from geoagent_evaluation.errors import ContractError

_NUMBERS: Final = frozenset(
    ("lat_deg", "lon_deg", "probability", "radius_km", "radius_50_km", "seconds", "cost")
)
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}
_LISTS: Final = frozenset(("candidates", "evidence"))


def csv_rows(path: Path) -> Iterator[NumberedRow]:
    """Yield the number of each row from 1, the head included, and what its cells say.

    An empty cell states nothing. `candidates` and `evidence` are JSON lists in their cells.

    Raises:
        ContractError: no head, or one that names a column twice; quotes that never end.
        OSError: the file cannot be read.
    """
    rows = bounded_rows(_lines_of(path), strict=True)
    number = 0
    try:
        number, cells = next(rows, (0, []))
        head = _checked_head(cells, path)
        for number, cells in rows:
            if cells:
                yield number, _row_of(head, cells)
    except csv.Error as error:
        raise ContractError(f"{path}, row {number + 1}: {error}") from error


def _lines_of(path: Path) -> Iterator[str]:
    for number, line in bounded_lines(path):
        if isinstance(line, RowProblem):
            raise ContractError(f"{path}, row {number}: {line.problem}")
        yield line


def _checked_head(cells: Sequence[str], path: Path) -> list[str]:
    head = [cell.strip() for cell in cells]
    twice = {name for name in head if head.count(name) > 1}
    if twice:
        raise ContractError(f"{path}, row 1, {shown_value(min(twice))}: is given twice")
    if head and "id" not in head:
        raise ContractError(
            f"{path}, row 1: the head has no column id, but {shown_value(', '.join(head))}"
        )
    return head


def _row_of(head: Sequence[str], cells: Sequence[str]) -> Row | RowProblem:
    if len(cells) != len(head):
        return RowProblem("", f"has {len(cells)} cells, the head has {len(head)}")
    return {
        name: _value_of(name, cell) for name, cell in zip(head, cells, strict=True) if cell.strip()
    }


def _value_of(name: str, cell: str) -> Any:
    """Return what a cell says; one that is not of its column's kind stays text, to be refused."""
    if name in _NUMBERS:
        with contextlib.suppress(ValueError):
            return cell if "_" in cell else float(cell)
    elif name == "abstained":
        return _FLAGS.get(cell.strip().lower(), cell)
    elif name in _LISTS:
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(cell)
    return cell
