"""Whether each claim is right at the level that it was made at, and how that was judged."""

from typing import Final, NamedTuple

import numpy as np

from geoagent_evaluation.contract.tables import LEVELS, Flags
from geoagent_evaluation.scoring.place_match import Ternary
from geoagent_evaluation.scoring.rows import ScoredRows

LEVEL_KM: Final = {"continent": 2500.0, "country": 750.0, "region": 200.0, "city": 25.0}
"""A claim whose place cannot be compared is right below this distance (arXiv 1705.04838)."""


class Claims(NamedTuple):
    """1 where the claim of a photo is right, 0 where it is wrong, -1 without one to be judged."""

    right: Ternary
    judged: dict[str, int]  # how many by codes, by each gazetteer, by distance


def judge_claims(rows: ScoredRows) -> Claims:
    """Return which claims are right.

    By the codes in the files, where the truth has one of the level and the file names places of it;
    else by the first gazetteer given; else by the distance that stands for the level. A row that
    broke the contract is a claim that is wrong.
    """
    right = np.full(len(rows), -1, dtype=np.int8)
    judged: dict[str, int] = {}
    for level, threshold in LEVEL_KM.items():
        open_claims = rows.claims & ~rows.failed & (rows.level == LEVELS.index(level))
        for way, levels in rows.right.items():
            decided = open_claims & (levels[level] >= 0)
            right[decided] = levels[level][decided]
            _count(judged, way, decided)
            open_claims &= ~decided
        measured = open_claims & ~np.isnan(rows.distance_km)
        right[measured] = rows.distance_km[measured] < threshold
        _count(judged, "distance", measured)
        _count(judged, "nothing that is known", open_claims & ~measured)
    right[rows.broken] = 0
    return Claims(right, judged)


def _count(judged: dict[str, int], way: str, decided: Flags) -> None:
    if decided.any():
        judged[way] = judged.get(way, 0) + int(decided.sum())
