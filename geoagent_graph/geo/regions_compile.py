"""Compiles the shipped table of regions into the arrays of a `RegionTable`."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.string_table import pack_lists, pack_strings

_COUNTRY: Final = "country"


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One row of the shipped table.

    `name` is English; `keys` are the folded names in all languages, with and without the word for
    the kind of region (`region_names.region_keys`), of which there are `name_count` spellings.
    """

    id: str
    kind: str
    country_codes: str
    lat_deg: float
    lon_deg: float
    radius_km: float
    population: int
    towns_region: str
    outer: str
    name_count: int
    name: str
    keys: tuple[str, ...]


def compile_regions(progress: Callable[[float, str], None]) -> dict[str, NDArray[Any]]:
    """Return the arrays of the regions; takes some seconds."""
    progress(0.0, "reading the names of regions")
    every = sorted(read_rows(), key=lambda row: -row.population)
    rows = [row for row in every if row.kind != _COUNTRY]
    countries = _country_names([row for row in every if row.kind == _COUNTRY])
    keys: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        for key in row.keys:
            keys.setdefault(key, []).append(number)
    progress(0.8, "sorting the names of regions")
    texts = [
        "\t".join((row.kind, row.country_codes, row.towns_region, row.id, row.outer, row.name))
        for row in rows
    ]
    text_blob, text_starts = pack_strings(texts)
    progress(1.0, "table of regions ready")
    packed = pack_lists(sorted(countries), countries)
    return (
        pack_lists(sorted(keys), keys)
        | {f"country_{k}": v for k, v in packed.items()}
        | {
            "text_blob": text_blob,
            "text_starts": text_starts,
            "lat_deg": np.array([row.lat_deg for row in rows]),
            "lon_deg": np.array([row.lon_deg for row in rows]),
            "radius_km": np.array([row.radius_km for row in rows]),
            "population": np.array([row.population for row in rows], dtype=np.int64),
            "name_count": np.array([row.name_count for row in rows], dtype=np.int32),
        }
    )


def _country_names(rows: list[RegionRow]) -> dict[str, list[int]]:
    """Return folded name -> country indices, from the rows of countries.

    More than a sign may be read by (`countries.country_names`): here someone asks for a place.
    """
    index = {code: number for number, code in enumerate(country_codes())}
    names: dict[str, list[int]] = {}
    for row in rows:
        for key in row.keys:
            names.setdefault(key, []).append(index[row.country_codes])
    return names


def read_rows() -> Iterator[RegionRow]:
    """Yield the rows of the shipped table."""
    folder = resources.files("geoagent_graph") / "data" / "regions"
    text = gzip.decompress((folder / "regions.tsv.gz").read_bytes()).decode()
    for row in csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        number, kind, codes, lat, lon, radius, people, towns_region, outer, count, name, keys = row
        yield RegionRow(
            number, kind, codes, float(lat), float(lon), float(radius), int(people), towns_region,
            outer, int(count), name, tuple(keys.split("|")),
        )  # fmt: skip
