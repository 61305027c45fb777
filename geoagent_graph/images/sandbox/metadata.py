"""What a file's EXIF, XMP and IPTC say, as bounded plain values."""

from typing import Any

from geoagent_graph.images.sandbox.exif_tags import read_exif
from geoagent_graph.images.sandbox.iptc import read_iptc
from geoagent_graph.images.sandbox.metadata_blocks import find_blocks
from geoagent_graph.images.sandbox.xmp import DamagedXmp, read_xmp


def read_metadata(data: bytes) -> dict[str, Any]:
    """Return `exif` (None where there is none), `xmp` and `iptc` by name, and what is `damaged`."""
    blocks = find_blocks(data)
    damaged: list[str] = []
    exif = read_exif(blocks, damaged)
    xmp: dict[str, str] = {}
    for packet in blocks.xmp:
        try:
            xmp = {**read_xmp(packet), **xmp}
        except DamagedXmp:
            damaged.append("XMP")
    iptc: dict[str, str] = {}
    for block in blocks.iptc:
        iptc = {**read_iptc(block), **iptc}
    return {"exif": exif, "xmp": xmp, "iptc": iptc, "damaged": sorted(set(damaged))}
