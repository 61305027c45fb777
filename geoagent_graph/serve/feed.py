"""The events of a branch as they are stored: each trace read once for all who listen."""

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geoagent_graph.cases.storage import file_errors
from geoagent_graph.regular_files import open_regular

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """Where an event stands in the trace; its `seq` is its place in the feed."""

    kind: str
    start: int
    end: int


class Feed:
    """The lines of one trace; listeners keep nothing but their place in it.

    So a slow client costs no memory: what it has not taken is in the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[Line] = []
        self._changed = asyncio.Event()

    def next_change(self) -> asyncio.Event:
        """Return what is set at the next change; ask for it before looking at the lines."""
        return self._changed

    def tell(self) -> None:
        """Wake everyone who listens."""
        event, self._changed = self._changed, asyncio.Event()
        event.set()

    def lines_from(self, seq: int) -> Iterator[tuple[int, str, str]]:
        """Yield (seq, kind, text) of every whole line of the trace from `seq` on.

        Raises:
            StorageError: the trace cannot be read.
        """
        with file_errors(self._path.name), open_regular(self._path) as file:
            self._read_new_lines(file.fileno())
            for number in range(max(seq, 0), len(self._lines)):
                line = self._lines[number]
                file.seek(line.start)
                yield number, line.kind, file.read(line.end - line.start).decode("ascii")

    def _read_new_lines(self, handle: int) -> None:
        position = self._lines[-1].end + 1 if self._lines else 0
        rest = b""
        while chunk := os.pread(handle, READ_BYTES, position + len(rest)):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                kind = str(json.loads(line)["event"])
                self._lines.append(Line(kind, position, position + len(line)))
                position += len(line) + 1


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or after some seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
