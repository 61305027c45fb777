"""A mixture of points of which at most one is true, against the formula written out."""

import numpy as np
import pytest

from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.point_mixture import mixture_likelihood
from tests.support.small_gazetteer import LISBON, MADRID, PORTO, small_town_table


def component(weight: float, towns: list[int], ratio: list[float]) -> PointComponent:
    """Return a point with these ratios."""
    return PointComponent(0.0, 0.0, weight, np.array(towns), np.array(ratio), 5.0)


def test_a_town_has_what_all_points_give_it() -> None:
    points = [component(0.5, [LISBON, PORTO], [4.0, 2.0]), component(0.2, [LISBON], [3.0])]
    table = small_town_table()
    mixture = mixture_likelihood(points, table, "similar", "photos", ("a",))
    towns = np.array([MADRID, LISBON, PORTO])
    values = np.exp(mixture.at(towns, table.country[towns]))
    # 1 - 0.5 - 0.2 for nothing, and 0.5 * 4 + 0.2 * 3 for Lisbon, 0.5 * 2 for Porto
    assert values == pytest.approx([0.3, 0.3 + 2.6, 0.3 + 1.0])
    assert mixture.points == tuple(points)


def test_where_no_point_is_true_countries_may_differ() -> None:
    table = small_town_table()
    otherwise = np.array([0.5, 0.5, 0.5, 4.0])  # Germany, Spain, Fiji, Portugal
    mixture = mixture_likelihood(
        [component(0.9, [LISBON], [3.0])], table, "file", "a claim", (), otherwise
    )
    towns = np.array([MADRID, LISBON, PORTO])
    values = np.exp(mixture.at(towns, table.country[towns]))
    assert values == pytest.approx([0.1 * 0.5, 0.1 * 4.0 + 0.9 * 3.0, 0.1 * 4.0])


def test_no_point_says_nothing() -> None:
    mixture = mixture_likelihood([], small_town_table(), "similar", "photos", ())
    assert not mixture.country.any()
    assert len(mixture.towns) == 0
