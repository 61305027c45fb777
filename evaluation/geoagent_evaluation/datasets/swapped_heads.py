"""Whether the heads of latitude and longitude are swapped in a table."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from geoagent_evaluation.datasets.populated_cells import are_populated

# Set by hand: in the coordinates of IM2GPS3K 99.8 % of points lie in a cell with a town and 21 %
# after swapping; in parts of it, Europe is the nearest case (100 % and 49 %).
MIN_DIFFERENCE: Final = 0.3
MIN_POINTS: Final = 5


def has_swapped_heads(lat: Sequence[float], lon: Sequence[float]) -> bool:
    """Say whether far more points lie near a town when latitude and longitude change places.

    A point out of range is near no town, so a single wrong latitude does not swap a table. Fewer
    than five points must be out of range as they stand.
    """
    if not lat:
        return False
    as_named = are_populated(lat, lon).mean()
    exchanged = are_populated(lon, lat).mean()
    if len(lat) < MIN_POINTS and bool(np.all(np.abs(np.asarray(lat)) <= 90)):
        return False
    return bool(exchanged - as_named >= MIN_DIFFERENCE)
