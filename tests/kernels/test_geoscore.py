"""The two published GeoScores, at distances whose scores are known."""

import math

import pytest
import torch
from geoagent_kernels import geoscore


def test_scores_at_750_km_are_those_of_the_papers() -> None:
    distance_km = torch.tensor([750.0])
    assert round(float(geoscore(distance_km, scale="osv5m"))) == 3025
    assert round(float(geoscore(distance_km, scale="geoagent"))) == 3300


def test_a_score_falls_to_a_third_over_its_own_scale() -> None:
    one_scale_km = torch.tensor([[0.0, 1805.0]], dtype=torch.float64)
    scores = geoscore(one_scale_km, scale="geoagent")
    assert scores.dtype == torch.float32
    assert scores.shape == (1, 2)
    assert scores.tolist()[0] == pytest.approx([5000.0, 5000.0 * 0.36787944])


def test_a_distance_that_is_none_scores_nothing() -> None:
    distance_km = torch.tensor([math.nan, -1.0, math.inf])
    assert geoscore(distance_km, scale="osv5m").tolist() == [0.0, 0.0, 0.0]


def test_an_unknown_scale_and_whole_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="scale must be one of"):
        geoscore(torch.zeros(1), scale="km")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="distance_km must be floating point"):
        geoscore(torch.zeros(1, dtype=torch.int64), scale="osv5m")
