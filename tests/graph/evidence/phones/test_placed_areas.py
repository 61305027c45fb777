"""The compiled towns of dialling areas are those that the names lead to."""

import numpy as np

from geoagent_graph.evidence.phones.dialling_areas import DiallingAreas, sites_by_name
from geoagent_graph.evidence.phones.placed_areas import load_placed_areas
from tests.support.evidence_cases import model
from tools.compile_placed_areas import sites_of_countries


def test_the_table_is_what_the_names_lead_to() -> None:
    geonames_id = model().town_table.gazetteer.geonames_id
    found = sites_of_countries(model().town_table)  # 2.4 s
    assert load_placed_areas().regions == tuple(found), "python -m tools.compile_placed_areas"
    for region, sites in found.items():
        compiled = load_placed_areas().sites_of(region, geonames_id)
        assert compiled is not None, "python -m tools.compile_placed_areas"
        assert list(compiled) == list(sites), region
        for text, towns in sites.items():
            assert compiled[text].dtype == towns.dtype
            assert compiled[text].tolist() == towns.tolist(), (region, text)


def test_a_country_without_a_known_area_has_none() -> None:
    assert load_placed_areas().sites_of("MC", model().town_table.gazetteer.geonames_id) == {}


def test_with_other_towns_the_areas_are_found_by_their_names() -> None:
    areas = DiallingAreas.of(model().town_table, "AT")
    assert areas.placed is not None
    assert load_placed_areas().sites_of("AT", np.arange(3)) is None
    by_name = DiallingAreas(areas.names, areas.prefixes)
    assert list(by_name.sites) == list(areas.sites)
    assert list(sites_by_name(areas.names, ["Salzburg"])) == ["Salzburg"]
