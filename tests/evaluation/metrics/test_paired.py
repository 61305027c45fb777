"""Paired tests, against sums over plain numbers."""

from math import comb

import numpy as np
import pytest
from geoagent_evaluation.metrics.paired import bootstrap_p_value, holm_adjusted, mcnemar_exact


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (5, 5), (1, 9), (9, 1), (0, 30)])
def test_mcnemar_is_a_binomial_test(gained: int, lost: int) -> None:
    first = np.array([True] * lost + [False] * gained + [True] * 4, dtype=np.bool_)
    second = np.array([False] * lost + [True] * gained + [True] * 4, dtype=np.bool_)
    total = gained + lost
    tail = sum(comb(total, k) for k in range(min(gained, lost) + 1)) / 2**total
    assert mcnemar_exact(first, second) == pytest.approx(min(1.0, 2 * tail), abs=1e-9)


def test_holm_adjusts_step_by_step() -> None:
    assert holm_adjusted([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm_adjusted([0.9, 0.8]) == [1.0, 1.0]
    assert holm_adjusted([]) == []


def test_a_p_value_of_draws_counts_both_sides_and_is_never_0() -> None:
    assert bootstrap_p_value(np.array([1.0] * 99)) == pytest.approx(0.02)
    assert bootstrap_p_value(np.array([1.0, -1.0, np.nan])) == 1.0
    assert bootstrap_p_value(np.zeros(10)) == 1.0
