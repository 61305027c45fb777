"""The segments of a JPEG that hold metadata, up to the first scan."""

import re
from collections.abc import Iterator

from geoagent_graph.images.sandbox.photoshop_resources import read_resources

MAX_EXTENDED_BYTES = 8 << 20
MAX_SEGMENTS = 10_000
_PADDING = re.compile(rb"\xff+")
_EXIF, _XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_XMP, _PHOTOSHOP = b"http://ns.adobe.com/xmp/extension/\0", b"Photoshop 3.0\0"
_GUID_BYTES = 32
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_LAST = {0xD9, 0xDA}  # the end, the first scan


def read_jpeg(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (kind, block) of the metadata; EXIF and XMP in several segments are put together."""
    exif, resources = [], []
    extended: dict[bytes, list[tuple[int, bytes]]] = {}
    for marker, body in segments(data):
        if marker == 0xE1 and body.startswith(_EXIF):
            exif.append(body[len(_EXIF) :])
        elif marker == 0xE1 and body.startswith(_XMP):
            yield "xmp", body[len(_XMP) :]
        elif marker == 0xE1 and body.startswith(_EXTENDED_XMP):
            _keep_part(body[len(_EXTENDED_XMP) :], extended)
        elif marker == 0xED and body.startswith(_PHOTOSHOP):
            resources.append(body[len(_PHOTOSHOP) :])
    if exif:
        yield "exif", b"".join(exif)
    for parts in extended.values():
        yield "xmp", b"".join(part for _, part in sorted(parts))[:MAX_EXTENDED_BYTES]
    yield from read_resources(b"".join(resources))


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, body) of the segments before the first scan."""
    at = 2
    for _ in range(MAX_SEGMENTS):
        padding = _PADDING.match(data, at)
        at = padding.end() - 1 if padding else len(data)
        if at + 4 > len(data):
            return
        marker = data[at + 1]
        if marker in _LAST:
            return
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            size = int.from_bytes(data[at + 2 : at + 4], "big")
            yield marker, data[at + 4 : at + 2 + size]
            at += 2 + max(2, size)


def _keep_part(body: bytes, extended: dict[bytes, list[tuple[int, bytes]]]) -> None:
    """Keep one part of extended XMP: GUID, full length, offset, text."""
    guid, offset = body[:_GUID_BYTES], body[_GUID_BYTES + 4 : _GUID_BYTES + 8]
    extended.setdefault(guid, []).append((int.from_bytes(offset, "big"), body[_GUID_BYTES + 8 :]))
