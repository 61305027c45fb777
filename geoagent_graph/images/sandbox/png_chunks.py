"""The chunks of a PNG that hold metadata: eXIf, XMP, and the raw profiles of ImageMagick."""

import binascii
import zlib
from collections.abc import Iterator

from geoagent_graph.images.sandbox.photoshop_resources import read_resources

MAX_INFLATED_BYTES = 8 << 20
MAX_CHUNKS = 100_000
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_PROFILE_KEYWORD = b"Raw profile type "
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"


def read_png(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (kind, block) of the metadata, wherever in the file they are."""
    at = 8
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(data):
            return
        size = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"eXIf":
            yield "exif", body
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, text = _read_text(kind, body)
            if keyword == _XMP_KEYWORD:
                yield "xmp", text
            elif keyword.startswith(_PROFILE_KEYWORD):
                yield from _read_profile(keyword.removeprefix(_PROFILE_KEYWORD), text)


def _read_text(kind: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Return a text chunk's keyword and its text, inflated."""
    keyword, _, rest = body.partition(b"\0")
    if kind == b"tEXt":
        return keyword, rest
    if kind == b"zTXt":
        return keyword, inflate(rest[1:])
    is_compressed = rest[:1] == b"\1"
    text = rest[2:].split(b"\0", 2)[-1]  # after the language and the translated keyword
    return keyword, inflate(text) if is_compressed else text


def inflate(packed: bytes) -> bytes:
    """Return at most `MAX_INFLATED_BYTES` of what was packed; what could be read if damaged."""
    try:
        return zlib.decompressobj().decompress(packed, MAX_INFLATED_BYTES)
    except zlib.error:
        return b""


def _read_profile(name: bytes, text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the block in a raw profile: its name, its length, then hexadecimal digits."""
    lines = text.strip().split(b"\n", 2)
    try:
        profile = binascii.unhexlify(b"".join(lines[-1].split())) if len(lines) == 3 else b""
    except (binascii.Error, ValueError):
        profile = b""
    if profile.startswith(_XMP_HEADER):
        yield "xmp", profile.removeprefix(_XMP_HEADER)
    elif name == b"xmp":
        yield "xmp", profile
    elif name in (b"iptc", b"8bim") and profile.startswith(b"8BIM"):
        yield from read_resources(profile)
    elif name == b"iptc":
        yield "iptc", profile
    elif name.lower() in (b"exif", b"app1"):
        yield "exif", profile or text[:1]  # one that cannot be read is damaged EXIF, not none
