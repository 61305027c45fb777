"""The towns that stand for each dialling area, compiled: finding them by name takes 2.4 s."""

import zlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.phones.area_table import area_table
from geoagent_graph.evidence.towns import Indices


@dataclass(frozen=True, slots=True, eq=False)
class PlacedAreas:
    """The areas of all countries, in turn, as `dialling_areas.sites_by_name` finds them.

    `texts` says which of the descriptions of the table of prefixes each area has, `counts` how many
    of `towns` it has. `area_starts` and `town_starts` say where the country of each of `regions`,
    ISO codes, begins; both have one more at the end. `towns_key` is that of the gazetteer.
    """

    towns_key: int
    regions: tuple[str, ...]
    area_starts: NDArray[np.int64]
    town_starts: NDArray[np.int64]
    texts: NDArray[np.uint16]
    counts: NDArray[np.uint8]
    towns: NDArray[np.int32]

    def sites_of(self, region: str, geonames_id: NDArray[np.int64]) -> dict[str, Indices] | None:
        """Return description -> rows of towns; None where the gazetteer has other towns than here.

        Args:
            region: the ISO code of a country; one without an area that is known gives an empty one.
            geonames_id: of the towns of the gazetteer, row by row.
        """
        if towns_key_of(geonames_id) != self.towns_key:
            return None
        if region not in self.regions:
            return {}
        row = self.regions.index(region)
        areas = slice(*self.area_starts[row : row + 2].tolist())
        towns = self.towns[slice(*self.town_starts[row : row + 2].tolist())].astype(np.int64)
        ends = np.cumsum(self.counts[areas], dtype=np.int64)
        descriptions = area_table().descriptions
        texts = [descriptions[text] for text in self.texts[areas].tolist()]
        return dict(zip(texts, np.split(towns, ends[:-1]), strict=True))


def towns_key_of(geonames_id: NDArray[np.int64]) -> int:
    """Return a number that tells one list of towns from another."""
    return zlib.crc32(np.ascontiguousarray(geonames_id).data)


@cache
def load_placed_areas() -> PlacedAreas:
    """Return the table that ships, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "placed_areas.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return PlacedAreas(
            int(stored["towns_key"]),
            tuple(stored["regions"].tolist()),
            stored["area_starts"],
            stored["town_starts"],
            stored["texts"],
            stored["counts"],
            stored["towns"],
        )
