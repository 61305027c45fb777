"""The traces that a report was drawn from, found in its HTML file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from geoagent_graph.cases.storage import file_errors
from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.cases.trip.trip_events import TRIP_SUFFIX
from geoagent_graph.errors import CheckpointError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.safe_text import visible

MAX_REPORT_BYTES: Final = 256 << 20
_MAX_NAME: Final = 50  # characters, of at most four bytes: file systems take 255 bytes
MAX_TRACES: Final = 200


@contextmanager
def traces_in_report(path: Path) -> Iterator[list[Path]]:
    """Yield files of the traces inside a report; they are gone afterwards.

    Raises:
        StorageError: it cannot be read.
        CheckpointError: it is no report, or holds no trace.
    """
    name = visible(path.name)
    with file_errors(name):
        content = read_regular(path, MAX_REPORT_BYTES)
    found = _Traces()
    found.feed(content.decode("utf-8", "replace"))
    found.close()
    if not found.traces or len(found.traces) > MAX_TRACES:
        raise CheckpointError(
            f"{name}: holds no trace to verify; it is no report of a case, or of an older version"
        )
    with tempfile.TemporaryDirectory(prefix="geoagent-") as folder:
        called = path.name[:_MAX_NAME]
        files = [
            _write_trace(Path(folder), f"{called}, trace {number}", text)
            for number, text in enumerate(found.traces, start=1)
        ]
        yield files


def _write_trace(folder: Path, called: str, text: str) -> Path:
    """Return a trace as a file, whose name is what problems say of it."""
    is_trip = '"event":"trip"' in text.partition("\n")[0]
    file = folder / f"{called}{TRIP_SUFFIX if is_trip else SUFFIX}"
    file.write_text(text, "utf-8")
    return file


class _Traces(HTMLParser):
    """Collects the text of every `<pre class="trace">`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] | None = None
        self.traces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a trace where one stands."""
        if tag == "pre" and ("class", "trace") in attrs:
            self._parts = []

    def handle_data(self, data: str) -> None:
        """Take what stands in a trace."""
        if self._parts is not None:
            self._parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End the trace that has begun."""
        if tag == "pre" and self._parts is not None:
            self.traces.append("".join(self._parts))
            self._parts = None
