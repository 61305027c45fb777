"""Two tables of towns made one: names, regions, and who is the same town."""

from collections import Counter

import numpy as np
import pytest

from geoagent_graph.geo.towns import (
    Towns,
    _is_noise,
    _majority_name,
    _match_towns,
    _name_keys,
    _OldTown,
    _region_names,
)


def towns() -> Towns:
    return Towns(
        geonames_id=[1, 2, 3],
        name=["Porto", "Vila Nova de Gaia", "Valença"],
        lat_deg=[41.15, 41.13, 42.03],
        lon_deg=[-8.61, -8.61, -8.64],
        country=["PT", "PT", "PT"],
        admin1=["17", "17", "20"],
        population=[3, 2, 1],
        keys=[("porto", "oporto"), ("vila nova de gaia", "gaia"), ("valenca",)],
    )


OLD = [
    _OldTown(1, 41.149, -8.612, "Oporto", "Porto", "PT"),
    _OldTown(2, 41.15, -8.61, "Porto", "Porto", "ES"),  # the same name in another country
    _OldTown(3, 43.0, -8.0, "Gaia", "Galicia", "PT"),  # the same name too far away
]


def test_the_same_town_has_the_same_country_name_and_neighbourhood() -> None:
    matched, chords = _match_towns(towns(), OLD)
    assert matched.tolist() == [0, -1, -1]
    assert chords[0] < 1e-4
    assert np.isinf(chords[2])


def test_regions_are_named_by_the_towns_that_both_tables_have() -> None:
    table = towns()
    matched, _ = _match_towns(table, OLD)
    # the third, alone in its division, has that of the nearest old town of the country, 98 km off
    assert _region_names(table, OLD, matched) == ["Porto", "Porto", "Porto"]
    table.lat_deg[2] = 45.0
    assert _region_names(table, OLD, matched) == ["Porto", "Porto", ""]


def test_a_code_has_the_name_that_nearly_all_its_towns_have() -> None:
    assert _majority_name(Counter({"Norte": 8, "Centro": 2})) == "Norte"
    assert _majority_name(Counter({"Norte": 7, "Centro": 3})) == ""


@pytest.mark.parametrize("alias", ["swldw", "OPO", "LPPR", "4000", "X"])
def test_codes_numbers_and_transliterations_are_no_names(alias: str) -> None:
    assert _is_noise(alias)


@pytest.mark.parametrize("alias", ["Porto", "ポルト", "порту", "New York"])
def test_names_are_names(alias: str) -> None:
    assert not _is_noise(alias)


def test_the_keys_of_a_town_begin_with_its_own_name_and_are_no_doubles() -> None:
    keys = _name_keys("Köln", ["Cologne", "KOELN STADT", "CGN", "Koln"], {})
    assert keys[:2] == ("koln", "koeln")
    assert "cologne" in keys
    assert "cgn" not in keys
    assert len(set(keys)) == len(keys)
