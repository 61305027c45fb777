"""Polygons as SVG paths, cut to a frame."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]  # shape [points, 2]: x, y or longitude, latitude
Ring = Points  # closed
Frame = tuple[float, float, float, float]  # left, top, right, bottom


def cut(ring: Ring, frame: Frame) -> "BaseGeometry":
    """Return the part of a ring's area inside a frame, in the ring's own coordinates."""
    import shapely

    if len(ring) < 4:
        return shapely.Polygon()
    area: BaseGeometry = shapely.Polygon(ring)
    if not area.is_valid:
        area = shapely.make_valid(area)
    return shapely.clip_by_rect(area, *frame)


def rings_of(area: "BaseGeometry") -> list[Ring]:
    """Return the outer and inner rings of the polygons in a geometry."""
    import shapely

    parts = [part for part in shapely.get_parts(area) if not part.is_empty]
    polygons = [part for part in parts if part.geom_type == "Polygon"]
    return [
        np.asarray(ring.coords) for part in polygons for ring in (part.exterior, *part.interiors)
    ]


def path_data(rings: Iterable[Ring]) -> str:
    """Return closed rings as the `d` of a path, to a tenth of a unit; specks are left out."""
    return "".join(_ring_path(ring) for ring in rings)


def _ring_path(ring: Ring) -> str:
    points = np.round(ring, 1)
    moved = np.any(np.diff(points, axis=0) != 0.0, axis=1)
    points = points[np.concatenate([[True], moved])]
    if len(points) < 4:
        return ""
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points[:-1].tolist()) + "Z"
