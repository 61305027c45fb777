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
        "geonames_id", "distance_km", "country_source",
    }  # fmt: skip


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
