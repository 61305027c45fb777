"""Lines of a text file that somebody else wrote: bounded, UTF-8 or marked UTF-16, without NUL."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from geoagent_evaluation.errors import DatasetError

MAX_LINE_BYTES: Final = 1 << 24
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def bounded_lines(path: Path, max_bytes: int = MAX_LINE_BYTES) -> Iterator[str]:
    """Yield the lines of a file with their ends; a byte-order mark is dropped.

    Raises:
        DatasetError: a line is too long, is not UTF-8, or holds NUL; it says the line.
    """
    with path.open("rb") as file:
        mark = file.read(3)
        file.seek(0)
        if mark.startswith(_UTF_16):
            yield from _utf_16_lines(path)
            return
        file.seek(3 if mark == codecs.BOM_UTF8 else 0)
        yield from _utf_8_lines(file, path, max_bytes)


def _utf_8_lines(file: IO[bytes], path: Path, max_bytes: int) -> Iterator[str]:
    number = 0
    while line := file.readline(max_bytes + 1):
        number += 1
        if len(line) > max_bytes:
            raise DatasetError(f"{path}, line {number}: is longer than {max_bytes} bytes")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DatasetError(
                f"{path}, line {number}: is not UTF-8 (byte {error.start + 1} of the line); "
                "save the file as UTF-8"
            ) from error
        yield _without_nul(text, path, number)


def _utf_16_lines(path: Path) -> Iterator[str]:
    number = 0
    try:
        with path.open(encoding="utf-16", newline="") as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    raise DatasetError(f"{path}, line {number}: is too long")
                yield _without_nul(line, path, number)
    except UnicodeError as error:
        raise DatasetError(f"{path}, after line {number}: is not whole UTF-16") from error


def _without_nul(text: str, path: Path, number: int) -> str:
    if "\0" in text:
        raise DatasetError(f"{path}, line {number}: holds a NUL character; this is no text file")
    return text
