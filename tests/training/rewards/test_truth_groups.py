"""Runs of completions that share a truth."""

import math
from typing import Any

import pytest
from geoagent_training.rewards.truth import read_truth
from geoagent_training.rewards.truth_groups import rows_per_truth


@pytest.mark.parametrize(
    ("countries", "group"),
    [("", 1), ("a", 1), ("aaaa", 4), ("aabb", 2), ("aaab", 1), ("aaaabb", 2), ("abab", 1)],
)
def test_a_group_never_mixes_truths(countries: str, group: int) -> None:
    truth = read_truth({"country": [*countries]}, len(countries))
    assert rows_per_truth(truth) == group


def test_positions_and_rows_of_the_data_part_groups_too() -> None:
    columns: dict[str, Any] = {"country": ["a"] * 4, "lat": [1.0, 1.0, None, None]}
    columns["lon"] = columns["lat"]
    assert rows_per_truth(read_truth(columns, 4)) == 2
    columns["lat"] = columns["lon"] = [math.nan] * 4
    assert rows_per_truth(read_truth(columns, 4)) == 4
    assert rows_per_truth(read_truth(columns, 4), ["x:1", "x:1", "x:2", "x:2"]) == 2
