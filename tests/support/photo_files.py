"""Photos with metadata, made in memory: what a test does not name is plain."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

GPS = {1: "S", 2: (33.0, 26.0, 56.04), 3: "W", 4: (70.0, 40.0, 9.48)}
SANTIAGO = (-33.4489, -70.6693)
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"


def exif_bytes(
    gps: dict[int, Any] | None = None, details: dict[int, Any] | None = None, **tags: Any
) -> bytes:
    """Return EXIF as Pillow writes it; `tags` are `t` and the hexadecimal number of the tag."""
    exif = Image.Exif()
    exif.update({int(tag.lstrip("t"), 16): value for tag, value in tags.items()})
    if gps:
        exif.get_ifd(0x8825).update(gps)
    if details:
        exif.get_ifd(0x8769).update(details)
    return exif.tobytes()


def tiff_structure(
    directories: Sequence[Sequence[tuple[int, int, bytes]]], *, blobs: bytes = b""
) -> bytes:
    """Return a little-endian TIFF: directories one after the other, then `blobs`.

    An entry is (tag, type, value); the value `b"@N"` is the offset of directory N, and
    `b"@+N"` that of the byte N of the blobs. A value of more than four bytes is put behind.
    """
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
    starts, at = [], 8
    for entries in directories:
        starts.append(at)
        long = sum(len(value) for _, _, value in entries if len(value) > 4)
        at += 2 + 12 * len(entries) + 4 + long
    blobs_at = at
    out = struct.pack("<2sHI", b"II", 42, 8)
    for start, entries in zip(starts, directories, strict=True):
        behind = start + 2 + 12 * len(entries) + 4
        table, tail = struct.pack("<H", len(entries)), b""
        for tag, kind, value in sorted(entries, key=lambda entry: entry[0]):
            if value.startswith(b"@+"):
                value = struct.pack("<I", blobs_at + int(value[2:]))
            elif value.startswith(b"@"):
                value = struct.pack("<I", starts[int(value[1:])])
            count = len(value) // sizes[kind]
            if len(value) > 4:
                where, tail = struct.pack("<I", behind + len(tail)), tail + value
            else:
                where = value.ljust(4, b"\0")
            table += struct.pack("<HHI", tag, kind, count) + where
        out += table + struct.pack("<I", 0) + tail
    return out + blobs


def photo(image_format: str = "JPEG", size: tuple[int, int] = (32, 24), **options: Any) -> bytes:
    """Return a grey photo; `options` go to Pillow."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (90, 110, 130)).save(buffer, image_format, **options)
    return buffer.getvalue()


def jpeg_with(*segments: tuple[int, bytes], data: bytes | None = None) -> bytes:
    """Return a JPEG with application segments (marker, body) before all others."""
    plain = data if data is not None else photo()
    packed = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments
    )
    return plain[:2] + packed + plain[2:]


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG with chunks (kind, body) before its end."""
    plain = photo("PNG")
    packed = b""
    for kind, body in chunks:
        crc = zlib.crc32(kind + body)
        packed += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)
    return plain[:-12] + packed + plain[-12:]


def raw_profile(name: str, profile: bytes) -> bytes:
    """Return the text that ImageMagick stores a profile as."""
    digits = profile.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{name}\n{len(profile):8d}\n{lines}\n".encode()


def png_text(keyword: str, text: str) -> PngInfo:
    """Return compressed text for Pillow's `pnginfo`."""
    info = PngInfo()
    info.add_text(keyword, text, zip=True)
    return info


def xmp_packet(attributes: str = "", elements: str = "") -> bytes:
    """Return an XMP packet whose description has these attributes and elements."""
    names = " ".join(
        f'xmlns:{prefix}="{namespace}"'
        for prefix, namespace in {
            "exif": "http://ns.adobe.com/exif/1.0/",
            "photoshop": "http://ns.adobe.com/photoshop/1.0/",
            "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
            "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
            "xmp": "http://ns.adobe.com/xap/1.0/",
            "tiff": "http://ns.adobe.com/tiff/1.0/",
            "drone": "http://www.dji.com/drone-dji/1.0/",
            "mine": "http://example.org/mine/",
        }.items()
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {names} {attributes}>{elements}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def xmp_position(latitude: str = "33,26.934S", longitude: str = "70,40.158W") -> bytes:
    """Return XMP with a position."""
    return xmp_packet(f'exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}"')


def iptc_block(**datasets: str) -> bytes:
    """Return IPTC-IIM datasets of record 2, by `dN`."""
    packed = b"\x1c\x01\x5a\x00\x03\x1b%G"
    for name, text in datasets.items():
        value = text.encode()
        packed += struct.pack(">BBBH", 0x1C, 2, int(name[1:]), len(value)) + value
    return packed


def photoshop_resource(code: int, block: bytes) -> bytes:
    """Return one image resource."""
    return b"8BIM" + struct.pack(">HHI", code, 0, len(block)) + block + b"\0" * (len(block) & 1)
