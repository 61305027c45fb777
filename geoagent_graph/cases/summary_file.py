"""`summary.json` of a case: its summaries, each beside the digest of the trace that it sums up.

It only spares reading the traces. A summary counts where its trace is the one it was made of: the
same file, unchanged since, or one with the same bytes; anything else is made anew. So it needs no
transaction: after a kill, a copy or a change by hand it is missing or refers to another trace.
"""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from geoagent_graph.cases.storage import file_errors
from geoagent_graph.cases.summary import BranchSummary, TripSummary
from geoagent_graph.cases.trace_file import MAX_FILE_BYTES
from geoagent_graph.regular_files import open_regular, read_regular
from geoagent_graph.safe_text import visible
from geoagent_graph.types import FrozenModel
from geoagent_graph.whole_files import OWNER_ONLY, remove_orphans, replace_file

SUMMARY_NAME: Final = "summary.json"
MAX_SUMMARY_BYTES: Final = 1 << 20
_TEMPORARY: Final = ".summary-"


class KnownTrace(FrozenModel):
    """A trace that was summed up, and its summary: of a branch, or of several photos.

    `stamp` is the file's number, its size in bytes, and when its content and its entry were changed
    last, in ns.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    stamp: tuple[int, int, int, int]
    branch: BranchSummary | None = None
    trip: TripSummary | None = None


class SummaryFile(FrozenModel):
    """What is known of the traces of a case, by the names of their files."""

    format: Literal["geosummary/2"] = "geosummary/2"
    traces: dict[str, KnownTrace] = Field(default_factory=dict)


def read_summary_file(folder: Path) -> SummaryFile:
    """Return the summaries of a case's folder; none where they are missing or cannot be read."""
    try:
        content = read_regular(folder / SUMMARY_NAME, MAX_SUMMARY_BYTES)
        return SummaryFile.model_validate_json(content)
    except (OSError, ValidationError):
        return SummaryFile()


def write_summary_file(folder: Path, summaries: SummaryFile, *, is_change: bool) -> None:
    """Store the summaries of a case; a folder that cannot be written costs time, no more.

    Args:
        folder: the case's.
        summaries: all that are known.
        is_change: whether the case has changed; else its folder keeps the time of its last change.
    """
    with contextlib.suppress(OSError):
        before = folder.stat()
        if is_change:
            remove_orphans(folder, f"{_TEMPORARY}*")
        content = summaries.model_dump_json(exclude_defaults=True).encode()
        replace_file(folder / SUMMARY_NAME, [content], _TEMPORARY, OWNER_ONLY, is_durable=False)
        if not is_change:
            os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))


def known_trace(path: Path, branch: BranchSummary | None = None) -> KnownTrace:
    """Return which trace a file is now, beside a summary of it.

    Raises:
        StorageError: it cannot be read.
    """
    with file_errors(visible(path.name)), open_regular(path, MAX_FILE_BYTES) as file:
        stamp = _stamp(os.fstat(file.fileno()))  # before: what is written while it is read counts
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return KnownTrace(sha256=digest, stamp=stamp, branch=branch)


def is_current(known: KnownTrace, path: Path) -> bool:
    """Return whether a file is unchanged since it was summed up, as far as its folder says."""
    with contextlib.suppress(OSError):
        return known.stamp == _stamp(path.stat())
    return False


def _stamp(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
