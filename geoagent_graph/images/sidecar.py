"""The XMP file beside a photo, in which programs keep what they may not write into it."""

from dataclasses import dataclass
from pathlib import Path

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.source import read_file

MAX_SIDECAR_BYTES = 4_000_000
_SUFFIXES = (".xmp", ".XMP")


def sidecar_paths(photo: Path) -> list[Path]:
    """Return where a photo's XMP file may be: `photo.jpg.xmp`, `photo.xmp`."""
    longer = [photo.with_name(photo.name + suffix) for suffix in _SUFFIXES]
    return longer + [photo.with_suffix(suffix) for suffix in _SUFFIXES if photo.suffix]


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The bytes of the XMP file beside a photo, None without one; or why it was not read."""

    data: bytes | None = None
    warnings: tuple[str, ...] = ()


def read_sidecar(photo: Path) -> Sidecar:
    """Return the XMP file beside a photo; one that cannot be read is a warning, no fault."""
    for path in sidecar_paths(photo):
        try:
            if path != photo and path.is_file():
                return Sidecar(read_file(path, MAX_SIDECAR_BYTES))
        except PhotoError as error:
            return Sidecar(warnings=(f"the XMP file beside the photo was not read: {error}",))
        except OSError:  # the folder may not be looked into
            return Sidecar()
    return Sidecar()
