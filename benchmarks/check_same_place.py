"""Measures how often "the same place" is claimed of a photo and its best hit, and rightly.

    python -m benchmarks.check_same_place METADATA.jsonl

METADATA has one JSON object per line with `file`, `cluster_id` (the same place) and, where photos
are crops of one original, `parent_id`. Every photo is asked for among the others, its 20 most
similar compared with it point by point, three times: with everything else in the index, without
crops of its own original, and without its place. Prints for each how many photos are claimed to
show the place of a hit and how many of these claims are right, with the exact 95 % bounds of the
share (Clopper and Pearson), and the most points of two photos of different places.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from geoagent_graph.cli.index.tools import open_embedder
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.retrieval.keypoints import count_matching_points, find_keypoints
from geoagent_graph.retrieval.same_place import MAX_CHECKED

Pairs = dict[tuple[int, int], int]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("metadata", type=Path)
    chosen = parser.parse_args()
    rows = [json.loads(line) for line in chosen.metadata.read_text(encoding="utf-8").splitlines()]
    embedder = open_embedder()
    paths = [chosen.metadata.parent / row["file"] for row in rows]
    photos = [embedder.decode(path.read_bytes(), path.name) for path in paths]
    vectors = np.concatenate([embedder.encoder.encode([photo]) for photo in photos])
    keypoints = [find_keypoints(photo) for photo in photos]
    cluster = np.array([row["cluster_id"] for row in rows])
    parent = np.array([row.get("parent_id") or row["id"] for row in rows])
    itself = np.eye(len(rows), dtype=bool)
    pairs: Pairs = {}
    for name, hidden in (
        ("everything else", itself),
        ("without its original", itself | (parent[:, None] == parent)),
        ("without its place", itself | (cluster[:, None] == cluster)),
    ):
        similarity = np.where(hidden, -np.inf, vectors @ vectors.T)
        best = [_best_hit(query, similarity[query], keypoints, pairs) for query in range(len(rows))]
        is_there = ((cluster[:, None] == cluster) & ~hidden).any(axis=1)
        _print_row(name, best, cluster, is_there)
    other = [points for (a, b), points in pairs.items() if cluster[a] != cluster[b]]
    print(f"{len(other)} pairs of different places: {np.bincount(other).tolist()} by points")


def _best_hit(
    query: int, similarity: NDArray[np.float32], keypoints: list[Any], pairs: Pairs
) -> tuple[int, int]:
    """Return the points and the number of the hit that matches best."""
    hits = np.argsort(-similarity, kind="stable")[:MAX_CHECKED].tolist()
    for hit in hits:
        if (query, hit) not in pairs:
            pairs[query, hit] = count_matching_points(keypoints[query], keypoints[hit])
    return max((pairs[query, hit], hit) for hit in hits)


def _print_row(
    name: str, best: list[tuple[int, int]], cluster: NDArray[np.str_], is_there: NDArray[np.bool_]
) -> None:
    least = parameters().similar.least_matching_points
    claims = [(query, hit) for query, (points, hit) in enumerate(best) if points >= least]
    right = sum(cluster[query] == cluster[hit] for query, hit in claims)
    count = len(claims)
    low = beta.ppf(0.025, right, count - right + 1) if right else 0.0
    high = beta.ppf(0.975, right + 1, count - right) if right < count else 1.0
    print(
        f"{name:22} {len(best)} photos, {is_there.sum()} of places that are there: {count} claims, "
        f"{right} right ({low:.3f} to {high:.3f})"
    )


if __name__ == "__main__":
    main()
