"""The position a file claims: true for most files, a mistake or a lie for some."""

import math
from collections.abc import Sequence

from geoagent_graph.evidence.point_components import PointClaim, point_claim
from geoagent_graph.evidence.tables import fitted
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.types import Clue


def exif_claim(
    clues: Sequence[Clue], town_table: TownTable, prior: Floats
) -> tuple[PointClaim, Clue] | None:
    """Return the claimed position and its clue; None when the file claims none that can be used."""
    weights = fitted("exif")
    for clue in clues:
        if clue.kind != "exif_position":
            continue
        try:
            lat_deg = float(clue.attributes["lat_deg"])
            lon_deg = float(clue.attributes["lon_deg"])
        except (KeyError, ValueError):
            continue
        if not (math.isfinite(lat_deg) and math.isfinite(lon_deg)):
            continue
        if abs(lat_deg) > 90 or abs(lon_deg) > 180:
            continue
        true = 1.0 - weights["false"]
        return point_claim(town_table, prior, lat_deg, lon_deg, true, weights["scale_km"]), clue
    return None
