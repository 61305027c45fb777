"""Rows of CSV with bounds of their own: the parser's is one per process, and libraries raise it."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any, Final

MAX_FIELD_CHARACTERS: Final = 131_072  # as the parser's own, until somebody raises that
MAX_ROW_CHARACTERS: Final = 1 << 24


def bounded_rows(lines: Iterable[str], **dialect: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the line on which each row ends, from 1, and the row's cells.

    Args:
        lines: the lines of a table with their ends, each bounded by who reads them.
        dialect: as of `csv.reader`.

    Raises:
        csv.Error: no CSV, or a field or row that is too long (a quote may never end).
    """
    taken = 0

    def lines_of_row() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += len(line)
            if taken > MAX_ROW_CHARACTERS:
                raise csv.Error(f"row larger than row limit ({MAX_ROW_CHARACTERS})")
            yield line

    reader = csv.reader(lines_of_row(), **dialect)
    for cells in reader:
        if any(len(cell) > MAX_FIELD_CHARACTERS for cell in cells):
            raise csv.Error(f"field larger than field limit ({MAX_FIELD_CHARACTERS})")
        yield reader.line_num, cells
        taken = 0
