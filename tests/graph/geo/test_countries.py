"""The table of countries and the names people use for them."""

from geoagent_graph.geo.countries import (
    continent_names,
    country_codes,
    country_names,
    load_countries,
    numeric_codes,
    us_states,
)
from geoagent_graph.geo.names import fold


def test_every_code_is_there_once_in_order_and_dissolved_countries_are_not() -> None:
    codes = country_codes()
    assert list(codes) == sorted(set(codes))
    assert len(codes) == 250
    assert "XK" in codes
    assert not {"AN", "CS"} & set(codes)


def test_countries_stand_where_they_are_put() -> None:
    centres = dict.fromkeys(country_codes(), (1.0, 2.0))
    countries = {country.code: country for country in load_countries(centres)}
    portugal = countries["PT"]
    assert (portugal.lat_deg, portugal.lon_deg) == (1.0, 2.0)
    assert (portugal.iso3, portugal.tld, portugal.currency_code) == ("PRT", ".pt", "EUR")
    assert portugal.calling_codes == ("351",)
    assert portugal.neighbours == ("ES",)
    assert portugal.languages[0] == "pt-PT"


def test_calling_codes_are_digits_and_several_where_there_are_several() -> None:
    countries = {c.code: c for c in load_countries(dict.fromkeys(country_codes(), (0.0, 0.0)))}
    assert countries["DO"].calling_codes == ("1809", "1829")
    assert countries["XK"].calling_codes == ("383",)
    assert all(code.isdigit() for c in countries.values() for code in c.calling_codes)


def test_numeric_codes_are_those_of_iso_3166() -> None:
    codes = numeric_codes()
    assert (codes[620], codes[840], codes[392]) == ("PT", "US", "JP")


def test_continents_and_states_have_names() -> None:
    assert continent_names()["EU"] == "Europe"
    assert set(continent_names()) == {"AF", "AN", "AS", "EU", "NA", "OC", "SA"}
    assert us_states()["TX"] == "Texas"


def test_country_names_are_folded_and_mean_the_likeliest_first() -> None:
    names = country_names()
    assert all(name == fold(name) and name for name in names)
    assert names[fold("Deutschland")] == ["DE"]
    assert names[fold("Congo")] == ["CD", "CG"]
    assert "toko" not in names  # a shop in Indonesian, Tokelau in Lingala
