"""The place that a file names in words: XMP first, then IPTC-IIM."""

from collections.abc import Mapping

from geoagent_graph.file_claims import NamedLocation
from geoagent_graph.images.tag_text import visible_text

_EXTENSION = ("Sublocation", "City", "ProvinceState", "CountryName", "CountryCode")
_CORE = (
    "Iptc4xmpCore:Location",
    "photoshop:City",
    "photoshop:State",
    "photoshop:Country",
    "Iptc4xmpCore:CountryCode",
)
_IIM = ("sublocation", "city", "region", "country", "country_code")


def read_named_location(xmp: Mapping[str, str], iptc: Mapping[str, str]) -> NamedLocation | None:
    """Return where the camera stood, else what is shown, else the older fields; None for nothing.

    Fields of two kinds are never mixed: a city of one and a country of another may be two places.
    """
    groups = [
        [xmp.get(f"Iptc4xmpExt:{kind}/Iptc4xmpExt:{name}") for name in _EXTENSION]
        for kind in ("LocationCreated", "LocationShown")
    ]
    groups.append([xmp.get(name) for name in _CORE])
    groups.append([iptc.get(name) for name in _IIM])
    for group in groups:
        location = NamedLocation(*(visible_text(value) for value in group))
        if location:
            return location
    return None
