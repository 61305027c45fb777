"""Shares and distances as people read them."""

import pytest

from geoagent_graph.number_words import distance, percent


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0 %"),
        (1e-9, "< 1 %"),
        (0.01, "1 %"),
        (0.874, "87 %"),
        (0.99, "99 %"),
        (0.9901, "> 99 %"),
        (0.999999, "> 99 %"),
        (1.0, "100 %"),
        (1.0000001, "100 %"),
    ],
)
def test_no_share_is_rounded_to_a_certainty(probability: float, words: str) -> None:
    assert percent(probability) == words


@pytest.mark.parametrize(
    ("distance_km", "words"),
    [
        (0.0, "0 m"),
        (0.0496, "50 m"),
        (0.44, "0.4 km"),
        (25.4, "25 km"),
        (123.0, "120 km"),
        (1204.0, "1,200 km"),
        (20015.1, "20,020 km"),
    ],
)
def test_a_distance_has_the_precision_it_deserves(distance_km: float, words: str) -> None:
    assert distance(distance_km) == words
