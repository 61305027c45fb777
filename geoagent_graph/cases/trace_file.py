"""The trace as a file: appended to, read back strictly, its chain checked."""

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from geoagent_graph.cases.events import FIRST_PREV, TraceEvent, canonical, digest_of, event_of
from geoagent_graph.cases.storage import file_errors
from geoagent_graph.errors import CheckpointError
from geoagent_graph.regular_files import open_regular, read_regular
from geoagent_graph.safe_text import visible
from geoagent_graph.types import Json

EventT = TypeVar("EventT")
SUFFIX = ".geotrace.jsonl"
MAX_FILE_BYTES = 512 << 20
MAX_LINE_BYTES = 8 << 20
MAX_LINE_VALUES = 200_000
"""An answer has some thousands of values; each takes up to 100 bytes of memory, twice."""
MAX_EVENTS = 1_000_000
MAX_TRACE_VALUES = 4_000_000
"""Of a trace that is read whole, as for a report; `verify` reads line by line."""
CHUNK_BYTES = 64 << 10
FORMAT_VERSION = 1
_FORMAT = re.compile(r"geo(?:trace|joint)/(?P<version>[0-9]{1,9})")


def read_trace(path: Path) -> list[TraceEvent]:
    """Return the events of a branch's trace whose chain holds; see `read_chain` for the errors."""
    return read_chain(path, event_of, "case")


def read_whole_lines(path: Path) -> str:
    """Return a trace as it is to be handed on: its whole lines, byte for byte.

    Raises:
        StorageError: it cannot be read.
    """
    with file_errors(visible(path.name)):
        content = read_regular(path, MAX_FILE_BYTES)
    return content[: content.rfind(b"\n") + 1].decode("ascii", "replace")


def read_chain(path: Path, typed: Callable[[Json], EventT], first: str) -> list[EventT]:
    """Return the events of a file whose chain holds; see `stream_chain`.

    Raises:
        CheckpointError: as of `stream_chain`, or it holds more than fits into memory.
    """
    return list(stream_chain(path, typed, first, MAX_TRACE_VALUES))


def stream_chain(
    path: Path, typed: Callable[[Json], EventT], first: str, max_values: int | None = None
) -> Iterator[EventT]:
    """Yield the events of a file whose chain holds, the first and only the first of one kind.

    One line is in memory at a time, and none that is longer or holds more values than an event can.
    A last line without its line break is an event that was being written; it does not count.

    Raises:
        CheckpointError: it is no trace, damaged, or changed; the message names the line.
        StorageError: it cannot be read.
    """
    name = visible(path.name)
    prev, number, values = FIRST_PREV, 0, 0
    for number, line in enumerate(_whole_lines(path, name), start=1):
        values += _count_values(line)
        if max_values is not None and values > max_values:
            raise CheckpointError(f"{name}: holds more than any investigation says")
        event = _check_line(line, name, number, prev)
        prev = event["hash"]
        if (number == 1) != (event.get("event") == first):
            _refuse_line(name, number, "is out of place")
        try:
            yield typed(event)
        except (ValidationError, RecursionError) as error:
            _refuse_newer_format(event, name)
            raise CheckpointError(f"{name}: line {number} is no event of this format") from error
    if not number:
        raise CheckpointError(f"{name}: holds no trace")


def _whole_lines(path: Path, name: str) -> Iterator[bytes]:
    """Yield the lines that have their line break, without it."""
    with file_errors(name):
        file = open_regular(path, MAX_FILE_BYTES)
    with file:
        for number in range(1, MAX_EVENTS + 2):
            with file_errors(name):
                line = file.readline(MAX_LINE_BYTES + 1)
            if len(line) > MAX_LINE_BYTES or number > MAX_EVENTS:
                _refuse_line(name, number, "is too long" if line else "is one too many")
            if not line.endswith(b"\n"):
                return
            yield line[:-1]


def _count_values(line: bytes) -> int:
    """Return about how many values JSON holds, before any is made: each takes memory."""
    return line.count(b",") + line.count(b"[") + line.count(b"{")


def torn_bytes(path: Path) -> int:
    """Return how many bytes follow the last line break of a trace.

    Raises:
        StorageError: it cannot be read.
    """
    with file_errors(visible(path.name)), open_regular(path, MAX_FILE_BYTES) as file:
        end = start = file.seek(0, os.SEEK_END)
        while start:
            start = max(0, start - CHUNK_BYTES)
            file.seek(start)
            found = file.read(CHUNK_BYTES).rfind(b"\n")
            if found >= 0:
                return end - (start + found + 1)
        return end


def bring_up_to_date(path: Path, derived: Sequence[Json]) -> None:
    """Append to a trace what it lacks of its branch's events; a torn last line is replaced.

    Raises:
        CheckpointError: the trace says something else than the checkpoints.
        StorageError: it cannot be read or written.
    """
    name = visible(path.name)
    with file_errors(name):
        path.touch(mode=0o600)
        with open_regular(path, mode="r+b") as file:
            position = 0
            for number, event in enumerate(derived, start=1):
                line = _line_bytes(event)
                found = file.read(len(line))
                if found == line:
                    position += len(line)
                    continue
                if file.read(1) or not _is_torn(found, line):
                    raise CheckpointError(
                        f"{name}: line {number} is not what the checkpoints say; the trace was "
                        "changed. Move it away and it is derived again."
                    )
                file.seek(position)
                file.truncate()
                file.write(b"".join(_line_bytes(event) for event in derived[number - 1 :]))
                file.flush()
                os.fsync(file.fileno())
                return
            if file.read(1):
                raise CheckpointError(
                    f"{name}: holds more than the checkpoints say; the trace was changed. "
                    "Move it away and it is derived again."
                )


def append_events(path: Path, events: Sequence[Json]) -> None:
    """Append events, durable when this returns.

    Raises:
        StorageError: they cannot be written.
    """
    if not events:
        return
    with file_errors(visible(path.name)), open_regular(path, mode="ab") as file:
        file.write(b"".join(_line_bytes(event) for event in events))
        file.flush()
        os.fsync(file.fileno())


def _line_bytes(event: Json) -> bytes:
    return canonical(event).encode("ascii") + b"\n"


def _is_torn(found: bytes, line: bytes) -> bool:
    """Return whether a line's beginning is all there is, as after a kill in the middle of it."""
    return line.startswith(found)


def _check_line(line: bytes, name: str, number: int, prev: str) -> Json:
    event = _parse_line(line, name, number)
    if event.get("seq") != number - 1 or event.get("prev") != prev:
        _refuse_line(name, number, "does not follow the line before it")
    try:
        is_whole = event.get("hash") == digest_of(event) and _line_bytes(event) == line + b"\n"
    except (ValueError, RecursionError) as error:  # a number beyond all bounds
        raise CheckpointError(f"{name}: line {number} is no JSON of a trace") from error
    if not is_whole:
        _refuse_line(name, number, "was changed: its hash does not hold")
    return event


def _parse_line(line: bytes, name: str, number: int) -> Json:
    if _count_values(line) > MAX_LINE_VALUES:
        _refuse_line(name, number, "holds more than an event can")
    try:
        event: Any = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{name}: line {number} is no JSON of a trace") from error
    if not isinstance(event, dict):
        _refuse_line(name, number, "is no JSON object")
    return dict(event)


def _refuse_newer_format(event: Json, name: str) -> None:
    written = event.get("format")
    found = _FORMAT.fullmatch(written) if isinstance(written, str) else None
    if found is not None and int(found["version"]) > FORMAT_VERSION:
        raise CheckpointError(
            f"{name}: was written by a newer version, as {written}: update to read it"
        )


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _refuse_line(name: str, number: int, problem: str) -> NoReturn:
    raise CheckpointError(f"{name}: line {number} {problem}")
