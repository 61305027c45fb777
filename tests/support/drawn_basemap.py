"""A small basemap of streets that were drawn, not copied: a PMTiles file as Protomaps writes them.

Tiles are encoded here (Mapbox Vector Tile 2.1) and put into the file by the package `pmtiles`.
"""

import gzip
import io
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

EXTENT = 4096
ATTRIBUTION = '<a href="https://example.org">Drawn streets</a> for tests'
LAYERS = ("water", "roads", "buildings", "places")
Point = tuple[float, float]  # lon, lat


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing on the map: kind 1 is a point, 2 a line, 3 an area."""

    layer: str
    geometry: int
    points: tuple[Point, ...]
    tags: dict[str, str]


def write_basemap(path: Path, lat_deg: float, lon_deg: float, zooms: range = range(15)) -> Path:
    """Write a town around a point, about 10 km wide, and return the file."""
    things = list(_town(lat_deg, lon_deg))
    reach = 0.06
    corners = (lon_deg - reach, lat_deg - reach, lon_deg + reach, lat_deg + reach)
    tiles = {
        (zoom, x, y): gzip.compress(_tile(things, zoom, x, y), mtime=0)
        for zoom in zooms
        for x, y in _tiles_in(corners, zoom)
    }
    metadata = {"vector_layers": [{"id": layer, "fields": {}} for layer in LAYERS]}
    return _write(path, tiles, corners, TileType.MVT, Compression.GZIP, metadata)


def write_pictures(path: Path, lat_deg: float, lon_deg: float) -> Path:
    """Write a basemap of PNG tiles, a cross on each, and return the file."""
    picture = Image.new("RGB", (256, 256), "#cfe3c0")
    draw = ImageDraw.Draw(picture)
    draw.line((0, 128, 256, 128), "#b04a2f", 12)
    draw.line((128, 0, 128, 256), "#b04a2f", 12)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    corners = (lon_deg - 0.1, lat_deg - 0.1, lon_deg + 0.1, lat_deg + 0.1)
    tiles = {(z, x, y): stream.getvalue() for z in range(13) for x, y in _tiles_in(corners, z)}
    return _write(path, tiles, corners, TileType.PNG, Compression.NONE, {})


def _write(
    path: Path,
    tiles: dict[tuple[int, int, int], bytes],
    corners: tuple[float, float, float, float],
    kind: TileType,
    packing: Compression,
    metadata: Mapping[str, object],
) -> Path:
    west, south, east, north = (round(corner * 1e7) for corner in corners)
    zooms = [zoom for zoom, _, _ in tiles]
    with path.open("wb") as file:
        writer = Writer(file)
        for place in sorted(tiles, key=lambda zxy: zxy_to_tileid(*zxy)):
            writer.write_tile(zxy_to_tileid(*place), tiles[place])
        header = {
            "tile_type": kind, "tile_compression": packing, "min_zoom": min(zooms),
            "max_zoom": max(zooms), "min_lon_e7": west, "min_lat_e7": south,
            "max_lon_e7": east, "max_lat_e7": north, "center_zoom": max(zooms),
            "center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2,
        }  # fmt: skip
        writer.finalize(header, {"attribution": ATTRIBUTION, **metadata})
    return path


def _town(lat: float, lon: float) -> Iterator[Drawn]:
    wide = 0.05
    river = [(lon - wide, lat - 0.02), (lon + wide, lat - 0.012), (lon + wide, lat - 0.016)]
    yield Drawn("water", 3, (*river, (lon - wide, lat - 0.024)), {"kind": "river"})
    for row in range(-9, 10):
        off = row * 0.004
        kind = "major_road" if row % 3 == 0 else "minor_road"
        across = ((lon - wide, lat + off), (lon + wide, lat + off))
        along = ((lon + off, lat - wide), (lon + off, lat + wide))
        yield Drawn("roads", 2, across, {"kind": kind, "name": f"Rua {row + 10}"})
        yield Drawn("roads", 2, along, {"kind": kind, "name": f"Avenida {row + 10}"})
    ring = [(lon + 0.03 * math.cos(a / 9), lat + 0.022 * math.sin(a / 9)) for a in range(58)]
    yield Drawn("roads", 2, tuple(ring), {"kind": "highway", "name": "Circular"})
    for row in range(-8, 8):
        for column in range(-8, 8):
            west, south = lon + column * 0.004 + 0.0008, lat + row * 0.004 + 0.0008
            east, north = west + 0.0016, south + 0.0012
            corners = ((west, south), (east, south), (east, north), (west, north))
            yield Drawn("buildings", 3, corners, {"kind": "building"})
    yield Drawn("places", 1, ((lon + 0.012, lat + 0.014),), {"kind": "locality", "name": "Bairro"})


def _tiles_in(corners: tuple[float, float, float, float], zoom: int) -> Iterator[tuple[int, int]]:
    west, south, east, north = corners
    left, top = (int(part) for part in _world(west, north, zoom))
    right, bottom = (int(part) for part in _world(east, south, zoom))
    return ((x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def _world(lon: float, lat: float, zoom: int) -> Point:
    sine = math.sin(math.radians(lat))
    y = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return (lon + 180) / 360 * 2**zoom, y * 2**zoom


def _tile(things: Iterable[Drawn], zoom: int, x: int, y: int) -> bytes:
    layers = b""
    for name in LAYERS:
        keys: list[str] = []
        values: list[str] = []
        features = b""
        for thing in things:
            if thing.layer == name:
                places = [_world(lon, lat, zoom) for lon, lat in thing.points]
                inner = [(round((a - x) * EXTENT), round((b - y) * EXTENT)) for a, b in places]
                features += _field(2, _feature(thing, inner, keys, values))
        body = _field(1, name.encode()) + features
        body += b"".join(_field(3, key.encode()) for key in keys)
        body += b"".join(_field(4, _field(1, value.encode())) for value in values)
        layers += _field(3, body + _number(5, EXTENT) + _number(15, 2))
    return layers


def _feature(
    thing: Drawn, points: list[tuple[int, int]], keys: list[str], values: list[str]
) -> bytes:
    tags = b""
    for key, value in thing.tags.items():
        for table, word in ((keys, key), (values, value)):
            if word not in table:
                table.append(word)
            tags += _varint(table.index(word))
    if thing.geometry == 3:
        points = _clockwise(points)
    geometry = _varint(1 | 1 << 3) + _moves([(0, 0), points[0]])
    if len(points) > 1:
        geometry += _varint(2 | (len(points) - 1) << 3) + _moves(points)
    if thing.geometry == 3:
        geometry += _varint(7 | 1 << 3)
    return _field(2, tags) + _number(3, thing.geometry) + _field(4, geometry)


def _clockwise(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return an outer ring as tiles want it: the area by the surveyor's formula is above 0."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)
    return points if area > 0 else points[::-1]


def _moves(points: list[tuple[int, int]]) -> bytes:
    steps = itertools.pairwise(points)
    return b"".join(_zigzag(b[0] - a[0]) + _zigzag(b[1] - a[1]) for a, b in steps)


def _zigzag(value: int) -> bytes:
    return _varint((value << 1) ^ (value >> 63))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _field(tag: int, content: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(content)) + content
