"""Deletes a case and the photos that no other case holds; a kill in the middle loses no other's.

A case leaves the list by one rename into `deleted/`. Its photos and then its files are removed
there; what a kill leaves of that is removed by the next deletion. A photo that is opened right now
for a case to come stays, and what names it too, until the next deletion.
"""

import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geoagent_graph.cases.locks import acquire_lock, release_at_end
from geoagent_graph.cases.storage import file_errors
from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.regular_files import open_regular
from geoagent_graph.whole_files import make_folders

if TYPE_CHECKING:
    from geoagent_graph.images.store import PhotoStore

MAX_LINE_BYTES: Final = 4 << 20
_PHOTO: Final = re.compile(rb'"sha256:[0-9a-f]{64}"')


@dataclass(frozen=True, slots=True)
class Removal:
    """What a deletion removed: how many photos, and how many stay because other cases hold them."""

    photos: int
    shared: int


def delete_case(home: Path, images: "PhotoStore", name: str) -> Removal:
    """Delete a case that is there, and the photos that only it holds.

    Raises:
        CaseHeld: another process works on it.
        StorageError: it cannot be deleted; what is left goes with the next deletion.
    """
    cases, deleted = home / "cases", home / "deleted"
    lock = acquire_lock(cases / name, name, 0.3)
    with release_at_end(lock), file_errors(name):
        make_folders(deleted, mode=0o700)
        (cases / name).rename(deleted / f"{name}-{secrets.token_hex(8)}")
    with file_errors(name):
        leaving = sorted(deleted.iterdir())
        held = {folder: photos_of(folder) for folder in leaving}
        own = set().union(*held.values())
        claimed = images.read_claims()  # before traces: a case begun now is in one
        shared = own & (claimed | set().union(*map(photos_of, cases.iterdir())))
        for digest in own - shared:
            images.remove(digest)
        for folder in leaving:
            if not held[folder] & claimed:
                shutil.rmtree(folder)
    return Removal(len(own - shared), len(shared))


def photos_of(folder: Path) -> set[str]:
    """Return the digests of the photos that a case began with, damaged traces included.

    They stand in the first line of every branch, which alone is read.
    """
    return {digest for path in folder.glob(f"*{SUFFIX}") for digest in _digests_in(path)}


def _digests_in(trace: Path) -> Iterable[str]:
    try:
        with open_regular(trace) as file:
            first = file.readline(MAX_LINE_BYTES)
    except OSError:
        return ()
    return (found.decode("ascii").strip('"') for found in _PHOTO.findall(first))
