"""Which words of a command name a trace file that was handed on, and which kind of trace it is."""

import json
from pathlib import Path
from typing import Literal

from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.cases.trip.trip_events import TRIP_SUFFIX
from geoagent_graph.regular_files import open_regular

FileKind = Literal["case", "trip"]
FILE_SUFFIX = ".jsonl"
"""No name of a case or a branch has a point in it, so these words are a file."""
MAX_FIRST_LINE_BYTES = 1 << 20


def file_kind(words: str) -> FileKind | None:
    """Return whose trace a file holds; `None` where the words name no trace file."""
    if not words.endswith(FILE_SUFFIX):
        return None
    if words.endswith(TRIP_SUFFIX):
        return "trip"
    return "case" if words.endswith(SUFFIX) else _kind_in(Path(words))


def _kind_in(path: Path) -> FileKind:
    """Return what the first line says; what is no trace is refused where it is read whole."""
    try:
        with open_regular(path) as file:
            first = json.loads(file.readline(MAX_FIRST_LINE_BYTES))
    except (OSError, ValueError, RecursionError):
        return "case"
    return "trip" if isinstance(first, dict) and first.get("event") == "trip" else "case"
