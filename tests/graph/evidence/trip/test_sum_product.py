"""Trees are summed exactly."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoagent_graph.evidence.trip.sum_product import Edge, marginals


@st.composite
def trees(draw: st.DrawFn) -> tuple[np.ndarray, list[Edge]]:
    number, values = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    cells = st.sampled_from([0.0, 1e-9, 0.1, 0.5, 1.0, 3.0])
    row = st.lists(cells, min_size=values, max_size=values)
    alone = np.array([draw(row.filter(any)) for _ in range(number)])
    edges = []
    for child in range(1, number):
        if draw(st.booleans()) or child == 1:
            factor = np.array([draw(row) for _ in range(values)])
            pair = (child, draw(st.integers(0, child - 1)))
            first, second = pair if draw(st.booleans()) else pair[::-1]
            edges.append(Edge(first, second, factor))
    return alone, edges


@settings(max_examples=150, deadline=None)
@given(trees())
def test_a_tree_is_summed_exactly(tree: tuple[np.ndarray, list[Edge]]) -> None:
    alone, edges = tree
    expected, total = np.zeros_like(alone), 0.0
    for path in itertools.product(range(alone.shape[1]), repeat=len(alone)):
        weight = math.prod(alone[i, value] for i, value in enumerate(path))
        weight *= math.prod(e.factor[path[e.first], path[e.second]] for e in edges)
        total += weight
        for i, value in enumerate(path):
            expected[i, value] += weight
    found = marginals(alone, edges)
    if total == 0.0:
        assert found.log_total == -math.inf
        return
    assert found.log_total == pytest.approx(math.log(total), abs=1e-9)
    np.testing.assert_allclose(found.probability, expected / total, rtol=1e-9, atol=1e-12)


def test_a_circle_of_photos_is_no_tree() -> None:
    factor = np.ones((2, 2))
    edges = [Edge(0, 1, factor), Edge(1, 2, factor), Edge(2, 0, factor)]
    with pytest.raises(ValueError, match="no forest"):
        marginals(np.ones((3, 2)), edges)
