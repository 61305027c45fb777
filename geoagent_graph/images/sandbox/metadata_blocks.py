"""Where the metadata of a file lie: EXIF, XMP and IPTC blocks, found without decoding a pixel.

Containers are walked here and not by the pixels' decoders, so that the metadata of a photo that is
cut off, too large, or of a format without a reader are heard all the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from geoagent_graph.images.sandbox.jpeg_segments import read_jpeg
from geoagent_graph.images.sandbox.photoshop_resources import read_resources
from geoagent_graph.images.sandbox.png_chunks import read_png

MAX_PACKETS = 4
MAX_PACKET_BYTES = 8 << 20
MAX_RIFF_CHUNKS = 10_000
TIFF_MARKS = (b"II*\0", b"MM\0*")
_RAW_MARKS = {b"IIRO": b"II*\0", b"IIRS": b"II*\0", b"IIU\0": b"II*\0", b"MMOR": b"MM\0*"}
# before the TIFF: EXIF's own mark, an offset of zero (AVIF, HEIC), the name in a UUID of JPEG 2000
_EXIF_BLOCK = re.compile(rb"(?:Exif\0\0|\0\0\0\0|JpgTiffExif->JP2)(?=II\*\0|MM\0\*)")
_CANON_BLOCK = re.compile(rb"CMT([124])(?=II\*\0|MM\0\*)")
_PACKET = re.compile(rb"<(x:x[ma]pmeta|rdf:RDF)\b")
_XML_BEGINNING = re.compile(rb"\s*<(?:\?xpacket|\?xml|x:x[ma]pmeta|rdf:RDF)")


@dataclass(slots=True)
class MetadataBlocks:
    """The blocks of one file, as bytes.

    `exif` are TIFF structures; `details_ifd` and `gps_ifd` such whose first directory is that of
    the details and of the position.
    """

    exif: list[bytes] = field(default_factory=list)
    details_ifd: list[bytes] = field(default_factory=list)
    gps_ifd: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    iptc: list[bytes] = field(default_factory=list)

    def add(self, kind: str, block: bytes) -> None:
        """Add a block by its kind."""
        blocks: list[bytes] = getattr(self, kind)
        if block and len(blocks) < MAX_PACKETS:
            blocks.append(block)


def find_blocks(data: bytes) -> MetadataBlocks:
    """Return the metadata blocks of a file by its first bytes; of an unknown one by their marks."""
    found = MetadataBlocks()
    for kind, block in _blocks_of(data):
        found.add(kind, block)
    return found


def _blocks_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data.startswith(b"\xff\xd8"):
        return read_jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return read_png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _read_riff(data)
    if data.startswith(TIFF_MARKS):
        return iter([("exif", data)])
    if data[:4] in _RAW_MARKS:
        return iter([("exif", as_tiff(data))])
    if data.startswith(b"FUJIFILMCCD-RAW "):
        return read_jpeg(fuji_preview(data))
    if data.startswith(b"8BPS"):
        return _read_photoshop(data)
    if _XML_BEGINNING.match(data.removeprefix(b"\xef\xbb\xbf")[:4096]) or _is_wide_xml(data):
        return iter([("xmp", data[:MAX_PACKET_BYTES])])
    return _scan(data)


def as_tiff(data: bytes) -> bytes:
    """Return a raw file of Olympus or Panasonic, a TIFF but for its first four bytes, as TIFF."""
    return _RAW_MARKS.get(data[:4], data[:4]) + data[4:]


def fuji_preview(data: bytes) -> bytes:
    """Return the JPEG in a raw file of Fujifilm; empty where there is none."""
    offset, length = (int.from_bytes(data[at : at + 4], "big") for at in (84, 88))
    return data[offset : offset + length]


def _is_wide_xml(data: bytes) -> bool:
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") and b"<" in data[2:4]


def _read_riff(data: bytes) -> Iterator[tuple[str, bytes]]:
    kinds = {b"EXIF": "exif", b"XMP ": "xmp"}
    at = 12
    for _ in range(MAX_RIFF_CHUNKS):
        if at + 8 > len(data):
            return
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if kind := kinds.get(data[at : at + 4]):
            yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _read_photoshop(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the blocks among the image resources, which follow the header and the colour table."""
    colours = int.from_bytes(data[26:30], "big")
    at = 30 + colours
    size = int.from_bytes(data[at : at + 4], "big")
    return read_resources(data[at + 4 : at + 4 + size])


def _scan(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield blocks by their marks: HEIC, AVIF, JPEG XL, CR3, GIF and whatever else."""
    for match in islice(_EXIF_BLOCK.finditer(data), MAX_PACKETS):
        yield "exif", data[match.end() :]
    for match in islice(_CANON_BLOCK.finditer(data), MAX_PACKETS):
        kind = {b"1": "exif", b"2": "details_ifd", b"4": "gps_ifd"}[match[1]]
        yield kind, data[match.end() :]
    at = 0
    for _ in range(MAX_PACKETS):
        match_or_none = _PACKET.search(data, at)
        if match_or_none is None:
            return
        start, end_mark = match_or_none.start(), b"</" + match_or_none[1] + b">"
        end = data.find(end_mark, start, start + MAX_PACKET_BYTES)
        at = max(end, match_or_none.end())
        if end >= 0:
            yield "xmp", data[start : end + len(end_mark)]
