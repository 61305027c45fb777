"""Tests of two systems on the same photos."""

from collections.abc import Sequence

import numpy as np
from scipy.special import bdtr

from geoagent_evaluation.contract.tables import Flags, Floats


def mcnemar_exact(first: Flags, second: Flags) -> float:
    """Return the two-sided p-value that both are right equally often (McNemar 1947, exact).

    Of the photos that one system alone has right, each is the first's with probability a half.
    """
    gained = int((second & ~first).sum())
    lost = int((first & ~second).sum())
    if gained + lost == 0:
        return 1.0
    return min(1.0, 2 * float(bdtr(float(min(gained, lost)), gained + lost, 0.5)))


def bootstrap_p_value(differences: Floats) -> float:
    """Return the two-sided p-value of no difference from its draws [r]; NaN draws do not count.

    Source: Davison and Hinkley 1997, 4.4, with one draw added on either side.
    """
    drawn = differences[~np.isnan(differences)]
    below = (1 + int((drawn <= 0).sum())) / (len(drawn) + 1)
    above = (1 + int((drawn >= 0).sum())) / (len(drawn) + 1)
    return min(1.0, 2 * min(below, above))


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """Return p-values of several tests at once (Holm 1979, Scandinavian Journal 6:65)."""
    found = [0.0] * len(p_values)
    reached = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[index]))
        found[index] = reached
    return found
