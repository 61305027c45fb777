"""The arrays of a gazetteer, from a handful of towns."""

import itertools

import numpy as np

from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.gazetteer_compile import (
    _alias_arrays,
    _country_arrays,
    _order_from_behind,
    _row_order,
    _town_columns,
)
from geoagent_graph.geo.string_table import StringTable
from geoagent_graph.geo.towns import Towns

TOWNS = Towns(
    geonames_id=[11, 12, 13, 14],
    name=["Porto", "Lisbon", "Madrid", "Porto"],
    lat_deg=[41.15, 38.72, 40.42, 42.0],
    lon_deg=[-8.61, -9.14, -3.70, -7.0],
    country=["PT", "PT", "ES", "ES"],
    admin1=["17", "14", "29", ""],
    population=[200, 500, 3000, 5],
    keys=[("porto", "oporto"), ("lisbon", "lisboa"), ("madrid",), ("porto",)],
    region=["Porto", "Lisbon", "Madrid", ""],
)


def test_rows_are_ordered_by_country_then_population() -> None:
    assert [TOWNS.name[row] for row in _row_order(TOWNS)] == ["Madrid", "Porto", "Lisbon", "Porto"]
    assert [TOWNS.geonames_id[row] for row in _row_order(TOWNS)] == [13, 14, 12, 11]


def test_columns_follow_the_order() -> None:
    columns = _town_columns(TOWNS, _row_order(TOWNS))
    assert columns["geonames_id"].tolist() == [13, 14, 12, 11]
    codes = country_codes()
    assert [codes[index] for index in columns["country_index"]] == ["ES", "ES", "PT", "PT"]
    regions = StringTable(columns["region_blob"], columns["region_starts"])
    assert [regions[index] for index in columns["region_index"]] == [
        "Madrid",
        "",
        "Lisbon",
        "Porto",
    ]


def test_a_name_leads_to_its_towns_the_most_populous_first() -> None:
    arrays = _alias_arrays(TOWNS, _row_order(TOWNS))
    table = StringTable(arrays["alias_blob"], arrays["alias_starts"])
    names = [table[index] for index in range(len(table))]
    assert names == ["lisboa", "lisbon", "madrid", "oporto", "porto"]
    starts = arrays["alias_list_starts"]
    lists = [arrays["alias_lists"][a:b].tolist() for a, b in itertools.pairwise(starts)]
    assert dict(zip(names, lists, strict=True)) == {
        "lisboa": [2],
        "lisbon": [2],
        "madrid": [0],
        "oporto": [3],
        "porto": [3, 1],
    }


def test_names_are_ordered_from_behind() -> None:
    assert _order_from_behind(["ab", "ba", "ca"]).tolist() == [1, 2, 0]


def test_countries_lie_where_their_people_are() -> None:
    arrays = _country_arrays(_town_columns(TOWNS, _row_order(TOWNS)))
    index = {code: number for number, code in enumerate(country_codes())}
    spain = arrays["country_centre_deg"][index["ES"]]
    assert np.abs(spain - [40.42, -3.70]).max() < 0.05
    assert arrays["country_centre_deg"][index["AQ"]].tolist() == [-77.85, 166.67]
