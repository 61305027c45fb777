"""The lines of a manifest, and the rows of a table (CSV) in them, read a few at a time."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from geoagent_graph.retrieval.manifest_fields import RowFields, refuse_twin_columns

MAX_LINE_BYTES: Final = 1_000_000
MAX_ROW_LINES: Final = 200
"""A row whose quotes stay open for more lines than these has a stray one."""
_DELIMITERS: Final = (",", ";", "\t")
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_OLD_ENCODING: Final = "cp1252"  # what spreadsheets write where they do not write UTF-8


class BadLine(ValueError):
    """Why a line is no row."""


class Lines:
    """The lines of an open file with their numbers, from 1; empty ones are passed over.

    A line that is too long is cut; what comes after it is passed over too.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._number = 0
        self._waiting: deque[tuple[int, bytes]] = deque()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while (found := self.next_line()) is not None:
            if found[1].strip():
                yield found

    def next_line(self) -> tuple[int, bytes] | None:
        """Return the next line, also an empty one; None at the end."""
        if self._waiting:
            return self._waiting.popleft()
        line = self._file.readline(MAX_LINE_BYTES + 1)
        if not line:
            return None
        self._number += 1
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = self._file.readline(MAX_LINE_BYTES + 1)
        return self._number, line.removeprefix(BYTE_ORDER_MARK) if self._number == 1 else line

    def put_back(self, lines: Sequence[tuple[int, bytes]]) -> None:
        """Have lines come again, in their order."""
        self._waiting.extendleft(reversed(lines))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table, and what stands between them."""

    names: tuple[str, ...]
    delimiter: str

    def read_row(self, line: bytes, lines: Lines) -> tuple[dict[str, str], list[str]]:
        """Return the row that begins with a line, and notes; a quoted cell may hold line ends.

        Raises:
            BadLine: it is no row; the lines after the first come again.
        """
        cells, notes = _read_cells(line, self.delimiter, lines)
        return dict(zip(self.names, cells, strict=False)), notes


def columns_of(line: bytes, name: str) -> Columns | None:
    """Return the columns that the first line of a file names; None where it is no head of a table.

    Raises:
        InputError: it names one that is needed twice.
    """
    if len(line) > MAX_LINE_BYTES or line.lstrip().startswith((b"{", b"[")):
        return None
    for delimiter in _DELIMITERS:
        try:
            names, _ = _read_cells(line, delimiter, None)
        except BadLine:
            continue
        if RowFields(dict.fromkeys(names, "?")).file:
            refuse_twin_columns(names, name)
            return Columns(tuple(names), delimiter)
    return None


def _read_cells(line: bytes, delimiter: str, lines: Lines | None) -> tuple[list[str], list[str]]:
    """Return the cells of the row that begins with a line, and notes; `lines` None takes no more.

    Raises:
        BadLine: it is no row; the lines after the first come again.
    """
    notes: list[str] = []
    taken: list[tuple[int, bytes]] = []

    def texts() -> Iterator[str]:
        found, size = line, len(line)
        while True:
            text, note = _decode_line(found)
            notes.extend(word for word in note if word not in notes)
            yield text
            following = lines.next_line() if lines is not None else None
            if following is None:
                return
            taken.append(following)
            found, size = following[1], size + len(following[1])
            if len(taken) >= MAX_ROW_LINES or size > MAX_LINE_BYTES:
                return

    try:
        cells = next(csv.reader(texts(), delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error as error:
        if lines is not None:
            lines.put_back(taken)
        raise BadLine(f"is no row of a table: {error}") from error
    return [cell.strip() for cell in cells], notes


def _decode_line(line: bytes) -> tuple[str, list[str]]:
    """Return the text of a line with one line feed at its end, and notes."""
    try:
        text, notes = line.decode(), []
    except UnicodeDecodeError:
        text = line.decode(_OLD_ENCODING, "replace")
        notes = [f"the line is not UTF-8; read as {_OLD_ENCODING}"]
    return text.strip("\r\n") + "\n", notes
