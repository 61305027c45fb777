"""Where the photo of a row lies: a file, an object on another file system, a part of an archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_graph.batch.file_systems import find_at, is_url, open_at, open_stream
from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.images.source import display_name, read_stream


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """One photo: what it is called, and where its bytes are.

    `location` is a path or a URL; of an archive `offset` and `length` say which bytes are the
    photo's. `content` are the bytes themselves. `problem` says why there is nothing to read.
    """

    name: str
    location: str
    offset: int | None = None
    length: int | None = None
    content: bytes | None = None
    problem: str | None = None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "PhotoSource":
        """Return the source that a row of a batch names; see `locate_batch`."""
        given, location, content = row["photo"], row.get("location"), row.get("bytes")
        name = "" if given is None else str(given)
        problem = row.get("problem")
        if content is None and problem is None and not isinstance(given, str):
            problem = "the column `photo` has no path, URL or name here"
        return cls(
            name=name,
            location=location if isinstance(location, str) and location else name,
            offset=row.get("offset"),
            length=row.get("length"),
            content=content,
            problem=problem,
        )


def read_source(source: PhotoSource, max_bytes: int) -> Path | bytes:
    """Return the path of a whole file of this machine, the bytes of anything else.

    Raises:
        PhotoError: it is missing, empty, or above `max_bytes`.
        ToolError: the file system failed, or is not installed.
    """
    if source.problem is not None:
        raise PhotoError(f"{display_name(source.name)}: {source.problem}")
    if source.content is not None:
        return source.content
    if source.offset is None and not is_url(source.location):
        return Path(source.location)
    return _read_remote(source, max_bytes)


def _read_remote(source: PhotoSource, max_bytes: int) -> bytes:
    name = display_name(source.name)
    if source.length is not None and source.length > max_bytes:
        raise PhotoError(f"{name}: larger than {max_bytes / 1e6:.0f} MB. Raise GEOAGENT_MAX_BYTES.")
    try:
        if source.offset is None:
            with open_stream(source.location) as stream:
                return read_stream(stream, name, max_bytes)
        fs, path = find_at(source.location)
        with open_at(fs, path, source.location) as archive:
            archive.seek(source.offset)
            content = archive.read(-1 if source.length is None else source.length)
    except FileNotFoundError as error:
        raise PhotoError(f"{name}: no such file. Check the path.") from error
    except (OSError, ImportError, ValueError) as error:
        raise ToolError(f"{name}: cannot be read ({error})") from error
    if len(content) != source.length:
        raise PhotoError(f"{name}: its archive ends before it does. Copy the archive again.")
    return content
