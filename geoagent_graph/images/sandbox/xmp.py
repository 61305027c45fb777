"""The properties of an XMP packet that say something about place, time and camera."""

import re
from typing import Any
from xml.parsers import expat

from geoagent_graph.images.sandbox.plain_values import MAX_TEXT_CHARS

MAX_DEPTH = 64
MAX_PROPERTIES = 100
PREFIXES = {
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://www.dji.com/drone-dji/1.0/": "drone-dji",
}
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_STRUCTURE = {f"{_RDF} {name}" for name in ("RDF", "Description", "Bag", "Alt", "Seq", "li")}
_STRUCTURE |= {"adobe:ns:meta/ xmpmeta", "adobe:ns:meta/ xapmeta"}
_WANTED = re.compile(
    r"(?:.*/)?(?:exif:(?:GPS\w+|DateTimeOriginal)|exifEX:OffsetTimeOriginal"
    r"|photoshop:(?:City|State|Country|DateCreated)|xmp:(?:CreateDate|CreatorTool)"
    r"|tiff:(?:Make|Model)|Iptc4xmpCore:(?:Location|CountryCode)"
    r"|Iptc4xmpExt:(?:Sublocation|City|ProvinceState|CountryName|CountryCode)"
    r"|[\w-]+:\w*(?i:latitude|longt?itude))"
)


class DamagedXmp(Exception):
    """The packet is no XML, or more than XMP may be."""


def read_xmp(packet: bytes) -> dict[str, str]:
    """Return the wanted properties: `prefix:Name`, in a structure `prefix:Name/prefix:Name`.

    Of a list the first item. Other namespaces have the prefix `other`. Entities are never
    expanded: a packet with a document type is refused, and Python's parser takes nothing from
    elsewhere.

    Raises:
        DamagedXmp: it cannot be parsed.
    """
    try:
        wide = _wide_encoding(packet)
        reader = _Reader("utf-8" if wide else None)
        text = packet.decode(wide, "replace").encode() if wide else packet
        reader.parser.Parse(text.strip(b"\0 \t\r\n"), True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DamagedXmp from error
    return reader.properties


class _Reader:
    """Collects properties while the parser walks through the packet."""

    def __init__(self, encoding: str | None) -> None:
        self.properties: dict[str, str] = {}
        self._path: list[str | None] = []  # one per open element; None for RDF's own
        self._text: list[str] = []
        self.parser = expat.ParserCreate(encoding, " ")
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add_text

    def _refuse(self, *_: Any) -> None:
        raise DamagedXmp

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise DamagedXmp
        self._path.append(None if tag in _STRUCTURE else _name(tag))
        self._text = []
        for name, value in attributes.items():
            if not name.startswith((_RDF, "http://www.w3.org/XML/")):
                self._keep([*self._path, _name(name)], value)

    def _end(self, _: str) -> None:
        self._keep(self._path, "".join(self._text))
        self._text = []
        self._path.pop()

    def _add_text(self, text: str) -> None:
        if sum(map(len, self._text)) < MAX_TEXT_CHARS:
            self._text.append(text)

    def _keep(self, path: list[str | None], text: str) -> None:
        key = "/".join([name for name in path if name][-2:])
        value = text.strip()[:MAX_TEXT_CHARS]
        if value and len(self.properties) < MAX_PROPERTIES and _WANTED.fullmatch(key):
            self.properties.setdefault(key, value)


def _wide_encoding(packet: bytes) -> str | None:
    """Return the encoding of a packet of two or four bytes a character; None for UTF-8."""
    beginnings = {
        b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16",
        b"\xfe\xff": "utf-16", b"<\0\0\0": "utf-32-le", b"\0\0\0<": "utf-32-be",
        b"<\0": "utf-16-le", b"\0<": "utf-16-be",
    }  # fmt: skip
    return next((name for mark, name in beginnings.items() if packet.startswith(mark)), None)


def _name(tag: str) -> str:
    """Return `prefix:Name` of an expanded name."""
    namespace, _, local = tag.rpartition(" ")
    return f"{PREFIXES.get(namespace, 'other')}:{local}"
