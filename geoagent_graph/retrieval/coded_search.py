"""A search over shards with compressed codes: the candidates of all, then the best exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.coded_shard import (
    CodedVectors,
    NearestLists,
    candidates,
    nearest_lists,
)

MAX_SCANNED: Final = 2048
"""In regions of a shard with no more photos every vector is compared exactly."""
_PROBES: Final = 320
_MAX_PROBES: Final = 768
_RERANKED: Final = 750
_MIN_RERANKED: Final = 200
_BASE_COUNT: Final = 1_000_000
"""Of so many photos `_PROBES` lists are looked into and `_RERANKED` candidates compared exactly."""

_FEWER_PROBES: Final = 2
_BIT_RERANKED: Final = 100
"""Codes of three bits a number are slower to scan and say more: fewer lists, fewer candidates."""


@dataclass(frozen=True, slots=True, eq=False)
class CodedPart:
    """A shard that is searched: where its rows begin, and the ranges inside it, None for all."""

    vectors: CodedVectors
    start: int
    ranges: Sequence[tuple[int, int]] | None


def search_coded(
    parts: Sequence[CodedPart], query: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    """Return (row, cosine) of the k most similar to a unit vector over all parts, best first.

    The lists of shards that were trained together are chosen once. What looks best by the codes is
    compared exactly: see `reranked_for`.
    """
    searched = [part for part in parts if part.ranges is None or part.ranges]
    if not searched:
        return []
    rows, scores = zip(*_compare(searched, query, k), strict=True)
    row, score = np.concatenate(rows), np.concatenate(scores)
    best = np.argsort(-score, kind="stable")[:k]
    return list(zip(row[best].tolist(), score[best].tolist(), strict=True))


def _compare(
    searched: Sequence[CodedPart], query: NDArray[np.float32], k: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield rows and their exact cosines: all of a small region, else those that look best."""
    total = sum(map(_inside, searched))
    lists: dict[bytes, NearestLists] = {}
    looked: list[CodedPart] = []
    estimated, rows = [], []
    for part in searched:
        if part.ranges is not None and _inside(part) <= MAX_SCANNED:
            found = np.concatenate([np.arange(*inside) for inside in part.ranges])
            yield found + part.start, part.vectors.scores(query, found)
            continue
        key = part.vectors.centres
        if key not in lists:
            probes = probes_for(total) // (1 if part.vectors.scan else _FEWER_PROBES)
            lists[key] = nearest_lists(part.vectors, query, probes)
        count = reranked_for(_inside(part), k) if part.vectors.scan else max(_BIT_RERANKED, 10 * k)
        scores, found = candidates(part.vectors, count, part.ranges, lists[key])
        looked.append(part)
        estimated.append(scores)
        rows.append(found)
    if not sum(map(len, rows)):
        return
    estimate, row = np.concatenate(estimated), np.concatenate(rows)
    owner = np.repeat(np.arange(len(looked)), [len(found) for found in rows])
    count = min(reranked_for(total, k), len(estimate))
    best = np.argpartition(-estimate, count - 1)[:count]
    for number, part in enumerate(looked):
        chosen = np.sort(row[best[owner[best] == number]])
        yield chosen + part.start, part.vectors.scores(query, chosen)


def probes_for(count: int) -> int:
    """Return how many lists to look into for so many photos: fewer where there are many.

    The neighbours of a photo are nearer to it, and so in fewer lists, the more there are.
    """
    return int(min(_MAX_PROBES, _PROBES * (_BASE_COUNT / max(count, 1)) ** (1 / 6)))


def reranked_for(count: int, k: int) -> int:
    """Return how many candidates of so many photos to compare exactly: ten for each asked, or more.

    The more photos there are, the more look alike by their codes.
    """
    enough = max(_MIN_RERANKED, _RERANKED * (count / _BASE_COUNT) ** 0.5)
    return max(int(enough), 10 * k)


def _inside(part: CodedPart) -> int:
    """Return how many vectors of a part are searched."""
    ranges = [(0, part.vectors.ntotal)] if part.ranges is None else part.ranges
    return sum(stop - start for start, stop in ranges)
