"""A stamp beside a table: this very file was checked to the last byte, and need not be again.

It holds the size, the inode and both times of the file. Whoever writes to the file changes the time
of its last change, which no program can set back; a damaged disk is not noticed between two builds.
"""

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any, Final

from geoagent_graph.geo.table_file import Arrays, read_table
from geoagent_graph.regular_files import read_regular
from geoagent_graph.whole_files import SHARED, remove_orphans, replace_file

ENDING: Final = ".checked"
MIN_AGE_NS: Final = 100_000_000  # of what is stamped: clocks of file systems tick in steps
_MAX_STAMP_BYTES: Final = 1_000


def read_checked(path: Path, manifest: Any) -> Arrays:
    """Return what `read_table` returns; the digest of the arrays is counted once per file.

    In a folder that cannot be written it is counted every time.

    Raises:
        DamagedTableError: as of `read_table`.
    """
    found = _identity_of(path)
    if found is not None and _read_stamp(path) == found:
        return read_table(path, manifest, trusts_payload=True)
    arrays = read_table(path, manifest)
    if found is not None and _identity_of(path) == found:  # nobody has replaced it meanwhile
        _write_stamp(path, found)
    return arrays


def _identity_of(path: Path) -> list[int] | None:
    """Return what tells this very file from any other and from what it was before."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]


def _read_stamp(path: Path) -> object:
    try:
        return json.loads(read_regular(_stamp_of(path), _MAX_STAMP_BYTES))
    except (OSError, ValueError):
        return None


def _write_stamp(path: Path, found: list[int]) -> None:
    if not os.access(path.parent, os.W_OK) or time.time_ns() - max(found[-2:]) < MIN_AGE_NS:
        return
    prefix = f".{path.name}{ENDING}."
    with contextlib.suppress(OSError):  # without it the next process counts again
        remove_orphans(path.parent, f"{prefix}*")
        replace_file(
            _stamp_of(path), [json.dumps(found).encode()], prefix, SHARED, is_durable=False
        )


def _stamp_of(path: Path) -> Path:
    return path.with_name(path.name + ENDING)
