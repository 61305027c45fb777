"""Land that more than one state claims: who holds a point, and who claims it.

Outlines from Natural Earth's units, or drawn by hand and then approximate; made by
tools/compile_disputes.py. Facts of who governs, no judgement of who should.
"""

import gzip
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class DisputedArea:
    """An area and its states, ISO 3166-1 codes where they have one.

    `held_by`: who governs, several where each holds a part; a name where the state has no code,
    "nobody", or "Antarctic Treaty". `is_approximate`: the outline is good to some 10 km only.
    """

    name: str
    held_by: tuple[str, ...]
    claimed_by: tuple[str, ...]
    is_approximate: bool


class DisputedAreas:
    """All areas with their outlines; thread-safe once built."""

    def __init__(self, areas: list[tuple[DisputedArea, Any]]) -> None:
        """Take areas with their shapely outlines, longitude first."""
        import shapely

        self._areas = [area for area, _ in areas]
        self._outlines = [outline for _, outline in areas]
        shapely.prepare(self._outlines)

    def at(self, lat_deg: float, lon_deg: float) -> DisputedArea | None:
        """Return the area a point lies in, None where nobody disputes it."""
        import shapely

        # outlines and points alike end at the date line from the west
        lon_deg = -180.0 if lon_deg == 180.0 else lon_deg
        held = shapely.intersects_xy(self._outlines, lon_deg, lat_deg)
        return next((area for area, here in zip(self._areas, held, strict=True) if here), None)


def load_disputed_areas() -> DisputedAreas:
    """Return the areas that ship with the package."""
    import shapely

    path = resources.files("geoagent_graph") / "data" / "natural_earth" / "disputes.json.gz"
    records = json.loads(gzip.decompress(path.read_bytes()))["areas"]
    return DisputedAreas(
        [
            (
                DisputedArea(
                    name=record["name"],
                    held_by=tuple(record["held_by"]),
                    claimed_by=tuple(record["claimed_by"]),
                    is_approximate=record["is_approximate"],
                ),
                shapely.from_geojson(json.dumps(record["outline"])),
            )
            for record in records
        ]
    )
