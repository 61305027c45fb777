"""The GeoCLIP embedding of every town: computed once on a machine, shared by its processes.

Half the precision of what is computed, 240 MB on disk, mapped: a process that scores photos has
the pages in common with all others. The table belongs to one file of weights and one table of
towns, and is computed anew when either changes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.table_cache import open_or_build
from geoagent_graph.perception.geoclip import DIMENSION, FILE_NAME, GeoClip
from geoagent_graph.weights.catalogue import find_entry
from geoagent_graph.weights.store import WeightStore

if TYPE_CHECKING:
    from pathlib import Path

    from geoagent_graph.geo.gazetteer import Gazetteer
    from geoagent_graph.settings import Settings

Progress = Callable[[float, str], None]

WEIGHTS_NAME: Final = "geoclip"
TABLE_NAME: Final = "geoclip-towns.table"
_TABLE_FORMAT: Final = 1
_BATCH_TOWNS: Final = 2048  # 60 MB of activations
_SCORED_TOWNS: Final = 16_384  # made single precision at a time: 34 MB
_SIZE_MB: Final = 250


@dataclass(frozen=True, eq=False)
class TownEmbeddings:
    """Unit vectors of all towns, [towns, 512], in the gazetteer's order; `scale` is GeoCLIP's."""

    vectors: NDArray[np.float16]
    scale: float

    def cosines(self, photos: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how well a photo's unit vector, [512] or [n, 512], goes with each town.

        The shape is [towns] or [n, towns].
        """
        found = np.empty((*photos.shape[:-1], len(self.vectors)), np.float32)
        for start in range(0, len(self.vectors), _SCORED_TOWNS):
            part = self.vectors[start : start + _SCORED_TOWNS].astype(np.float32)
            found[..., start : start + _SCORED_TOWNS] = photos @ part.T
        return found


def open_town_embeddings(
    gazetteer: "Gazetteer", settings: "Settings", progress: Progress | None = None
) -> TownEmbeddings:
    """Return the table of this machine; the first call ever computes it in a minute or two.

    Args:
        gazetteer: the towns.
        settings: where weights and tables lie.
        progress: called with the share done, 0 to 1, and what is being done.

    Raises:
        InputError: the weights are not on this machine.
        ToolError: the weights are damaged.
        GazetteerError: the table must be computed and cannot be written.
    """
    store = WeightStore(settings.weights_dir)
    path = store.require(find_entry(WEIGHTS_NAME)) / FILE_NAME
    pin = store.pin(WEIGHTS_NAME)
    weights = pin.files[FILE_NAME].sha256 if pin is not None else ""
    manifest = {"format": _TABLE_FORMAT, "weights": weights, "towns": _digest_of_towns(gazetteer)}
    arrays = open_or_build(
        settings.cache_dir / TABLE_NAME,
        manifest,
        lambda report: _compute_table(path, gazetteer, report),
        progress,
        size_mb=_SIZE_MB,
    )
    return TownEmbeddings(arrays["vectors"], float(arrays["scale"][0]))


def _digest_of_towns(gazetteer: "Gazetteer") -> str:
    digest = hashlib.sha256()
    for degrees in (gazetteer.lat_deg, gazetteer.lon_deg):
        digest.update(np.ascontiguousarray(degrees, "<f8").tobytes())
    return digest.hexdigest()


def _compute_table(
    path: "Path", gazetteer: "Gazetteer", report: Progress
) -> dict[str, NDArray[Any]]:
    model = GeoClip(path)
    lat_deg = np.asarray(gazetteer.lat_deg, np.float64)
    lon_deg = np.asarray(gazetteer.lon_deg, np.float64)
    vectors = np.empty((len(lat_deg), DIMENSION), "<f2")
    for start in range(0, len(lat_deg), _BATCH_TOWNS):
        report(start / len(lat_deg), "computing GeoCLIP's table of all towns, once on this machine")
        batch = slice(start, start + _BATCH_TOWNS)
        vectors[batch] = model.embed_points(lat_deg[batch], lon_deg[batch])
    report(1.0, "GeoCLIP's table of all towns is computed")
    return {"vectors": vectors, "scale": np.array([model.scale], "<f8")}
