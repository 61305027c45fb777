"""The table of regions."""

from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.names import fold
from geoagent_graph.geo.regions import RegionTable


def test_a_region_is_found_by_any_of_its_names(regions: RegionTable) -> None:
    assert len(regions) > 20_000
    for name in ("Bavaria", "Bayern", "Бавария", "巴伐利亚"):
        best = regions.region(regions.matches(fold(name))[0])
        assert (best.id, best.towns_region, best.country_codes) == ("DE-BY", "Bavaria", ("DE",))
    assert regions.matches("no such region") == []


def test_letters_mean_every_region_of_that_code(regions: RegionTable) -> None:
    ids = {regions.region(number).id for number in regions.with_code("WA")}
    assert {"US-WA", "AU-WA"} <= ids
    assert regions.with_code("QQQ") == []


def test_every_region_can_be_shown(regions: RegionTable) -> None:
    codes = set(country_codes())
    for number in range(0, len(regions), 97):
        region = regions.region(number)
        assert region.name.strip() == region.name != ""
        assert set(region.country_codes) <= codes
        assert abs(region.lat_deg) <= 90.0
        assert region.radius_km > 0.0
        assert region.name_count > 0


def test_countries_are_known_in_languages_that_no_sign_is_read_by(regions: RegionTable) -> None:
    assert regions.countries_named(fold("थाईलैंड")) == ["TH"]
    assert regions.countries_named("") == []
