"""A search over shards with compressed codes: the candidates of all, then the best exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.coded_shard import (
    RERANKED,
    CodedVectors,
    candidates,
    nearest_lists,
    probes_for,
)


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
    compared exactly: `RERANKED` vectors, or ten for each that is asked for.
    """
    count = max(RERANKED, 10 * k)
    searched = [part for part in parts if part.ranges is None or part.ranges]
    probes = probes_for(_share(parts, searched))
    lists: dict[bytes, tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
    estimated, owners, rows = [], [], []
    for number, part in enumerate(searched):
        key = part.vectors.centres
        if key not in lists:
            lists[key] = nearest_lists(part.vectors, query, probes)
        scores, found = candidates(part.vectors, query, count, part.ranges, lists[key])
        estimated.append(scores)
        rows.append(found)
        owners.append(np.full(len(found), number))
    if not searched:
        return []
    estimate, owner, row = map(np.concatenate, (estimated, owners, rows))
    best = np.argsort(-estimate, kind="stable")[:count]
    hits: list[tuple[int, float]] = []
    for number in np.unique(owner[best]).tolist():
        part = searched[number]
        chosen = np.sort(row[best][owner[best] == number])
        scores = part.vectors.scores(query, chosen)
        hits += zip((chosen + part.start).tolist(), scores.tolist(), strict=True)
    return sorted(hits, key=lambda hit: -hit[1])[:k]


def _share(parts: Sequence[CodedPart], searched: Sequence[CodedPart]) -> float:
    """Return which share of the vectors of all parts is searched."""
    inside = 0
    for part in searched:
        ranges = [(0, part.vectors.ntotal)] if part.ranges is None else part.ranges
        inside += sum(stop - start for start, stop in ranges)
    return inside / sum(part.vectors.ntotal for part in parts)
