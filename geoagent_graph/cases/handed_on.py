"""Which words of a command name a trace file that was handed on, and which kind of trace it is."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from geoagent_graph.cases.names import MAIN, is_name
from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.cases.trip.trip_events import TRIP_SUFFIX
from geoagent_graph.regular_files import open_regular

FileKind = Literal["case", "trip"]
FILE_SUFFIX = ".jsonl"
REPORT_SUFFIXES = (".html", ".htm")
MAX_FIRST_LINE_BYTES = 1 << 20


def file_kind(words: str, is_case: Callable[[str], bool]) -> FileKind | None:
    """Return whose trace a file holds; `None` where the words name a case.

    Whatever a trace was exported as is found again: what cannot be a case's name is a file, and
    what can be one is where there is no such case.

    Args:
        words: as given.
        is_case: whether there is a case of a name.
    """
    if not _is_file(words, is_case):
        return None
    if words.endswith(TRIP_SUFFIX):
        return "trip"
    return "case" if words.endswith(SUFFIX) else _kind_in(Path(words))


def is_report(words: str) -> bool:
    """Return whether words name a report that was handed on."""
    return words.lower().endswith(REPORT_SUFFIXES)


def _is_file(words: str, is_case: Callable[[str], bool]) -> bool:
    if words.endswith(FILE_SUFFIX) or is_report(words):
        return True  # no name of a case or a branch has a point in it
    case, slash, branch = words.partition("/")
    could_be_case = is_name(case) and is_name(branch if slash else MAIN)
    return not (could_be_case and is_case(case)) and _is_there(Path(words))


def _is_there(path: Path) -> bool:
    with contextlib.suppress(OSError):  # a name that is too long, for instance
        return path.is_file()
    return False


def _kind_in(path: Path) -> FileKind:
    """Return what the first line says; what is no trace is refused where it is read whole."""
    try:
        with open_regular(path) as file:
            first = json.loads(file.readline(MAX_FIRST_LINE_BYTES))
    except (OSError, ValueError, RecursionError):
        return "case"
    return "trip" if isinstance(first, dict) and first.get("event") == "trip" else "case"
