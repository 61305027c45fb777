"""Country outlines to draw: the rings of the Natural Earth files in the package."""

import functools
import gzip
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]  # shape [points, 2]: longitude, latitude in degrees, closed
Resolution = Literal["110m", "50m"]


@dataclass(frozen=True, slots=True)
class CountryShape:
    """A country to draw: its name and its rings, outer ones and holes alike (even-odd fill)."""

    name: str
    rings: tuple[Ring, ...]


@functools.cache
def world_shapes(resolution: Resolution) -> tuple[CountryShape, ...]:
    """Return the countries of the world in a scale of 1:110 or 1:50 million."""
    home = files("geoagent_graph") / "data" / "natural_earth"
    packed = (home / f"countries-{resolution}.json.gz").read_bytes()
    topology = json.loads(gzip.decompress(packed))
    arcs = [_arc_in_degrees(arc, topology["transform"]) for arc in topology["arcs"]]
    return tuple(
        CountryShape(
            name=str(geometry.get("properties", {}).get("name", "")),
            rings=tuple(_join_arcs(ring, arcs) for ring in _arc_rings(geometry)),
        )
        for geometry in topology["objects"]["countries"]["geometries"]
    )


def _arc_in_degrees(steps: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    """Return an arc in degrees from the TopoJSON steps, each relative to the one before."""
    quantized = np.cumsum(np.asarray(steps, np.int64), axis=0)
    degrees: Ring = quantized * np.array(transform["scale"]) + np.array(transform["translate"])
    return degrees


def _arc_rings(geometry: dict[str, Any]) -> list[list[int]]:
    if geometry["type"] == "Polygon":
        return list(geometry["arcs"])
    return [ring for polygon in geometry["arcs"] for ring in polygon]


def _join_arcs(ring: list[int], arcs: list[Ring]) -> Ring:
    """Return a closed ring; ~i is arc i backwards, and arcs share their end points."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in ring]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def flat_rings(ring: Ring) -> list[Ring]:
    """Return a ring as it lies on a flat map of longitudes -180 to 180.

    The rings of the files run across the date line, and Antarctica's around the pole. Each part
    that is returned runs on smoothly and may reach beyond the edges of the map, where the drawing
    has to be cut off.
    """
    lon = np.unwrap(ring[:, 0], period=360.0)
    lat = ring[:, 1]
    if abs(lon[-1] - lon[0]) > 180.0:
        pole = 90.0 if lat.mean() > 0 else -90.0
        lon = np.concatenate([lon, [lon[-1], lon[0], lon[0]]])
        lat = np.concatenate([lat, [pole, pole, lat[0]]])
    turns = (-360.0, 0.0, 360.0)
    shifted = (np.column_stack([lon + turn, lat]) for turn in turns)
    return [part for part in shifted if part[:, 0].max() > -180.0 and part[:, 0].min() < 180.0]
