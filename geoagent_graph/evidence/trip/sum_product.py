"""Exact marginals of a tree of variables over the same places: sum-product message passing.

On a chain it is the forward-backward algorithm. Pearl, Probabilistic Reasoning in Intelligent
Systems (1988), chapter 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.towns import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """Two variables and the factor of their values, shape [first's values, second's values]."""

    first: int
    second: int
    factor: NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Marginals:
    """What the whole tree says.

    `probability` has one row per variable. `messages[i, j]` is what i's side of the edge says to j,
    per value of j, up to a constant. `log_total` is the logarithm of the sum over all assignments,
    -inf where none has probability; the rows are then the variables by themselves.
    """

    probability: Floats
    messages: dict[tuple[int, int], Floats]
    log_total: float


def marginals(alone: Floats, edges: Sequence[Edge]) -> Marginals:
    """Return the marginals of the product of `alone` (one row per variable) and the factors.

    Args:
        alone: shape [variables, values], not negative; a row need not sum to 1.
        edges: a forest on the variables.
    """
    order, parent = _order_from_roots(len(alone), edges)
    messages: dict[tuple[int, int], Floats] = {}
    belief = alone.astype(np.float64)
    logs = 0.0
    for child in reversed(order):  # leaves to roots
        if child in parent:
            above, factor = parent[child]
            message, log = _scale_message(factor @ belief[child])
            messages[child, above] = message
            belief[above] = belief[above] * message
            logs += log
    for root in (variable for variable in order if variable not in parent):
        logs += float(np.log(max(belief[root].sum(), 0.0))) if belief[root].sum() > 0 else -np.inf
    if not np.isfinite(logs):
        rows = alone / np.maximum(alone.sum(axis=1, keepdims=True), 1e-300)
        return Marginals(rows, messages, -np.inf)
    for child in order:  # roots to leaves
        if child in parent:
            above, factor = parent[child]
            said = messages[child, above]
            others = np.divide(belief[above], said, out=np.zeros_like(said), where=said > 0)
            message, _ = _scale_message(factor.T @ others)
            messages[above, child] = message
            belief[child] = belief[child] * message
        belief[child] = belief[child] / belief[child].sum()
    return Marginals(belief, messages, logs)


def _order_from_roots(
    number: int, edges: Sequence[Edge]
) -> tuple[list[int], dict[int, tuple[int, NDArray[np.floating]]]]:
    """Return the variables, parents first, and of each child (parent, factor [parent, child])."""
    around: dict[int, list[tuple[int, NDArray[np.floating]]]] = {i: [] for i in range(number)}
    for edge in edges:
        around[edge.first].append((edge.second, edge.factor.T))
        around[edge.second].append((edge.first, edge.factor))
    order: list[int] = []
    parent: dict[int, tuple[int, NDArray[np.floating]]] = {}
    for root in range(number):
        if root in order:
            continue
        waiting = [root]
        while waiting:
            here = waiting.pop()
            order.append(here)
            for neighbour, factor in around[here]:
                if neighbour in order:
                    continue
                if neighbour in waiting:
                    raise ValueError("the edges are no forest")
                parent[neighbour] = (here, factor.T)
                waiting.append(neighbour)
    return order, parent


def _scale_message(message: Floats) -> tuple[Floats, float]:
    """Return a message with a maximum of 1, and the logarithm of what it was divided by."""
    top = float(message.max())
    if top <= 0.0:
        return message, -np.inf
    return message / top, float(np.log(top))
