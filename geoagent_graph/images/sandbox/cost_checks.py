"""Files that are refused before a decoder sees them: built to cost far more than any photo does.

Decoders walk through padding, segments, chunks and scans one by one, some of them in Python; a file
of a few hundred kilobytes can keep them busy for minutes. Photos stay far below these limits.
"""

import re
import struct

from geoagent_graph.images.sandbox.jpeg_segments import MAX_SEGMENTS
from geoagent_graph.images.sandbox.png_chunks import MAX_CHUNKS
from geoagent_graph.images.sandbox.refused import Refused

MAX_PADDING_BYTES = 1 << 16  # between the segments of a JPEG; makers align to a few kilobytes
MAX_SCANS = 1_000
MIN_LIMITED_SCANS = 50  # encoders write about ten; what is not more is never refused
MAX_SCAN_MEGAPIXELS = 6_000  # all scans together; a megapixel of an empty one costs 0.1 ms
MAX_PIXELS_PER_BYTE = 2_000  # a sky in JPEG has a hundred, an empty PNG a thousand
MIN_LIMITED_PIXELS = 4_000_000  # a drawing of less costs little, however small its file
# A marker in a scan's data, where FF00 is a byte and FFD0 to FFD7 are restarts.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_PADDING = re.compile(rb"\xff+")
_START_OF_SCAN, _END = 0xDA, 0xD9
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}


def require_affordable(data: bytes) -> None:
    """Refuse a JPEG or PNG of too many parts, and a WebP of too many pixels for its bytes.

    Raises:
        Refused: it is one.
    """
    if data.startswith(b"\xff\xd8"):
        _check_jpeg(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        _check_png(data)
    elif (size := webp_size(data)) is not None:  # opening it makes room for its pixels
        require_plausible(size, len(data))


def require_plausible(size: tuple[int, int], file_bytes: int) -> None:
    """Refuse a file that claims more pixels than its bytes can tell apart.

    Raises:
        Refused: it does.
    """
    pixels = size[0] * size[1]
    if pixels > max(MIN_LIMITED_PIXELS, MAX_PIXELS_PER_BYTE * file_bytes):
        raise Refused("implausible", width=size[0], height=size[1])


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height that the first chunk of a WebP claims; None of any other file."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        body += b"\0" * (10 - len(body))
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _check_jpeg(data: bytes) -> None:
    """Walk from marker to marker as decoders do, up to the end of the first picture."""
    at, padding, scans, megapixels, components, is_progressive = 2, 0, 0, 0.0, 0, False
    for _ in range(MAX_SEGMENTS):
        at, skipped = _next_marker(data, at, in_scan=scans > 0)
        padding += skipped
        marker = data[at + 1] if 0 <= at < len(data) - 1 else _END
        if padding > MAX_PADDING_BYTES:
            raise Refused("costly")
        if marker == _END:
            return
        body = data[at + 4 : at + 14]
        if marker in _FRAMES and len(body) > 5:
            height, width = struct.unpack(">HH", body[1:5])
            megapixels, components = width * height / 1e6, body[5]
            is_progressive = marker in _PROGRESSIVE
        if marker == _START_OF_SCAN:
            scans += 1
            _check_scans(scans, megapixels)
            if not is_progressive and body[:1] == bytes([components]):
                return  # all components in one scan: the decoder reads no other
        at += 2 if marker in _WITHOUT_LENGTH else 2 + max(2, _length_at(data, at))
    raise Refused("costly")


def _check_scans(scans: int, megapixels: float) -> None:
    is_much = scans > MIN_LIMITED_SCANS and scans * megapixels > MAX_SCAN_MEGAPIXELS
    if scans > MAX_SCANS or is_much:
        raise Refused("costly")


def _next_marker(data: bytes, at: int, *, in_scan: bool) -> tuple[int, int]:
    """Return where the next marker is, -1 at the end, and how much padding lies before it."""
    if in_scan:
        found = _MARKER.search(data, at)
        return (found.start() if found else -1), 0
    begin = at
    while data.startswith(b"\xff\0", at) and at - begin <= MAX_PADDING_BYTES:
        at += 2  # Pillow steps over it
    run = _PADDING.match(data, at)
    return (run.end() - 1 if run else -1), (run.end() - 1 - begin if run else at - begin)


def _length_at(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 2 : at + 4], "big")


def _check_png(data: bytes) -> None:
    at = 8
    for _ in range(MAX_CHUNKS):
        if at >= len(data) or data[at + 4 : at + 8] == b"IEND":
            return
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    raise Refused("costly")
