"""The photos in a tar file (WebDataset), by where their bytes lie in it."""

import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from geoagent_graph.batch.listed_photo import ListedPhoto
from geoagent_graph.images.endings import PHOTO_ENDINGS

if TYPE_CHECKING:
    import fsspec


def list_tar(
    fs: "fsspec.AbstractFileSystem", path: str, name: str, location: str, skipped: Counter[str]
) -> Iterator[ListedPhoto]:
    """Yield the photos of a plain tar file; one that breaks off ends with a row that says so."""
    try:
        # Only heads are read, and nothing is unpacked: names inside are names, never paths.
        with fs.open(path, "rb") as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                vars(archive)["members"].clear()  # else a million members stay in memory
                if member.size < 0:  # the next one would lie before it, again and again
                    raise tarfile.ReadError("a member has a negative size")
                if not member.isfile():
                    continue
                ending = PurePosixPath(member.name).suffix.lower()
                if ending not in PHOTO_ENDINGS:
                    skipped[ending or "no ending"] += 1
                    continue
                yield ListedPhoto(
                    f"{name}/{member.name}",
                    location,
                    offset=member.offset_data,
                    length=member.size,
                    size=member.size,
                )
            _require_end(stream, archive.offset)
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError) as error:
        problem = f"this tar file cannot be read to its end ({error}); copy it again"
        yield ListedPhoto(name, location, problem=problem)


def _require_end(stream: BinaryIO, offset: int) -> None:
    """Refuse an archive whose members end without a block of zeros: `tarfile` passes over it.

    Raises:
        EOFError: it does; more members may have followed.
    """
    stream.seek(offset)
    block = stream.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE or any(block):
        raise EOFError("it breaks off, or is damaged, after its last photo")
