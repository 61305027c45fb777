"""What a later part of a name says of where the place lies."""

import pytest

from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.qualifiers import Qualifiers, split_postal_code
from geoagent_graph.geo.regions import RegionTable


@pytest.mark.parametrize(
    ("field", "parts"),
    [
        ("WA 6330", ("WA", "6330")), ("TX 75460-1234", ("TX", "75460-1234")),
        ("ON M5V 2T6", ("ON", "M5V 2T6")), ("28013 Madrid", ("Madrid", "28013")),
        ("London SW1A 2AA", ("London", "SW1A 2AA")), ("D-80331 München", ("München", "D-80331")),
        ("Bayern", ("Bayern", "")), ("101 Strada", ("101 Strada", "")),
    ],
)  # fmt: skip
def test_a_postal_code_is_taken_off(field: str, parts: tuple[str, str]) -> None:
    assert split_postal_code(field) == parts


@pytest.fixture(scope="module")
def qualifiers(gazetteer: Gazetteer, regions: RegionTable) -> Qualifiers:
    return Qualifiers(gazetteer, regions)


def test_a_field_keeps_all_its_meanings(qualifiers: Qualifiers) -> None:
    areas = qualifiers.areas("CA")
    assert "CA" in {area.country_code for area in areas}
    assert "US-CA" in {area.region.id for area in areas if area.region}
    assert qualifiers.areas("Europe")[0].continent_code == "EU"
    assert qualifiers.areas("Foobarstan") == []


def test_a_postal_code_chooses_among_states(qualifiers: Qualifiers) -> None:
    for code, country in (("6330", "AU"), ("98101", "US")):
        areas = qualifiers.coded_regions("WA", code)
        assert {area.region.country_codes[0] for area in areas if area.region} == {country}


def test_towns_and_regions_lie_in_areas(
    qualifiers: Qualifiers, gazetteer: Gazetteer, regions: RegionTable
) -> None:
    munich = int(gazetteer.matches("munich")[0])
    (bavaria, *_) = [area for area in qualifiers.areas("Bayern") if area.region]
    assert qualifiers.holds_town(bavaria, munich)
    assert not any(qualifiers.holds_town(area, munich) for area in qualifiers.areas("Hessen"))
    franconia = regions.region(regions.matches("mittelfranken")[0])
    assert qualifiers.holds_region(bavaria, franconia)
    assert bavaria.region is not None
    assert not qualifiers.holds_region(bavaria, bavaria.region)
    assert qualifiers.holds_region(qualifiers.areas("Europe")[0], bavaria.region)
