"""The EXIF tags that say something about place, time and camera, as Pillow reads them."""

from typing import Any

from geoagent_graph.images.sandbox.metadata_blocks import MetadataBlocks
from geoagent_graph.images.sandbox.photoshop_resources import read_resources
from geoagent_graph.images.sandbox.plain_values import plain

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
XMP_TAG, IPTC_TAG, PHOTOSHOP_TAG = 700, 33723, 34377
GPS_TAGS = {
    1: "latitude_ref",
    2: "latitude",
    3: "longitude_ref",
    4: "longitude",
    7: "time",
    9: "status",
    11: "dop",
    18: "datum",
    29: "date",
    31: "error_m",
}


def read_exif(blocks: MetadataBlocks, damaged: list[str]) -> dict[str, Any] | None:
    """Return the tags of the first EXIF block as plain values; None where there is none.

    `gps` is by the names of `GPS_TAGS`. XMP and IPTC inside the block are added to the blocks.
    What cannot be read is missing, and "EXIF" then stands in `damaged`.
    """
    if not (blocks.exif or blocks.gps_ifd or blocks.details_ifd):
        return None
    inner = MetadataBlocks()
    exif = _load(blocks.exif, damaged, inner)
    details = _load(blocks.details_ifd, damaged, inner) or _directory(exif, EXIF_IFD, damaged)
    gps = _load(blocks.gps_ifd, damaged, inner) or _directory(exif, GPS_IFD, damaged)
    blocks.xmp += inner.xmp
    blocks.iptc += inner.iptc
    return {
        "gps": {name: plain(gps.get(tag)) for tag, name in GPS_TAGS.items()},
        "taken_at": plain(details.get(0x9003) or details.get(0x9004) or exif.get(0x0132)),
        "utc_offset": plain(details.get(0x9011) or details.get(0x9010) or details.get(0x9012)),
        "make": plain(exif.get(0x010F)),
        "model": plain(exif.get(0x0110)),
        "software": plain(exif.get(0x0131)),
        "focal_35mm_mm": plain(details.get(0xA405)),
    }


def _load(exif_blocks: list[bytes], damaged: list[str], inner: MetadataBlocks) -> Any:
    """Return the first block's tags, empty where there is none; XMP and IPTC in it are added."""
    from PIL import Image

    if not exif_blocks:
        return {}
    exif = Image.Exif()
    try:
        exif.load(exif_blocks[0])
        _add_inner_blocks(exif, inner)
        dict(exif)  # Pillow decodes a tag when it is first asked for
    except Exception:  # noqa: BLE001  Pillow raises anything on damaged EXIF
        damaged.append("EXIF")
        return {}
    return exif


def _directory(exif: Any, tag: int, damaged: list[str]) -> Any:
    """Return a directory inside the EXIF; empty where there is none or it cannot be read."""
    if not exif:
        return {}
    try:
        return dict(exif.get_ifd(tag))
    except Exception:  # noqa: BLE001  as above
        damaged.append("EXIF")
        return {}


def _add_inner_blocks(exif: Any, blocks: MetadataBlocks) -> None:
    """Add XMP and IPTC that lie in tags, byte for byte, whatever type of number they pretend."""
    stored = getattr(getattr(exif, "_info", None), "_tagdata", {})  # as Pillow's IPTC reader has it
    for tag, kind in ((XMP_TAG, "xmp"), (IPTC_TAG, "iptc")):
        blocks.add(kind, stored.get(tag, b""))
    for kind, block in read_resources(stored.get(PHOTOSHOP_TAG, b"")):
        if kind != "exif":
            blocks.add(kind, block)
