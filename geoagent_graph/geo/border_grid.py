"""The grid over the country polygons: its measures, and a country's polygons out of its arrays."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

COAST_KM: Final = 22.2  # 12 nautical miles, the breadth of territorial seas
CELLS_PER_DEGREE: Final = 16
CELLS_PER_BLOCK: Final = 4  # along each side
BLOCK_ROWS: Final = 180 * CELLS_PER_DEGREE // CELLS_PER_BLOCK
BLOCK_COLUMNS: Final = 360 * CELLS_PER_DEGREE // CELLS_PER_BLOCK
NO_COUNTRY: Final = -1
# Codes from here on are no country index: the number of a block, or of a set of countries.
FIRST_REFERENCE: Final = 1000


def country_geometry(arrays: dict[str, NDArray[Any]], country_index: int) -> Any:
    """Return the shapely MultiPolygon of a country, longitude first."""
    import shapely

    first, end = arrays["country_polygons"][country_index : country_index + 2].tolist()
    rings = arrays["polygon_rings"][first : end + 1]
    points = arrays["ring_points"][rings[0] : rings[-1] + 1]
    return shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON,
        arrays["points"][points[0] : points[-1]],
        (points - points[0], rings - rings[0], np.array([0, end - first])),
    )[0]
