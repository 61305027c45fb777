"""The JPEG preview in a camera's raw file, which is a TIFF whose picture nobody but it can read."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from geoagent_graph.images.sandbox.jpeg_segments import segments
from geoagent_graph.images.sandbox.metadata_blocks import TIFF_MARKS, as_tiff, fuji_preview

MAX_DIRECTORIES = 40
_SUB_DIRECTORIES, _EXIF_IFD = 330, 0x8769
_COMPRESSION, _PHOTOMETRIC, _DNG_VERSION = 259, 262, 50706
_STRIP_OFFSETS, _STRIP_BYTES = 273, 279
_JPEG_OFFSET, _JPEG_BYTES, _PANASONIC_JPEG = 513, 514, 46
_RAW_PHOTOMETRIC = {32803, 34892}  # colour filter array, linear raw
_RAW_COMPRESSION = {32767, 34713, 34892, 52546, 65000, 65535}  # Sony, Nikon, DNG, Kodak, Pentax
_WITHOUT_PREVIEW = {b"FOVb": "X3F", b"\0MRM": "MRW", b"II\x1a\0\0\0HEAPCCDR": "CRW"}
_HEADER_BYTES = 8
_JPEG_BEGINNING = b"\xff\xd8\xff"
_BASELINE_MARKERS = {0xC0, 0xC1, 0xC2}  # lossless JPEG, the picture itself, has 0xC3


@dataclass(frozen=True, slots=True)
class RawFile:
    """What a raw file is called, and its largest preview; None where it has none."""

    name: str
    preview: bytes | None


def read_raw(data: bytes) -> RawFile | None:
    """Return a raw file's name and preview; None for files of any other kind."""
    if data.startswith(b"FUJIFILMCCD-RAW "):
        preview = fuji_preview(data)
        return RawFile("RAF", preview if preview.startswith(_JPEG_BEGINNING) else None)
    if data[4:12] == b"ftypcrx ":
        return RawFile("CR3", _canon_preview(data))
    for beginning, maker in _WITHOUT_PREVIEW.items():
        if data.startswith(beginning):
            return RawFile(maker, None)
    tiff = as_tiff(data)
    if not tiff.startswith(TIFF_MARKS) or len(tiff) < _HEADER_BYTES:
        return None
    directories = list(_directories(tiff))
    name = _raw_name(data, directories)
    if name is None:
        return None
    previews = [jpeg for one in directories for jpeg in _jpegs(tiff, one) if _is_baseline(jpeg)]
    return RawFile(name, max(previews, key=len, default=None))


def _canon_preview(data: bytes) -> bytes | None:
    """Return the JPEG in the box PRVW of a CR3: its size lies 16 bytes, the JPEG 20 behind."""
    at = data.find(b"PRVW")
    size = int.from_bytes(data[at + 16 : at + 20], "big")
    jpeg = data[at + 20 : at + 20 + size]
    return jpeg if at >= 0 and jpeg.startswith(_JPEG_BEGINNING) else None


def _raw_name(data: bytes, directories: list[dict[int, Any]]) -> str | None:
    if data[:4] != as_tiff(data)[:4]:
        return "RW2" if data[2:3] == b"U" else "ORF"
    if data[8:10] == b"CR":
        return "CR2"
    if any(_DNG_VERSION in one for one in directories):
        return "DNG" if any(map(_is_raw_picture, directories)) else None
    if not any(map(_is_raw_picture, directories)):
        return None
    make = next((str(one[271]) for one in directories if 271 in one), "").upper()
    names = {"NIKON": "NEF", "PENTAX": "PEF", "RICOH": "PEF", "SONY": "ARW", "SAMSUNG": "SRW"}
    return next((names[maker] for maker in names if maker in make), "raw")


def _is_raw_picture(directory: dict[int, Any]) -> bool:
    return (
        directory.get(_PHOTOMETRIC) in _RAW_PHOTOMETRIC
        or directory.get(_COMPRESSION) in _RAW_COMPRESSION
    )


def _directories(tiff: bytes) -> Iterator[dict[int, Any]]:
    """Yield the directories of a TIFF, those below others too; damaged ones are left out."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    header, stream = tiff[:_HEADER_BYTES], io.BytesIO(tiff)
    waiting = [ImageFileDirectory_v2(header).next]
    seen: set[int] = set()
    while waiting and len(seen) < MAX_DIRECTORIES:
        offset = waiting.pop(0)
        if offset in seen or not 8 <= offset < len(tiff):
            continue
        seen.add(offset)
        tags, following = _read_directory(header, stream, offset)
        yield tags
        waiting += [following, *_integers(tags.get(_SUB_DIRECTORIES))]
        waiting += _integers(tags.get(_EXIF_IFD))


def _read_directory(header: bytes, stream: io.BytesIO, offset: int) -> tuple[dict[int, Any], int]:
    """Return a directory's tags and where the next one is; none and 0 of a damaged one."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    directory = ImageFileDirectory_v2(header)
    try:
        stream.seek(offset)
        directory.load(stream)
        return dict(directory), directory.next
    except Exception:  # noqa: BLE001  Pillow raises anything on a damaged directory
        return {}, 0


def _jpegs(tiff: bytes, directory: dict[int, Any]) -> Iterator[bytes]:
    """Yield what a directory may point to that begins like a JPEG."""
    for offsets, sizes in ((_JPEG_OFFSET, _JPEG_BYTES), (_STRIP_OFFSETS, _STRIP_BYTES)):
        at, size = _integers(directory.get(offsets)), _integers(directory.get(sizes))
        if len(at) == len(size) == 1 and tiff.startswith(_JPEG_BEGINNING, at[0]):
            yield tiff[at[0] : at[0] + size[0]]
    inner = directory.get(_PANASONIC_JPEG)
    if isinstance(inner, bytes) and inner.startswith(_JPEG_BEGINNING):
        yield inner


def _is_baseline(jpeg: bytes) -> bool:
    """Return whether a JPEG is one that any viewer shows."""
    return any(marker in _BASELINE_MARKERS for marker, _ in segments(jpeg))


def _integers(value: Any) -> list[int]:
    parts = value if isinstance(value, tuple) else (value,)
    return [part for part in parts if isinstance(part, int)][:MAX_DIRECTORIES]
