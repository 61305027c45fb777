"""Exports of street-level photos as JSON: Mapillary's and Panoramax's, and GeoJSON like them.

Both services give points in GeoJSON order, longitude first. A photo is found by the name that the
export gives its file, else by its id, which downloads are named by.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json

from geoagent_graph.errors import InputError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.retrieval.manifest_fields import RowFields
from geoagent_graph.retrieval.manifest_rows import RowProblem
from geoagent_graph.retrieval.table_lines import BYTE_ORDER_MARK

EXPORT_ENDINGS: Final = (".json", ".geojson")
MAX_EXPORT_BYTES: Final = 1 << 30
_LISTS: Final = ("features", "data", "images", "items")
_POINTS: Final = ("computed_geometry", "geometry")  # corrected by the service, then as recorded
_MAPILLARY_TOOLS: Final = {"MAPLatitude": "lat", "MAPLongitude": "lon"}
_FILE_KEYS: Final = ("original_file:name", "filename", "file", "file_name")


def read_export_fields(export: Path) -> Iterator[tuple[int, RowFields | RowProblem]]:
    """Yield the number, from 1, and the fields of each photo of an export.

    Raises:
        InputError: the export is missing, too large, or no list of photos.
    """
    try:
        found = read_regular(export, MAX_EXPORT_BYTES).removeprefix(BYTE_ORDER_MARK)
        content = from_json(found)  # programs write NaN for what is missing
    except OSError as error:
        raise InputError(f"{export}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{export}: is no JSON") from error
    entries = _entries_of(content)
    if entries is None:
        raise InputError(
            f"{export}: is no list of photos; an export has one under {', '.join(_LISTS)}"
        )
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, Mapping):
            yield number, RowFields(flatten_entry(entry))
        else:
            yield number, RowProblem("", number, "is no JSON object")


def _entries_of(content: Any) -> list[Any] | None:
    if isinstance(content, Mapping):
        lists = [content[key] for key in _LISTS if isinstance(content.get(key), list)]
        content = lists[0] if lists else None
    return content if isinstance(content, list) else None


def flatten_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of an export as a row of a manifest: file, position, whose it is."""
    inner = entry.get("properties")
    own = {**entry, **inner} if isinstance(inner, Mapping) else dict(entry)
    own = {_MAPILLARY_TOOLS.get(key, key): value for key, value in own.items()}
    row = {key: value for key, value in own.items() if not isinstance(value, Mapping | list)}
    row.update(_position_of(own))
    identity = own.get("id")
    if identity is not None and not row.get("id"):
        row["id"] = identity
    names = [own[key] for key in _FILE_KEYS if isinstance(own.get(key), str)]
    row["file"] = names[0] if names else row.get("id") and str(row["id"])
    row.setdefault("attribution", _attribution_of(own))
    row.setdefault("source_url", _address_of(own))
    return {key: value for key, value in row.items() if value is not None}


def _position_of(own: Mapping[str, Any]) -> dict[str, Any]:
    for key in _POINTS:
        point = own.get(key)
        if isinstance(point, Mapping) and point.get("type") == "Point":
            degrees = point.get("coordinates")
            if isinstance(degrees, list) and len(degrees) >= 2:
                return {"lon": degrees[0], "lat": degrees[1]}
    return {}


def _attribution_of(own: Mapping[str, Any]) -> str | None:
    """Return who took a photo: Mapillary's `creator`, Panoramax's producer, or its providers."""
    creator = own.get("creator")
    if isinstance(creator, Mapping):
        creator = creator.get("username")
    providers = own.get("providers")
    listed = providers if isinstance(providers, list) else []
    names = [who.get("name") for who in listed if isinstance(who, Mapping)]
    found = [creator, own.get("geovisio:producer"), *names]
    return next((name for name in found if isinstance(name, str) and name), None)


def _address_of(own: Mapping[str, Any]) -> str | None:
    """Return where a photo comes from: the link of an item to itself, else its picture."""
    links = own.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and link.get("rel") == "self":
            return str(link.get("href"))
    address = own.get("geovisio:image")
    return address if isinstance(address, str) else None
