"""Compiles the shipped table of regions into the arrays of a `RegionTable`."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.region_names import region_keys
from geoagent_graph.geo.string_table import pack_lists, pack_strings


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One row of the shipped table; `names` start with the English one."""

    id: str
    kind: str
    country_codes: str
    lat_deg: float
    lon_deg: float
    radius_km: float
    population: int
    towns_region: str
    outer: str
    names: tuple[str, ...]


def compile_regions(progress: Callable[[float, str], None]) -> dict[str, NDArray[Any]]:
    """Return the arrays of the regions; takes some seconds."""
    progress(0.0, "reading the names of regions")
    rows = sorted(read_rows(), key=lambda row: -row.population)
    keys: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        for key in dict.fromkeys(key for name in row.names for key in region_keys(name)):
            keys.setdefault(key, []).append(number)
    progress(0.8, "sorting the names of regions")
    texts = [
        "\t".join((row.kind, row.country_codes, row.towns_region, row.id, row.outer, row.names[0]))
        for row in rows
    ]
    text_blob, text_starts = pack_strings(texts)
    progress(1.0, "table of regions ready")
    return pack_lists(sorted(keys), keys) | {
        "text_blob": text_blob,
        "text_starts": text_starts,
        "lat_deg": np.array([row.lat_deg for row in rows]),
        "lon_deg": np.array([row.lon_deg for row in rows]),
        "radius_km": np.array([row.radius_km for row in rows]),
        "population": np.array([row.population for row in rows], dtype=np.int64),
        "name_count": np.array([len(row.names) for row in rows], dtype=np.int32),
    }


def read_rows() -> Iterator[RegionRow]:
    """Yield the rows of the shipped table."""
    folder = resources.files("geoagent_graph") / "data" / "regions"
    text = gzip.decompress((folder / "regions.tsv.gz").read_bytes()).decode()
    for row in csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        number, kind, codes, lat, lon, radius, people, towns_region, outer, names = row
        yield RegionRow(
            number, kind, codes, float(lat), float(lon), float(radius), int(people), towns_region,
            outer, tuple(names.split("|")),
        )  # fmt: skip
