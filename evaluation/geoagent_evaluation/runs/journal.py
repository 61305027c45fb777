"""Lines of JSON that are written whole or not at all, and files that are replaced whole."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from geoagent_evaluation.errors import EvaluationError

Row = Mapping[str, Any]
_ESCAPES = "backslashreplace"  # half of a surrogate pair becomes its escape in JSON


class JournalError(EvaluationError):
    """A file of a run that cannot be written, or that no run has written."""


def append_row(file: Path, row: Row) -> None:
    """Add a row to a file, and return when it is on the disk.

    Raises:
        JournalError: it cannot be written.
    """
    try:
        with file.open("a", encoding="utf-8", errors=_ESCAPES) as stream:
            stream.write(_line_of(row))
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise JournalError(f"{file}: cannot be written ({error.strerror})") from error


def read_rows(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole rows of a file; a last line without its end was never written whole.

    Raises:
        JournalError: it cannot be read, or holds something else.
    """
    if not file.exists():
        return
    try:
        with file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if line.endswith(b"\n"):
                    yield _row_of(line, file, number)
    except OSError as error:
        raise JournalError(f"{file}: cannot be read ({error.strerror})") from error


def replace_file(file: Path, lines: Iterable[str]) -> None:
    """Write a file whole: a reader sees the one of before or this one, never a part.

    Raises:
        JournalError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors=_ESCAPES) as stream:
                stream.writelines(lines)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise JournalError(f"{file}: cannot be written ({error.strerror})") from error


def replace_rows(file: Path, rows: Iterable[Row]) -> None:
    """Write a file of rows whole; errors as `replace_file`."""
    replace_file(file, (_line_of(row) for row in rows))


def _line_of(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"


def _row_of(line: bytes, file: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise JournalError(f"{file}: line {number} is no JSON; take another --out") from error
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise JournalError(f"{file}: line {number} is no row of a run; take another --out")
    return row
