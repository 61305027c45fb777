"""Decodes the parts of TopoJSON that the vendored maps use, and cuts rings at the date line.

A TopoJSON file holds arcs of quantised, delta-encoded points; a ring is a list of arc numbers,
`~n` being arc n backwards. The vendored files are stitched: a ring may cross the date line, and
Antarctica's runs once around the pole.
"""

import gzip
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Scale = Literal["10m", "50m", "110m"]
_MIN_POINTS: Final = 4
Ring = NDArray[np.float64]  # [n, 2] longitude, latitude in degrees; first point equals the last


@dataclass(frozen=True, slots=True)
class Feature:
    """A country of the map: ISO 3166-1 numeric code, if it has one, and its polygons.

    Each polygon is its shell and then its holes.
    """

    numeric_code: int | None
    name: str
    polygons: tuple[tuple[Ring, ...], ...]


def read_countries(scale: Scale) -> list[Feature]:
    """Return the countries of a vendored Natural Earth map, within [-180, 180] longitude."""
    folder = resources.files("geoagent_graph") / "data" / "natural_earth"
    packed = (folder / f"countries-{scale}.json.gz").read_bytes()
    topology = json.loads(gzip.decompress(packed))
    arcs = _decode_arcs(topology)
    return [
        _make_feature(record, arcs) for record in topology["objects"]["countries"]["geometries"]
    ]


def _decode_arcs(topology: dict[str, Any]) -> list[Ring]:
    scale = np.array(topology["transform"]["scale"])
    translate = np.array(topology["transform"]["translate"])
    return [
        np.cumsum(np.array(arc, dtype=np.int64), axis=0) * scale + translate
        for arc in topology["arcs"]
    ]


def _make_feature(record: dict[str, Any], arcs: list[Ring]) -> Feature:
    groups = [record["arcs"]] if record["type"] == "Polygon" else record["arcs"]
    polygons: list[tuple[Ring, ...]] = []
    for rings in groups:
        joined = [_join_arcs(ring, arcs) for ring in rings]
        # quantisation collapsed the smallest islets to a line
        if len(joined[0]) >= _MIN_POINTS:
            polygons += _cut_at_date_line([ring for ring in joined if len(ring) >= _MIN_POINTS])
    code = int(record["id"]) if "id" in record else None
    return Feature(code, record["properties"]["name"], tuple(polygons))


def _join_arcs(numbers: list[int], arcs: list[Ring]) -> Ring:
    """Return the ring made of arcs, without the points where one ends and the next begins."""
    parts = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _cut_at_date_line(rings: list[Ring]) -> list[tuple[Ring, ...]]:
    """Return the polygon as it is, or as the pieces on either side of the date line."""
    if all(np.abs(np.diff(ring[:, 0])).max() <= 180.0 for ring in rings):
        return [tuple(rings)]
    import shapely

    shell, *holes = [_close_over_pole(_unwrap_longitudes(ring)) for ring in rings]
    whole = shapely.make_valid(shapely.Polygon(shell, [_shift_into(hole, shell) for hole in holes]))
    pieces: list[tuple[Ring, ...]] = []
    # a ring closed over the pole fills the map by itself
    polar = np.ptp(shell[:, 0]) > 360.0 + 1e-6
    for shift in (0.0,) if polar else (-360.0, 0.0, 360.0):
        window = shapely.box(-180.0 + shift, -90.0, 180.0 + shift, 90.0)
        for part in shapely.get_parts(shapely.intersection(whole, window)):
            if part.geom_type == "Polygon" and not part.is_empty:
                lines = shapely.get_rings(part)
                pieces.append(tuple(shapely.get_coordinates(line) - [shift, 0.0] for line in lines))
    return pieces


def _unwrap_longitudes(ring: Ring) -> Ring:
    """Return the ring with longitudes that run on beyond 180 instead of jumping back."""
    lon = np.unwrap(ring[:, 0], period=360.0)
    return np.column_stack([lon, ring[:, 1]])


def _close_over_pole(ring: Ring) -> Ring:
    """Return a ring that runs once around the globe closed over the nearer pole."""
    turn = ring[-1, 0] - ring[0, 0]
    if abs(turn) < 180.0:
        return ring
    pole = -90.0 if ring[:, 1].mean() < 0 else 90.0
    # one more turn on either side, so that every window from -180 to 180 is covered
    east = np.array([turn, 0.0])
    wide = np.concatenate([ring[:-1] - east, ring[:-1], ring + east])
    return np.concatenate([wide, [[wide[-1, 0], pole], [wide[0, 0], pole], wide[0]]])


def _shift_into(hole: Ring, shell: Ring) -> Ring:
    """Return the hole moved by full turns so that it lies within the shell's longitudes."""
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    turns = np.round((middle - hole[:, 0].mean()) / 360.0)
    return np.asarray(hole + np.array([360.0 * turns, 0.0]))
