"""Photoshop's image resources: IPTC, EXIF and XMP among them."""

from collections.abc import Iterator

_SIGNATURES = {b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa"}
_KINDS = {0x0404: "iptc", 0x0422: "exif", 0x0424: "xmp"}


def read_resources(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (kind, block) of the resources that are metadata."""
    at = 0
    while data[at : at + 4] in _SIGNATURES and at + 12 <= len(data):
        code = int.from_bytes(data[at + 4 : at + 6], "big")
        name_bytes = 1 + data[at + 6]
        at += 6 + name_bytes + (name_bytes & 1)
        size = int.from_bytes(data[at : at + 4], "big")
        if kind := _KINDS.get(code):
            yield kind, data[at + 4 : at + 4 + size]
        at += 4 + size + (size & 1)
