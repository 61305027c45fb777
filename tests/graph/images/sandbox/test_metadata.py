"""Metadata are found in every container, whole or not, and are bounded."""

import json
import struct
import zlib
from typing import Any

import pytest

from geoagent_graph.images.sandbox.metadata import read_metadata
from geoagent_graph.images.sandbox.metadata_blocks import MAX_PACKETS
from tests.support.photo_files import (
    GPS,
    XMP_HEADER,
    exif_bytes,
    iptc_block,
    jpeg_with,
    photo,
    photoshop_resource,
    png_text,
    png_with,
    raw_profile,
    tiff_structure,
    xmp_packet,
    xmp_position,
)

EXIF = exif_bytes(GPS, t010F="Maker")
PROFILE = raw_profile("exif", EXIF)
TIFF = EXIF.removeprefix(b"Exif\0\0")
XMP = xmp_position()
XMP_PROFILE = raw_profile("APP1", XMP_HEADER + XMP)
PROPERTIES = {"exif:GPSLatitude": "33,26.934S", "exif:GPSLongitude": "70,40.158W"}
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0" + b"G" * 32


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(kind + struct.pack("<I", len(data)) + data for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def psd(resources: bytes) -> bytes:
    header = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 8, 8, 8, 3)
    return header + struct.pack(">I", 0) + struct.pack(">I", len(resources)) + resources


EXIF_FILES: dict[str, bytes] = {
    "jpeg": photo(exif=EXIF),
    "png eXIf": photo("PNG", exif=EXIF),
    "png zTXt": photo("PNG", pnginfo=png_text("Raw profile type exif", PROFILE.decode())),
    "png APP1": png_with((b"tEXt", b"Raw profile type APP1\0" + raw_profile("APP1", EXIF))),
    "webp": photo("WEBP", exif=EXIF),
    "tiff": photo("TIFF", exif=TIFF),
    "avif": photo("AVIF", exif=EXIF),
    "heic": b"\0\0\0\x18ftypheic" + bytes(100) + b"\0\0\0\6" + EXIF,
    "jxl": b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\1\0Exif\0\0\0\0" + TIFF,
    "psd": psd(photoshop_resource(0x0422, TIFF)),
    "orf": b"IIRO" + TIFF[4:] if TIFF.startswith(b"II") else b"MMOR" + TIFF[4:],
}  # fmt: skip


@pytest.mark.parametrize("name", EXIF_FILES)
def test_exif_of_every_container(name: str) -> None:
    tags = read_metadata(EXIF_FILES[name])
    assert tags["exif"] is not None
    assert tags["exif"]["gps"]["latitude"] == pytest.approx([33.0, 26.0, 56.04])
    assert tags["exif"]["gps"]["longitude_ref"] == "W"
    assert tags["damaged"] == []


def extended(packet: bytes) -> bytes:
    """Return a JPEG whose XMP is in two extended segments, the last first."""
    half = len(packet) // 2
    parts = [(half, packet[half:]), (0, packet[:half])]
    return jpeg_with(
        *((0xE1, EXTENSION + struct.pack(">II", len(packet), at) + part) for at, part in parts)
    )


XMP_FILES: dict[str, bytes] = {
    "jpeg": jpeg_with((0xE1, XMP_HEADER + XMP)),
    "jpeg extended": extended(XMP),
    "jpeg photoshop": jpeg_with((0xED, b"Photoshop 3.0\0" + photoshop_resource(0x0424, XMP))),
    "png iTXt": png_with((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
    "png iTXt packed": png_with((b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0x\0" + zlib.compress(XMP))),
    "png profile": png_with((b"tEXt", b"Raw profile type xmp\0" + raw_profile("xmp", XMP))),
    "png APP1": png_with(
        (b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(XMP_PROFILE))
    ),
    "webp": riff((b"VP8 ", b"even"), (b"XMP ", XMP)),
    "tiff": tiff_structure([[(700, 1, XMP)]]),
    "gif": b"GIF89a" + bytes(20) + b"XMP DataXMP" + XMP + b"\1\0",
    "heic": b"\0\0\0\x18ftypheic" + bytes(40) + XMP + bytes(40),
    "sidecar": XMP,
    "sidecar with a byte order mark": b"\xef\xbb\xbf" + XMP,
    "sidecar in UTF-16": XMP.decode().replace("<?xpacket end", "<?xpacket  end").encode("utf-16"),
    "sidecar of darktable": b'<?xml version="1.0" encoding="UTF-8"?>\n' + XMP,
}  # fmt: skip


@pytest.mark.parametrize("name", XMP_FILES)
def test_xmp_of_every_container(name: str) -> None:
    tags = read_metadata(XMP_FILES[name])
    assert tags["xmp"] == PROPERTIES
    assert tags["damaged"] == []


@pytest.mark.parametrize(
    "data",
    [
        jpeg_with((0xED, b"Photoshop 3.0\0" + photoshop_resource(0x0404, iptc_block(d90="Łódź")))),
        tiff_structure([[(33723, 7, iptc_block(d90="Łódź"))]]),
        png_with(
            (b"tEXt", b"Raw profile type iptc\0" + raw_profile("iptc", iptc_block(d90="Łódź")))
        ),
    ],
    ids=["jpeg", "tiff", "png"],
)
def test_iptc_of_jpeg_tiff_and_png(data: bytes) -> None:
    assert read_metadata(data)["iptc"] == {"city": "Łódź"}


def test_canons_directories_are_blocks_of_their_own() -> None:
    own = tiff_structure([[(1, 2, b"S\0"), (2, 5, struct.pack("<6I", 33, 1, 26934, 1000, 0, 0))]])
    data = (
        b"\0\0\0\x18ftypcrx " + b"CMT1" + tiff_structure([[(271, 2, b"Canon\0")]]) + b"CMT4" + own
    )
    exif = read_metadata(data)["exif"]
    assert exif["make"] == "Canon"
    assert exif["gps"]["latitude"] == [33.0, 26.934, None]


def test_structures_lists_and_alternatives_of_xmp() -> None:
    packet = xmp_packet(
        elements="""
        <photoshop:City>Santiago</photoshop:City>
        <tiff:Make><rdf:Alt><rdf:li xml:lang="x-default">A</rdf:li><rdf:li>B</rdf:li></rdf:Alt>
        </tiff:Make>
        <Iptc4xmpExt:LocationShown><rdf:Bag>
          <rdf:li rdf:parseType="Resource"><Iptc4xmpExt:City>One</Iptc4xmpExt:City></rdf:li>
          <rdf:li Iptc4xmpExt:City="Two" Iptc4xmpExt:CountryCode="CL"/>
        </rdf:Bag></Iptc4xmpExt:LocationShown>
        <mine:HomeLatitude>1.5</mine:HomeLatitude><mine:Secret>no</mine:Secret>"""
    )
    assert read_metadata(packet)["xmp"] == {
        "photoshop:City": "Santiago",
        "tiff:Make": "A",
        "Iptc4xmpExt:LocationShown/Iptc4xmpExt:City": "One",
        "Iptc4xmpExt:LocationShown/Iptc4xmpExt:CountryCode": "CL",
        "other:HomeLatitude": "1.5",
    }


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>"""
FILE_ENTITY = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<x:xmpmeta xmlns:x="adobe:ns:meta/">&a;</x:xmpmeta>"""
DEEP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + b"<a>" * 5000
HOSTILE: dict[str, bytes] = {
    "entities": BOMB,
    "a file as entity": FILE_ENTITY,
    "depth": DEEP,
    "no XML": b"<x:xmpmeta <<<>",
    "no encoding": b"<?xml version='1.0' encoding='utf-9'?><x/>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xmp_is_damaged_and_nothing_else(name: str) -> None:
    assert read_metadata(HOSTILE[name]) == {
        "exif": None, "xmp": {}, "iptc": {}, "damaged": ["XMP"],
    }  # fmt: skip


def test_the_reply_is_bounded() -> None:
    names = "".join(f"<mine:Latitude{n}>{'é' * 5000}</mine:Latitude{n}>" for n in range(3000))
    tags = read_metadata(xmp_packet(elements=names))
    assert len(json.dumps(tags)) < 1 << 18
    packed = zlib.compress(b"x" * (64 << 20))
    profile = png_with((b"zTXt", b"Raw profile type exif\0\0" + packed))
    assert read_metadata(profile)["damaged"] == ["EXIF"]
    many = b"GIF89a" + (XMP + b" ") * 50
    assert read_metadata(many)["xmp"] == PROPERTIES
    assert MAX_PACKETS < 50


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_files_that_break_off_anywhere_are_read_so_far(image_format: str) -> None:
    data = photo(image_format, exif=EXIF, xmp=XMP)
    for end in range(0, len(data), 7):
        read = read_metadata(data[:end])
        assert {"exif", "xmp", "iptc", "damaged"} <= set(json.loads(json.dumps(read)))


def test_without_metadata_there_is_nothing() -> None:
    nothing: dict[str, Any] = {"exif": None, "xmp": {}, "iptc": {}, "damaged": []}
    assert read_metadata(b"") == nothing
    assert read_metadata(photo("PNG")) == nothing
    assert read_metadata(bytes(range(256)) * 8) == nothing
