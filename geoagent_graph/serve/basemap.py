"""A local PMTiles file with streets: looked at once, then served to the page as it lies there.

The format is PMTiles 3: 127 bytes of header, a directory, metadata in JSON, and tiles. Tiles are
read by the page alone; the header is checked here, so that a wrong or cut file is said at once.
"""

import json
import re
import struct
import zlib
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, Literal

from pydantic import Field

from geoagent_graph.errors import InputError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.safe_text import visible
from geoagent_graph.types import FrozenModel, LatDeg

TileKind = Literal["vector", "raster"]
_HEADER: Final = struct.Struct("<7sB11Q6B4iB2i")
_MAGIC: Final = b"PMTiles"
_VERSION: Final = 3
_TILE_TYPES: Final[dict[int, TileKind]] = {
    1: "vector", 2: "raster", 3: "raster", 4: "raster", 5: "raster",
}  # fmt: skip
_NO_COMPRESSION, _GZIP = 1, 2  # the two that browsers undo
_MAX_METADATA_BYTES: Final = 8_000_000
_MAX_LAYERS: Final = 200
_MAX_ATTRIBUTION_CHARS: Final = 400
_TAG: Final = re.compile(r"<[^>]{0,500}>")
_DEGREES: Final = 1e-7

Longitude = Annotated[float, Field(ge=-180.0, le=180.0)]
Zoom = Annotated[int, Field(ge=0, le=30)]


class BasemapState(FrozenModel):
    """What the page needs to know of the file at `/v1/basemap`; `layers` are its tiles' own."""

    kind: TileKind
    min_zoom: Zoom
    max_zoom: Zoom
    west_deg: Longitude
    south_deg: LatDeg
    east_deg: Longitude
    north_deg: LatDeg
    layers: tuple[str, ...]
    attribution: str


@dataclass(frozen=True, slots=True)
class Basemap:
    """The file, and what stands in its header."""

    path: Path
    state: BasemapState


def open_basemap(path: Path) -> Basemap:
    """Return a PMTiles file that the page can draw.

    Raises:
        InputError: it cannot be read, is no PMTiles file of version 3, is cut off, or holds tiles
            that browsers do not read.
    """
    name = visible(str(path), 200)
    try:
        with open_regular(path) as file:
            state = _read_state(file, name)
    except OSError as error:
        raise InputError(f"--basemap {name}: cannot be read ({error.strerror or error})") from error
    return Basemap(path.absolute(), state)


def _read_state(file: BinaryIO, name: str) -> BasemapState:
    size = file.seek(0, 2)
    file.seek(0)
    data = file.read(_HEADER.size)
    if not data.startswith(_MAGIC):
        raise InputError(f"--basemap {name}: is no PMTiles file; give one, such as map.pmtiles")
    if len(data) < _HEADER.size:
        raise InputError(f"--basemap {name}: is cut off; copy or download it again")
    fields = _HEADER.unpack(data)
    version, parts, about, corners = fields[1], fields[2:10], fields[13:19], fields[19:23]
    if version != _VERSION:
        raise InputError(
            f"--basemap {name}: is PMTiles {version}, and {_VERSION} is read. Convert it with "
            "`pmtiles convert`"
        )
    ends = [start + length for start, length in zip(parts[::2], parts[1::2], strict=True)]
    if max(ends) > size:
        raise InputError(
            f"--basemap {name}: is cut off, {size:,} of {max(ends):,} bytes are there; copy or "
            "download it again"
        )
    _, inner, outer, tile_type, min_zoom, max_zoom = about
    if tile_type not in _TILE_TYPES:
        raise InputError(f"--basemap {name}: holds tiles of an unknown kind ({tile_type})")
    if inner not in (_NO_COMPRESSION, _GZIP) or outer not in (0, _NO_COMPRESSION, _GZIP):
        raise InputError(
            f"--basemap {name}: is packed in a way that browsers do not read; write it with gzip"
        )
    metadata = _read_metadata(file, parts[2], parts[3], inner, name)
    return _state_of(_TILE_TYPES[tile_type], (min_zoom, max_zoom), corners, metadata, name)


def _read_metadata(file: BinaryIO, start: int, length: int, packing: int, name: str) -> Any:
    damaged = f"--basemap {name}: its metadata are damaged; copy or download it again"
    if length > _MAX_METADATA_BYTES:
        raise InputError(damaged)
    file.seek(start)
    data = file.read(length)
    try:
        if packing == _GZIP:
            unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            data = unpacking.decompress(data, _MAX_METADATA_BYTES)
        return json.loads(data) if data else {}
    except (ValueError, RecursionError, zlib.error) as error:
        raise InputError(damaged) from error


def _state_of(
    kind: TileKind, zooms: tuple[int, int], corners: tuple[int, ...], metadata: Any, name: str
) -> BasemapState:
    west, south, east, north = (corner * _DEGREES for corner in corners)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90 and zooms[0] <= zooms[1]):
        raise InputError(f"--basemap {name}: its header names no area of the Earth or no zooms")
    told = metadata if isinstance(metadata, dict) else {}
    listed = told.get("vector_layers")
    rows = listed if isinstance(listed, list) else []
    layers = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
    if kind == "vector" and not layers:
        raise InputError(f"--basemap {name}: does not say which layers its tiles have")
    return BasemapState(
        kind=kind,
        min_zoom=min(zooms[0], 30),
        max_zoom=min(zooms[1], 30),
        west_deg=west,
        south_deg=south,
        east_deg=east,
        north_deg=north,
        layers=tuple(layers[:_MAX_LAYERS]),
        attribution=_plain_words(told.get("attribution")),
    )


def _plain_words(told: object) -> str:
    """Return an attribution without its links: it is shown as text."""
    words = unescape(_TAG.sub("", told)) if isinstance(told, str) else ""
    return visible(" ".join(words.split()), _MAX_ATTRIBUTION_CHARS)
