"""The trace as a file: appended to, read back strictly, its chain checked."""

import json
import os
import re
from collections.abc import Callable, Sequence
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
MAX_LINE_BYTES = 32 << 20
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
    """Return the events of a file whose chain holds, the first and only the first of one kind.

    A last line without its line break is an event that was being written; it does not count.

    Raises:
        CheckpointError: it is no trace, damaged, or changed; the message names the line.
        StorageError: it cannot be read.
    """
    name = visible(path.name)
    with file_errors(name):
        lines = read_regular(path, MAX_FILE_BYTES).split(b"\n")[:-1]
    events: list[EventT] = []
    prev = FIRST_PREV
    for number, line in enumerate(lines, start=1):
        event = _check_line(line, name, number, prev)
        prev = event["hash"]
        if (number == 1) != (event.get("event") == first):
            _refuse_line(name, number, "is out of place")
        try:
            events.append(typed(event))
        except (ValidationError, RecursionError) as error:
            _refuse_newer_format(event, name)
            raise CheckpointError(f"{name}: line {number} is no event of this format") from error
    if not events:
        raise CheckpointError(f"{name}: holds no trace")
    return events


def torn_bytes(path: Path) -> int:
    """Return how many bytes follow the last line break of a trace.

    Raises:
        StorageError: it cannot be read.
    """
    with file_errors(visible(path.name)):
        content = read_regular(path, MAX_FILE_BYTES)
    return len(content) - content.rfind(b"\n") - 1


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
    if event.get("hash") != digest_of(event) or _line_bytes(event) != line + b"\n":
        _refuse_line(name, number, "was changed: its hash does not hold")
    return event


def _parse_line(line: bytes, name: str, number: int) -> Json:
    if len(line) > MAX_LINE_BYTES:
        _refuse_line(name, number, "is too long")
    try:
        event: Any = json.loads(line, parse_constant=_no_constant)
        canonical(event)
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
