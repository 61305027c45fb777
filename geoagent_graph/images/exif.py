"""What a photo's file claims about itself: position, time, camera, place. Claims, never facts."""

from pathlib import Path

from geoagent_graph.errors import PhotoError
from geoagent_graph.file_claims import FileClaims
from geoagent_graph.images.checked_claims import file_claims_from_tags
from geoagent_graph.images.decode import run_child
from geoagent_graph.images.sidecar import read_sidecar
from geoagent_graph.images.source import read_file
from geoagent_graph.settings import Settings


class PhotoExifReader:
    """Reads EXIF, XMP and IPTC in a child process, an `ExifReader`; thread-safe, holds nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self, data: bytes) -> FileClaims:
        """Return the claims in the metadata of a photo, or in an XMP file beside one.

        Damaged or absurd ones become `problems`.
        """
        return read_file_claims(data, self._settings)


def read_file_claims(data: bytes, settings: Settings) -> FileClaims:
    """Return the claims in a file's metadata, whether or not its picture can be decoded."""
    try:
        tags, _ = run_child("metadata", data, "the photo", settings)
    except PhotoError:
        return FileClaims(
            None, None, None, None, None, None, problems=("The metadata is damaged.",)
        )
    return file_claims_from_tags(tags)


def read_claims_at(path: Path, settings: Settings) -> FileClaims:
    """Return the claims of a photo's file and of the XMP file beside it.

    Raises:
        PhotoError: the photo is missing, unreadable, empty or too large.
    """
    claims = read_file_claims(read_file(path, settings.max_bytes), settings)
    beside = read_sidecar(path).data
    return claims if beside is None else claims.completed_by(read_file_claims(beside, settings))
