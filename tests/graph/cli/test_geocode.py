"""`geoagent reverse` and `geoagent forward`: places of points and of names."""

import json

import pytest

from tests.support.scripted_cli import run


def test_a_point_across_the_date_line_with_negative_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("reverse", "-16.8", "-179.99") == 0
    assert capsys.readouterr().out.startswith("Fiji (FJ, OC)")


def test_a_point_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("reverse", "67.732", "18.741", "--json") == 0
    point = json.loads(capsys.readouterr().out)
    assert point["country_code"] == "SE"
    assert set(point) == {
        "lat_deg", "lon_deg", "continent_code", "country_code", "country", "region", "city",
        "geonames_id", "distance_km", "country_source", "border", "at_sea", "nearest_land",
        "disputed", "forms",
    }  # fmt: skip


def test_disputed_land_names_the_town_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("reverse", "27.1536", "-13.2033") == 0
    first, dispute, forms = capsys.readouterr().out.splitlines()
    assert first.startswith("Western Sahara (EH, AF), by polygon; nearest town Laayoune, ")
    assert first.endswith(" 2.0 km away")
    assert "held by Morocco" in dispute
    assert forms.startswith("27.153600, -13.203300  27°09'13.0\"N 13°12'11.9\"W  28RFR")


@pytest.mark.parametrize(
    "position",
    ["41°33'05\"N 8°25'23\"W", "8CHHHH2G+HQ", "geo:41.5514,-8.4231", "29TNG 48115 00130",
     "41,5514 -8,4231"],
)  # fmt: skip
def test_a_point_is_read_in_many_forms(capsys: pytest.CaptureFixture[str], position: str) -> None:
    assert run("reverse", position) == 0
    assert capsys.readouterr().out.startswith("Portugal (PT, EU), by polygon; nearest town Braga")


@pytest.mark.parametrize(
    "point",
    [("91", "0"), ("0", "-180.5"), ("nan", "0"), ("0", "inf"), ("1e999", "0"), ("north", "0"),
     ("1",), ("1", "2", "3"), ("1", "2", "--jsn")],
)  # fmt: skip
def test_what_is_no_point_is_wrong_usage_in_one_line(
    capsys: pytest.CaptureFixture[str], point: tuple[str, ...]
) -> None:
    assert run("reverse", *point) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "country"),
    [(["Türkiye"], "TR"), (["東京"], "JP"), (["New", "York"], "US"), (["Москва"], "RU")],
)
def test_names_in_many_scripts(
    capsys: pytest.CaptureFixture[str], words: list[str], country: str
) -> None:
    assert run("geocode", *words, "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["country_code"] == country


def test_places_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("geocode", "München", "--limit", "1") == 0
    assert capsys.readouterr().out.startswith("Munich, Bavaria, Germany (city): 48.")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Bavaria", "Bavaria, Germany (region, state)"), ("NYC", "New York City, New York"),
        ("LA", "Los Angeles, California"), ("London, ON", "London, Ontario, Canada"),
        ("Georgia, USA", "Georgia, United States (region, state)"),
    ],
)  # fmt: skip
def test_regions_and_short_names(capsys: pytest.CaptureFixture[str], words: str, name: str) -> None:
    assert run("geocode", words) == 0
    assert capsys.readouterr().out.startswith(name)


def test_a_street_and_an_ambiguous_name_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("geocode", "Rua Augusta, Lisboa", "--limit", "1") == 0
    town, not_used = capsys.readouterr().out.splitlines()
    assert town.startswith("Lisbon, ")
    assert not_used == "Not used: Rua Augusta; this is the town, not the address."
    assert run("geocode", "Georgia") == 0
    assert 'name another in full, as "Georgia, United States"' in capsys.readouterr().out
    assert run("geocode", "Georgia", "--json") == 0
    places = json.loads(capsys.readouterr().out)
    assert [place["ambiguous"] for place in places[:2]] == [True, True]
    assert places[1]["full_name"] == "Georgia, United States"


def test_a_name_of_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("geocode", "qwxzvjk") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("geoagent: error: qwxzvjk: no place of this name")
    assert run("geocode", "qwxzvjk", "--json") == 1
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("name", ["", " ", "x" * 501])
def test_a_name_that_is_none(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run("geocode", name) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
