"""Risk against coverage, against a loop over every order of ties."""

from itertools import permutations

import numpy as np
import pytest
from geoagent_evaluation.metrics.selective import area_under_risk, risk_coverage


def _loop_area(confidence: list[float], wrong: list[bool]) -> float:
    """The mean area over all orders that the confidences allow."""
    areas = []
    for order in permutations(range(len(wrong))):
        sure = [confidence[index] for index in order]
        if sure == sorted(sure, reverse=True):
            risks = [
                sum(wrong[index] for index in order[:count]) / count
                for count in range(1, len(order) + 1)
            ]
            areas.append(sum(risks) / len(risks))
    return sum(areas) / len(areas)


@pytest.mark.parametrize("seed", range(4))
def test_the_area_is_the_mean_over_the_orders_of_ties(seed: int) -> None:
    random = np.random.default_rng(seed)
    confidence = random.integers(0, 4, 6) / 4
    wrong = random.random(6) < 0.5
    expected = _loop_area(confidence.tolist(), wrong.tolist())
    assert area_under_risk(confidence, wrong) == pytest.approx(expected, abs=1e-9)


def test_the_curve_ends_at_the_share_of_wrong_claims() -> None:
    found = risk_coverage(np.array([0.2, 0.9, 0.5]), np.array([True, False, False]))
    assert found.coverage == pytest.approx([1 / 3, 2 / 3, 1])
    assert found.risk == pytest.approx([0, 0, 1 / 3])
