"""The position in a pasted link to a map; the link is read and never opened.

Read are the forms that OpenStreetMap, Google Maps, Apple Maps, Bing Maps, Yandex Maps, Mapillary
and most others write into their addresses. A marked point stands before the middle of the map.
"""

import re
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

MAX_LINK_CHARS: Final = 4000
_SHORT_HOSTS: Final = frozenset({"maps.app.goo.gl", "goo.gl", "g.co", "osm.org", "bit.ly", "t.ly"})
_N: Final = r"([+-]?\d{1,3}(?:\.\d+)?)"
_PIN: Final = re.compile(rf"!3d{_N}!4d{_N}")  # Google's place, where @ is the camera
_CAMERA: Final = re.compile(rf"/@{_N},{_N}")
_FRAGMENT: Final = re.compile(rf"(?:^|[#&])(?:map=)?\d+(?:\.\d+)?/{_N}/{_N}(?:[/&]|$)")
_PAIR: Final = re.compile(rf"(?:loc:)?\s*{_N}\s*[,~ ]\s*{_N}(?:,\d+(?:\.\d+)?z?)?")
_NAMED: Final = (("mlat", "mlon"), ("lat", "lng"), ("lat", "lon"), ("latitude", "longitude"))
# of a marked point, before those of the middle of the map
_PAIRS: Final = (
    "q", "query", "viewpoint", "pt", "where1", "daddr", "destination", "coordinate", "address",
    "ll", "sll", "center", "cp",
)  # fmt: skip
_LON_FIRST_HOSTS: Final = re.compile(r"(^|\.)(maps\.)?yandex\.[a-z.]+$")


def is_link(words: str) -> bool:
    """Return whether a text is an address of the web."""
    return words[:8].lower().startswith(("http://", "https://"))


def is_short_link(link: str) -> bool:
    """Return whether a link says nothing before somebody opens it."""
    return (_split(link) or SplitResult("", "", "", "", "")).hostname in _SHORT_HOSTS


def point_of_link(link: str) -> tuple[float, float] | None:
    """Return the position that a link to a map names, (lat_deg, lon_deg); None where it has none.

    It may be out of range.
    """
    parts = _split(link)
    if parts is None or len(link) > MAX_LINK_CHARS:
        return None
    path, fragment = unquote(parts.path), unquote(parts.fragment)
    asked = parse_qs(parts.query, max_num_fields=100)
    first = {name: values[0] for name, values in asked.items()}
    lon_first = _LON_FIRST_HOSTS.search(parts.hostname or "") is not None
    found = _PIN.search(path) or _PIN.search(parts.query)
    return (
        _point(found)
        or _point_of_names(first)
        or _point_of_pairs(first, lon_first=lon_first)
        or _point(_CAMERA.search(path))
        or _point(_FRAGMENT.search(fragment))
    )


def _split(link: str) -> SplitResult | None:
    try:
        parts = urlsplit(link.strip())
        _ = parts.hostname, parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return None
    return parts


def _point(match: re.Match[str] | None) -> tuple[float, float] | None:
    return None if match is None else (float(match[1]), float(match[2]))


def _point_of_names(asked: dict[str, str]) -> tuple[float, float] | None:
    for lat, lon in _NAMED:
        found = _PAIR.fullmatch(f"{asked.get(lat, '')},{asked.get(lon, '')}")
        if found:
            return _point(found)
    return None


def _point_of_pairs(asked: dict[str, str], *, lon_first: bool) -> tuple[float, float] | None:
    for name in _PAIRS:
        point = _point(_PAIR.fullmatch(asked.get(name, "").strip()))
        if point is not None:
            return (point[1], point[0]) if lon_first else point
    return None
