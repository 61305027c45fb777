"""Rows of a JSONL file: bounded lines, one object each, nothing that JSON does not allow."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from geoagent_evaluation.contract.row_checks import Row, RowProblem
from geoagent_evaluation.errors import ContractError

MAX_LINE_BYTES: Final = 1 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

NumberedRow = tuple[int, Row | RowProblem]


def json_rows(path: Path) -> Iterator[NumberedRow]:
    """Yield the number of each line from 1 and its object, or what is wrong with the line.

    Lines of white space are passed over. A byte-order mark of UTF-8 at the start is allowed.

    Raises:
        ContractError: the file is UTF-16.
        OSError: it cannot be read.
    """
    for number, line in bounded_lines(path):
        try:
            yield number, line if isinstance(line, RowProblem) else parse_object(line)
        except RowProblem as fault:
            yield number, fault


def bounded_lines(path: Path) -> Iterator[tuple[int, str | RowProblem]]:
    """Yield the number of each line from 1 and its text, or what is wrong with its bytes."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                line = _without_mark(line, path)
            if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                _skip_line(file)
                yield number, RowProblem("", f"is longer than {MAX_LINE_BYTES} bytes")
            elif line.strip():
                yield number, _decoded_line(line)


def parse_object(text: str) -> Row:
    """Return the object of a line.

    Raises:
        RowProblem: not JSON, not an object, NaN, a key given twice, nested too deeply.
    """
    try:
        found = _DECODER.decode(text)
        if text.count(":") != _pairs_in(found):  # a key came twice, or a word holds a colon
            found = _STRICT_DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise RowProblem("", f"is not JSON ({error.msg} at character {error.pos + 1})") from error
    except RecursionError as error:
        raise RowProblem("", "is nested too deeply") from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise RowProblem("", "holds a number of thousands of digits") from error
    if type(found) is not dict:
        raise RowProblem("", "is not a JSON object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise RowProblem("", f"holds {name}, which is not JSON")


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RowProblem(twice, "is given twice")
    return found


def _pairs_in(found: Any) -> int:
    """Return how many keys an object has, with those of the objects in its lists."""
    if type(found) is not dict:
        return -1
    count = len(found)
    for value in found.values():
        if type(value) is list:
            count += sum(len(item) for item in value if type(item) is dict)
    return count


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_STRICT_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_of, parse_constant=_refuse_constant
)  # at twice the cost


def _without_mark(line: bytes, path: Path) -> bytes:
    if line.startswith(_UTF_16):
        raise ContractError(f"{path}: is UTF-16; save it as UTF-8")
    return line.removeprefix(codecs.BOM_UTF8)


def _decoded_line(line: bytes) -> str | RowProblem:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        return RowProblem("", f"is not UTF-8 (byte {error.start + 1} of the line)")


def _skip_line(file: IO[bytes]) -> None:
    while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass
