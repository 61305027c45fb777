"""Ground truth out of data set columns; what is not said is unknown, not wrong."""

import math
from typing import Any

import numpy as np
import pytest
from geoagent_training.rewards.truth import read_truth


@pytest.mark.parametrize(
    "columns",
    [
        {"lat_deg": [1.5], "lon_deg": [2.5]},
        {"latitude": ["1.5"], "longitude": ["2.5"]},
        {"lat": [1.5], "lng": [2.5]},
        {"LAT": [1.5], "LON": [2.5]},
        {"lat_deg": None, "lat": [1.5], "lon": [2.5]},
        {"lat_deg": [1.5], "lat": [99], "lon_deg": [2.5], "lon": [99]},
    ],
)
def test_positions_stand_under_the_names_of_the_published_sets(columns: dict[str, Any]) -> None:
    truth = read_truth(columns, 1)
    assert truth.points.tolist() == [[1.5, 2.5]]
    assert truth.has_point.tolist() == [True]


def test_a_position_off_the_globe_or_missing_is_unknown() -> None:
    truth = read_truth({"lat": [91, None, 5, -90], "lon": [0, 3, math.nan, 180]}, 4)
    assert truth.has_point.tolist() == [False, False, False, True]
    assert np.isnan(truth.points[0]).all()
    assert read_truth({"lat": [1.0]}, 1).has_point.tolist() == [False]


def test_names_come_from_their_columns_or_from_a_solution() -> None:
    named = read_truth(
        {"country": ["Peru", None], "region": [None, "x"], "solution": [None, ""]}, 2
    )
    assert named.names == [("Peru", "", ""), ("", "x", "")]
    assert named.has_names.tolist() == [True, False]
    solved = read_truth({"solution": ["Peru; Cusco; Plaza", None]}, 2)
    assert solved.names == [("Peru", "Cusco", "Plaza"), ("", "", "")]
    assert read_truth({}, 2).names == [("", "", "")] * 2


def test_rows_that_repeat_and_rows_of_other_kinds_are_read_alike() -> None:
    chain = {"country": "Peru", "region": "Cusco"}
    solutions = ["Chile", "Chile", chain, chain, "Chile", None]
    told = [("Chile", "", "")] * 2 + [("Peru", "Cusco", "")] * 2 + [("Chile", "", ""), ("", "", "")]
    assert read_truth({"solution": solutions}, 6).names == told
    texts = ["Peru", "Peru", None, "Peru"]
    named = [("Peru", "", "")] * 2 + [("", "", ""), ("Peru", "", "")]
    assert read_truth({"country": texts}, 4).names == named
    floats = {"lat": [1.0, None, 95.0, -1.5], "lon": [2.0, 2.0, 2.0, 181.0]}
    mixed = {"lat": ["1.0", None, 95, -1.5], "lon": [2, 2.0, "2", 181.0]}
    points = [read_truth(columns, 4).points for columns in (floats, mixed)]
    np.testing.assert_array_equal(points[0], points[1])
    with pytest.raises(ValueError, match="reshape"):
        read_truth({"lat": [1.0], "lon": [1.0]}, 2)
    with pytest.raises(ValueError, match=r"longer|shorter"):
        read_truth({"lat": [1.0, 2.0], "lon": [1.0]}, 2)


def test_columns_of_another_length_and_words_for_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"longer|shorter"):
        read_truth({"lat": [1, 2], "lon": [1]}, 2)
    with pytest.raises(ValueError, match="reshape"):
        read_truth({"lat": [1], "lon": [1]}, 2)
    with pytest.raises(ValueError, match="could not convert"):
        read_truth({"lat": ["north"], "lon": [1]}, 1)
