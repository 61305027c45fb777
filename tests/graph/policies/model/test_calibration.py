"""Temperatures against values worked out by hand, and files that are no calibration."""

import math
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.policies.model.calibration import (
    Calibration,
    apply_temperature,
    fit_temperature,
    load_calibration,
)


def test_a_temperature_of_two_takes_square_roots_and_one_of_a_half_takes_squares() -> None:
    # roots of 0.64 and 0.36 are 0.8 and 0.6; squares of 3/4 and 1/4 are 9/16 and 1/16
    assert apply_temperature((0.64, 0.36), 2.0) == pytest.approx((8 / 14, 6 / 14))
    assert apply_temperature((0.75, 0.25), 0.5) == pytest.approx((0.9, 0.1))
    assert apply_temperature((1.0, 0.0), 3.0) == (1.0, 0.0)


def test_shares_right_three_times_in_four_are_fitted_to_three_quarters() -> None:
    # 0.9 against 0.1 are odds of 9; odds of 3 are 9 ** (1 / 2)
    choices = [((0.9, 0.1), 0)] * 3 + [((0.9, 0.1), 1)]
    assert fit_temperature(choices) == pytest.approx(2.0, rel=1e-4)
    assert fit_temperature([]) == 1.0


def test_a_fit_stays_within_the_bounds_of_a_calibration() -> None:
    always_right, never_right = [((0.6, 0.4), 0)], [((0.6, 0.4), 1)]
    assert fit_temperature(always_right) == pytest.approx(0.05, rel=1e-3)
    assert fit_temperature(never_right) == pytest.approx(20.0, rel=1e-3)


def test_each_level_has_its_own_temperature(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text('{"continent": 1.5, "city": 0.5, "model": "m"}')
    read = load_calibration(path)
    assert [read.temperature(level) for level in ("continent", "country", "city")] == [1.5, 1, 0.5]
    assert read.model == "m"
    assert math.isclose(Calibration().temperature("city"), 1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"city": 0.01}', "not a calibration file"),
        ('{"town": 1}', "not a calibration file"),
        ("no JSON", "not a calibration file"),
        (" " * 100_001, "it is larger than 100 kB"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        load_calibration(path)
    assert str(path) in str(caught.value)
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        load_calibration(tmp_path / "none.json")
