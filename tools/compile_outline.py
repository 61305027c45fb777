"""Writes the outline of the world's land that the evaluation report draws.

    python tools/compile_outline.py

Natural Earth's land at 1:110 million (public domain), cut at the date line, islands below
`MIN_AREA_DEG2` left out, in tenths of a degree, each point relative to the one before.
"""

import json
from pathlib import Path

import numpy as np
from shapely import orient_polygons, unary_union
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoagent_graph.render.maps.svg_path import cut, rings_of
from geoagent_graph.render.maps.world_shapes import flat_rings, world_shapes

OUT = Path("evaluation/geoagent_evaluation/report/data/land.json")
GLOBE = (-180.0, -90.0, 180.0, 90.0)
TENTHS_PER_DEG = 10
MIN_AREA_DEG2 = 0.4
OVERLAP_DEG = 0.01  # closes the seams between neighbours


def land() -> BaseGeometry:
    """Return all countries as one area, without the borders between them."""
    flat = [
        part for shape in world_shapes("110m") for ring in shape.rings for part in flat_rings(ring)
    ]
    areas = [cut(ring, GLOBE).buffer(OVERLAP_DEG) for ring in flat]
    # Lakes run the other way round than coasts: every rule of filling leaves them empty.
    joined: BaseGeometry = orient_polygons(unary_union(areas).buffer(-OVERLAP_DEG))
    return joined


def main() -> None:
    rings = []
    for ring in rings_of(land()):
        if Polygon(ring).area < MIN_AREA_DEG2:
            continue
        points = np.round(np.clip(ring, [-180, -90], [180, 90]) * TENTHS_PER_DEG).astype(int)
        steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), int))
        kept = steps[np.any(steps != 0, axis=1)]
        rings.append(kept.ravel().tolist())
    origin = "Natural Earth, public domain; written by tools/compile_outline.py"
    outline = {"origin": origin, "units_per_degree": TENTHS_PER_DEG, "rings": sorted(rings)}
    OUT.write_text(json.dumps(outline, separators=(",", ":")) + "\n")
    print(
        f"{OUT}: {len(rings)} rings, {sum(map(len, rings)) // 2} points, {OUT.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
