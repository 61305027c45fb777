"""Compiles the place tables of other packages into the arrays of a `Gazetteer`."""

from array import array
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.countries import country_codes, country_names
from geoagent_graph.geo.sphere import coordinates, unit_vectors
from geoagent_graph.geo.string_table import pack_lists, pack_strings
from geoagent_graph.geo.towns import Towns, load_towns

Progress = Callable[[float, str], None]

# Countries without a town: Bouvet, Heard and McDonald, US outlying islands (Wake), Antarctica.
_TOWNLESS_CENTRES_DEG: Final = {
    "BV": (-54.42, 3.36),
    "HM": (-53.08, 73.5),
    "UM": (19.28, 166.65),
    "AQ": (-77.85, 166.67),
}


def compile_gazetteer(progress: Progress) -> dict[str, NDArray[Any]]:
    """Return the arrays of the gazetteer; takes a few seconds and about 400 MB."""
    progress(0.0, "reading the tables of towns")
    towns = load_towns()
    order = _row_order(towns)
    progress(0.6, "sorting their names")
    arrays = _town_columns(towns, order)
    arrays |= _alias_arrays(towns, order)
    progress(0.9, "reading the names of countries")
    arrays |= _country_arrays(arrays)
    progress(1.0, "place table ready")
    return arrays


def _row_order(towns: Towns) -> NDArray[np.int64]:
    """Return the order of the rows: by country, then by population, then by id."""
    return np.lexsort(
        (np.array(towns.geonames_id), -np.array(towns.population), np.array(towns.country))
    )


def _town_columns(towns: Towns, order: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    codes = {code: index for index, code in enumerate(country_codes())}
    region_names = sorted(set(towns.region))
    region_index = {name: index for index, name in enumerate(region_names)}
    name_blob, name_starts = pack_strings(towns.name[row] for row in order.tolist())
    region_blob, region_starts = pack_strings(region_names)
    return {
        "lat_deg": np.array(towns.lat_deg, dtype=np.float64)[order],
        "lon_deg": np.array(towns.lon_deg, dtype=np.float64)[order],
        "population": np.array(towns.population, dtype=np.int64)[order],
        "country_index": np.array([codes[code] for code in towns.country], dtype=np.int16)[order],
        "geonames_id": np.array(towns.geonames_id, dtype=np.int64)[order],
        "region_index": np.array([region_index[r] for r in towns.region], dtype=np.int32)[order],
        "name_blob": name_blob,
        "name_starts": name_starts,
        "region_blob": region_blob,
        "region_starts": region_starts,
    }


def _alias_arrays(towns: Towns, order: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return every folded name with its towns, most populous first, and its order from behind.

    Pairs of numbers instead of a list per name: that would take a hundred megabytes more.
    """
    numbers: dict[str, int] = {}
    pair_name, pair_place = array("i"), array("i")
    for place, row in enumerate(order.tolist()):
        for key in towns.keys[row]:
            pair_name.append(numbers.setdefault(key, len(numbers)))
            pair_place.append(place)
    names = sorted(numbers)
    rank = np.empty(len(names), dtype=np.int32)
    rank[[numbers[name] for name in names]] = np.arange(len(names))
    del numbers
    ranks, places = rank[np.array(pair_name)], np.array(pair_place, dtype=np.int32)
    population = np.array(towns.population)[order]
    sequence = np.lexsort((places, -population[places], ranks))
    blob, starts = pack_strings(names)
    from_behind = _order_from_behind(names)
    return {
        "alias_blob": blob,
        "alias_starts": starts,
        "alias_list_starts": np.searchsorted(
            ranks[sequence], np.arange(len(names) + 1, dtype=np.int32)
        ).astype(np.uint32),
        "alias_lists": places[sequence],
        "alias_from_behind": from_behind,
    }


def _order_from_behind(names: list[str]) -> NDArray[np.int32]:
    """Return the numbers of the names, sorted as if they were written backwards."""
    backwards = [name[::-1] for name in names]
    return np.array(sorted(range(len(names)), key=backwards.__getitem__), dtype=np.int32)


def _country_arrays(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    codes = country_codes()
    index = {code: number for number, code in enumerate(codes)}
    names = {name: [index[code] for code in found] for name, found in country_names().items()}
    packed = pack_lists(sorted(names), names)
    weights = np.maximum(columns["population"], 1).astype(np.float64)
    vectors = unit_vectors(columns["lat_deg"], columns["lon_deg"]) * weights[:, None]
    sums = np.zeros((len(codes), 3))
    np.add.at(sums, columns["country_index"], vectors)
    lat_deg, lon_deg = coordinates(sums)
    for code, centre in _TOWNLESS_CENTRES_DEG.items():
        lat_deg[index[code]], lon_deg[index[code]] = centre
    centres = np.stack([lat_deg, lon_deg], axis=1)
    return {f"country_name_{key}": value for key, value in packed.items()} | {
        "country_centre_deg": centres,
    }
