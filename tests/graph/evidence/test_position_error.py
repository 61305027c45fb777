"""How far a position may be off and how likely it is false, from what the file says of it."""

import math

import pytest

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.position_error import FilePosition, file_position, rounding_step_deg
from tests.support.evidence_cases import exif_clue, model

WEIGHTS = parameters().exif


def position(
    lat_deg: float = 48.137412, lon_deg: float = 11.575563, said: dict[str, str] | None = None
) -> FilePosition:
    """Return what a file claims with these attributes."""
    clue = exif_clue(lat_deg, lon_deg)
    clue = clue.model_copy(update={"attributes": clue.attributes | (said or {})})
    found = file_position(clue, model().town_table)
    assert found is not None
    return found


def test_a_file_that_does_not_say_is_as_good_as_a_telephone() -> None:
    assert position().error_km == pytest.approx(WEIGHTS.error_m / 1e3)
    assert position().false == WEIGHTS.false


@pytest.mark.parametrize("stated", ["nan", "inf", "", "many"])
def test_an_error_that_is_no_number_is_not_stated(stated: str) -> None:
    assert position(said={"error_m": stated}) == position()


@pytest.mark.parametrize(
    ("said", "error_m"),
    [
        ({"error_m": "65.0"}, 65.0),
        ({"error_m": "0.0"}, WEIGHTS.least_error_m),
        ({"error_m": "-8.0"}, WEIGHTS.least_error_m),
        ({"error_m": "1e12"}, WEIGHTS.most_error_km * 1e3),
        ({"error_m": "30.0", "age_seconds": "100"}, math.hypot(30.0, 100 * WEIGHTS.moved_m_s)),
        ({"error_m": "30.0", "age_seconds": "-100"}, 30.0),
        ({"error_m": "30.0", "age_seconds": "1e9"}, math.hypot(30.0, WEIGHTS.void_km * 1e3)),
        ({"error_m": "30.0", "void": "true"}, math.hypot(30.0, WEIGHTS.void_km * 1e3)),
    ],
)
def test_the_errors_add_up(said: dict[str, str], error_m: float) -> None:
    assert position(said=said).error_km * 1e3 == pytest.approx(error_m)


def test_a_receiver_without_a_fix_is_believed_less() -> None:
    assert position(said={"void": "true"}).false == WEIGHTS.false_void > WEIGHTS.false


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "step_deg"),
    [
        (48.0, 11.0, 1.0),
        (48.5, 11.0, 0.5),
        (48.1, 11.6, 0.1),
        (48 + 8 / 60, 11 + 34 / 60, 1 / 60),
        (48.13, 11.57, 0.01),
        (-33.449, -70.669, 1e-3),
        (48 + 8 / 60 + 14 / 3600, 11 + 34 / 60 + 31 / 3600, 1 / 3600),
        (48.1374, 11.5755, 1e-4),
        (48.0, 11.575563, 0.0),
    ],
)
def test_digits_tell_how_a_position_was_rounded(
    lat_deg: float, lon_deg: float, step_deg: float
) -> None:
    assert rounding_step_deg(round(lat_deg, 6), round(lon_deg, 6)) == step_deg


def test_a_rounded_position_is_as_wide_as_its_step() -> None:
    # a hundredth of a degree is 1.11 km, evenly spread: 1.11 km / sqrt(12)
    step_km = 1.11 / math.sqrt(12.0)
    assert position(48.13, 11.57).error_km == pytest.approx(step_km)
    assert position(48.13, 11.57, {"error_m": "500"}).error_km == pytest.approx(0.5)


def test_what_programs_write_for_want_of_a_place_is_hardly_believed() -> None:
    null = position(0.0, 0.0)
    assert (null.false, null.false_near) == (WEIGHTS.false_placeholder, 0.0)
    france = model().town_table.gazetteer.country_place("FR")
    for centre in ((46.0, 2.0), (france.lat_deg, france.lon_deg)):
        assert position(*centre).false == WEIGHTS.false_placeholder
        assert position(*centre).false_near == WEIGHTS.false_near


@pytest.mark.parametrize(
    "place", [(41.90268, 12.45414), (-77.85, 166.67), (52.0, 13.0), (90.0, 0.0), (-90.0, 0.0)]
)
def test_towns_poles_and_whole_degrees_are_places(place: tuple[float, float]) -> None:
    # the town of the Vatican and that of Antarctica are the centres of their countries
    assert position(*place).false == WEIGHTS.false


def test_east_of_the_date_line_is_west_of_it() -> None:
    assert position(-16.812345, 180.0).lon_deg == -180.0
