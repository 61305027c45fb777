"""Who holds and who claims land that several states claim."""

import pytest
import shapely

from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.disputes import DisputedArea, DisputedAreas, load_disputed_areas


@pytest.fixture(scope="module")
def areas() -> DisputedAreas:
    return load_disputed_areas()


@pytest.mark.parametrize(
    ("lat", "lon", "name", "held_by", "claimed_by"),
    [
        (27.1536, -13.2033, "Western Sahara west of the berm", "MA", "EH"),
        (26.158, -10.567, "Western Sahara east of the berm", "Sahrawi Republic", "MA"),
        (44.95, 34.10, "Crimea", "RU", "UA"),
        (42.66, 21.16, "Kosovo", "XK", "RS"),
        (35.34, 33.32, "Northern Cyprus", "Northern Cyprus", "CY"),
        (25.03, 121.56, "Taiwan", "TW", "CN"),
        (33.00, 35.75, "Golan Heights", "IL", "SY"),
        (34.08, 74.80, "Jammu and Kashmir", "IN", "PK"),
        (35.20, 79.20, "Aksai Chin", "CN", "IN"),
        (43.00, 41.02, "Abkhazia", "Abkhazia", "GE"),
        (42.225, 43.97, "South Ossetia", "South Ossetia", "GE"),
        (46.84, 29.63, "Transnistria", "Transnistria", "MD"),
        (9.56, 44.06, "Somaliland", "Somaliland", "SO"),
        (31.90, 35.20, "West Bank", "IL", "PS"),
        (31.50, 34.46, "Gaza Strip", "PS", "PS"),
        (22.22, 36.62, "Hala'ib Triangle", "EG", "SD"),
        (9.60, 28.43, "Abyei", "SD", "SS"),
        (-51.70, -57.85, "Falkland Islands", "GB", "AR"),
        (44.03, 145.86, "Southern Kuril Islands", "RU", "JP"),
        (6.00, -60.00, "Essequibo", "GY", "VE"),
    ],
)
def test_disputed_land_names_its_states(
    areas: DisputedAreas, lat: float, lon: float, name: str, held_by: str, claimed_by: str
) -> None:
    found = areas.at(lat, lon)
    assert found is not None
    assert found.name == name
    assert held_by in found.held_by
    assert claimed_by in found.claimed_by


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(48.85, 2.35), (41.72, 44.79), (50.45, 30.52), (47.01, 28.86), (35.17, 33.36), (90.0, 0.0)],
)
def test_other_land_is_not_disputed(areas: DisputedAreas, lat: float, lon: float) -> None:
    assert areas.at(lat, lon) is None


def test_claims_are_countries(areas: DisputedAreas) -> None:
    assert {code for area in areas._areas for code in area.claimed_by} <= set(country_codes())
    assert all(area.held_by for area in areas._areas)


def test_the_date_line_belongs_to_the_west() -> None:
    area = DisputedArea("strip", ("NZ",), ("NZ",), True)
    strip = DisputedAreas([(area, shapely.box(-180.0, -10.0, -170.0, 10.0))])
    assert strip.at(0.0, 180.0) == area
    assert strip.at(0.0, 179.0) is None
