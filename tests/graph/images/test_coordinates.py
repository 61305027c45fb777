"""Coordinates as programs write them become signed degrees, or the reason why not."""

from typing import Any

import pytest

from geoagent_graph.images.coordinates import Axis, BadCoordinate, read_coordinate


@pytest.mark.parametrize(
    ("value", "reference", "axis", "degrees"),
    [
        ([33.0, 26.934, None], "S", "latitude", -33.4489),
        ([33.0, None, None], "S", "latitude", -33.0),
        ([33.4489], "South", "latitude", -33.4489),
        ([-33.0, 26.0, 56.04], "S", "latitude", -33.4489),
        ([-33.0, -26.0, -56.04], None, "latitude", -33.4489),
        ([-70.6693], "W", "longitude", -70.6693),
        ("33,26.934S", None, "latitude", -33.4489),
        ("33,26,56.04S", None, "latitude", -33.4489),
        ("33 deg 26' 56.04\" S", None, "latitude", -33.4489),
        ("33° 26′ 56.04″", "S", "latitude", -33.4489),
        ("S33.4489", None, "latitude", -33.4489),
        ("-33.4489", None, "latitude", -33.4489),
        ("33.4489", None, "latitude", 33.4489),
        ("-33,4489", None, "latitude", -33.4489),
        ("33/1, 26934/1000, 0/0", "S", "latitude", -33.4489),
        ("+70.6693\0junk", "W", "longitude", -70.6693),
        ("180,0E", None, "longitude", 180.0),
    ],
)
def test_a_coordinate_is_read(
    value: Any, reference: str | None, axis: Axis, degrees: float
) -> None:
    assert read_coordinate(value, reference, axis).degrees == pytest.approx(degrees)


@pytest.mark.parametrize(
    ("value", "reference", "axis", "words"),
    [
        ([None, 26.0, 0.0], "S", "latitude", "not a number"),
        ([], "S", "latitude", "not a number"),
        (None, "S", "latitude", "not a number"),
        ([33.0, 75.0], "S", "latitude", "out of range"),
        ([91.0], "N", "latitude", "out of range"),
        ([33.0], None, "latitude", "does not say N or S"),
        ([33.0], "E", "latitude", "does not say N or S"),
        ([33.0], "O", "longitude", "does not say E or W"),
        ("33.4489 S, 70.6693 W", None, "latitude", "not a number"),
        ("unknown", "S", "latitude", "not a number"),
        ("33.4489E", None, "latitude", "not a number"),
        ("1e3", "S", "latitude", "not a number"),
        ("9" * 400, "S", "latitude", "out of range"),
        ("9" * 400 + "/" + "9" * 400, "S", "latitude", "out of range"),
    ],
)
def test_what_is_no_coordinate_says_why(
    value: Any, reference: str | None, axis: Axis, words: str
) -> None:
    with pytest.raises(BadCoordinate, match=words):
        read_coordinate(value, reference, axis)


def test_a_sign_against_its_hemisphere_is_taken_and_said() -> None:
    coordinate = read_coordinate([-33.4489], "N", "latitude")
    assert coordinate.degrees == -33.4489
    assert coordinate.note == "is negative and says N: the sign was taken"


@pytest.mark.parametrize(
    ("value", "step_deg"),
    [
        ([54.0], 1.0),
        ([54.0, 30.0, 0.0], 1 / 60),
        ([54.0, 30.5, 0.0], 0.1 / 60),
        ([54.0, 30.0, 12.0], 1 / 3600),
        ([54.25], 0.01),
        ([54.1234567], 1e-7),
    ],
)
def test_the_digits_tell_how_fine_a_coordinate_is(value: list[float], step_deg: float) -> None:
    assert read_coordinate(value, "N", "latitude").step_deg == pytest.approx(step_deg)
