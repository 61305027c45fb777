"""The photos in a tar file (WebDataset), by where their bytes lie in it."""

import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final

from geoagent_graph.batch.file_systems import open_at
from geoagent_graph.batch.listed_photo import ListedPhoto
from geoagent_graph.images.endings import PHOTO_ENDINGS

if TYPE_CHECKING:
    import fsspec

_MARK_BYTES: Final = 6
_PACKED_MARKS: Final = {
    "gzip": b"\x1f\x8b",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\0",
    "zstd": b"\x28\xb5\x2f\xfd",
}


def list_tar(
    fs: "fsspec.AbstractFileSystem", path: str, name: str, location: str, skipped: Counter[str]
) -> Iterator[ListedPhoto]:
    """Yield the photos of a plain tar file; one that breaks off ends with a row that says so."""
    try:
        with open_at(fs, path, location) as stream:
            if kind := _packed_kind(stream):
                problem = f"this tar file is compressed ({kind}); unpack it to a plain .tar"
                yield ListedPhoto(name, location, problem=problem)
            else:
                yield from _list_members(stream, name, location, skipped)
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError) as error:
        problem = f"this tar file cannot be read to its end ({error}); copy it again"
        yield ListedPhoto(name, location, problem=problem)


def _packed_kind(stream: BinaryIO) -> str | None:
    """Return what a file is compressed with, whatever it is called; leave it at its beginning."""
    head = stream.read(_MARK_BYTES)
    stream.seek(0)
    return next((kind for kind, mark in _PACKED_MARKS.items() if head.startswith(mark)), None)


def _list_members(
    stream: BinaryIO, name: str, location: str, skipped: Counter[str]
) -> Iterator[ListedPhoto]:
    """Yield a row for each photo; only heads are read, and names inside are names, never paths."""
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for member in archive:
            vars(archive)["members"].clear()  # else a million members stay in memory
            if member.size < 0:  # the next one would lie before it, again and again
                raise tarfile.ReadError("a member has a negative size")
            ending = PurePosixPath(member.name).suffix.lower()
            if ending in PHOTO_ENDINGS and not member.isdir():
                yield _row_of(member, name, location)
            elif member.isfile():
                skipped[ending or "no ending"] += 1
        _require_end(stream, archive.offset)


def _row_of(member: tarfile.TarInfo, name: str, location: str) -> ListedPhoto:
    """Return the row of a photo; one whose bytes do not lie there in one piece says why."""
    photo = f"{name}/{member.name}"
    if member.issparse():
        problem = "has holes in its tar file; pack it again without --sparse"
        return ListedPhoto(photo, location, problem=problem)
    if not member.isfile():
        problem = "is a link in its tar file; pack it again with --dereference --hard-dereference"
        return ListedPhoto(photo, location, problem=problem)
    start, size = member.offset_data, member.size
    return ListedPhoto(photo, location, offset=start, length=size, size=size)


def _require_end(stream: BinaryIO, offset: int) -> None:
    """Refuse an archive whose members end without a block of zeros: `tarfile` passes over it.

    Raises:
        EOFError: it does; more members may have followed.
    """
    stream.seek(offset)
    block = stream.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE or any(block):
        raise EOFError("it breaks off, or is damaged, after its last photo")
