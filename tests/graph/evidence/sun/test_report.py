"""What the sun says of the place, of the time, or of both."""

from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.sun.report import SunQuestion, SunReport, sun_report
from geoagent_graph.sun_marks import MarkedPhoto
from tests.support.evidence_cases import model

PHOTO = MarkedPhoto(width=4000, height=3000)
BRAGA = {"lat_deg": 41.55, "lon_deg": -8.42}


def report(said: dict[str, Any], **more: Any) -> SunReport:
    question = SunQuestion.model_validate({"said": {"kind": "sun_position", **said}, **more})
    return sun_report(question, PHOTO, model())


def test_a_time_gives_countries_and_bits() -> None:
    # the sun over Braga at that time: 55 degrees high, bearing 114
    said = {"elevation_deg": 56.0, "azimuth_deg": 114.0, "time": "2024-06-21T10:30Z"}
    found = report(said)
    assert "PT" in {country.country_code for country in found.countries[:3]}
    assert found.bits is not None
    assert found.bits > 2.0
    assert found.at_place is None
    height = report({"elevation_deg": 56.0, "time": "2024-06-21T10:30Z"})
    assert height.bits is not None
    assert height.bits < found.bits


def test_a_place_gives_the_times_of_a_day_and_of_the_year() -> None:
    day = report({"elevation_deg": 35.0}, day="2024-06-21", **BRAGA)
    assert day.zone == "Europe/Lisbon"
    assert [span.best[:13] for span in day.days[0].spans] == ["2024-06-21T09", "2024-06-21T17"]
    assert day.dates == ()
    year = report({"elevation_deg": 71.0, "error_deg": 1.0}, **BRAGA)
    assert [row.day[5:7] for row in year.days] == ["05", "06", "07"]
    ((first, last),) = year.dates
    assert first < "2025-06-21" < last


def test_place_and_time_are_compared() -> None:
    right = report({"elevation_deg": 56.0, "time": "2024-06-21T10:30Z"}, **BRAGA)
    assert right.at_place is not None
    assert right.at_place.fits
    assert right.at_place.azimuth_deg == pytest.approx(114.0, abs=3.0)
    local = report({"elevation_deg": 56.0, "time": "2024-06-21T11:30"}, **BRAGA)
    assert local.at_place is not None
    assert local.at_place.elevation_deg == pytest.approx(right.at_place.elevation_deg)
    wrong = report({"elevation_deg": 20.0, "time": "2024-06-21T10:30Z"}, **BRAGA)
    assert wrong.at_place is not None
    assert not wrong.at_place.fits
    night = report({"elevation_deg": 20.0, "time": "2024-06-21T01:30Z"}, **BRAGA)
    assert night.at_place is not None
    assert night.at_place.deviations is None


@pytest.mark.parametrize("day", ["soon", "1700-01-01", "2024-02-30"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(InputError, match=r"no day|year must be"):
        report({"elevation_deg": 35.0}, day=day, **BRAGA)


def test_without_an_evidence_model_the_height_and_times_in_utc_are_said() -> None:
    question = SunQuestion.model_validate(
        {"said": {"kind": "sun_position", "elevation_deg": 35.0}, "day": "2024-06-21", **BRAGA}
    )
    found = sun_report(question, PHOTO, None)
    assert found.zone == "UTC"
    assert found.days[0].spans[0].best.endswith("+00:00")
