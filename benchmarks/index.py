"""Speed of the reference index: photos per second, and searches over many vectors.

    OMP_NUM_THREADS=1 python benchmarks/index.py [MANIFEST.jsonl] [--vectors 60000]

With a manifest its photos are indexed for real into a temporary folder. Then synthetic unit vectors
in clusters are indexed, and searches over all of them (recall at 10 against brute force) and inside
a tenth of them (exact) are timed. CPU time counts the decoding child processes.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.cli.index.tools import open_country_of, open_embedder
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_build import IndexJob, build_index
from geoagent_graph.retrieval.vector_index import make_index, search_index

DIMENSION = 1280
QUERIES = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", type=Path, nargs="?")
    parser.add_argument("--vectors", type=int, default=60_000)
    options = parser.parse_args()
    if options.manifest is not None:
        _bench_photos(options.manifest)
    _bench_vectors(options.vectors)


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _bench_photos(manifest: Path) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "index"
        job = IndexJob(open_embedder(), open_country_of(), on_photo=_silent)
        wall, cpu = time.perf_counter(), _cpu_seconds()
        report = build_index(manifest, folder, job)
        wall, cpu = time.perf_counter() - wall, _cpu_seconds() - cpu
        count = report.indexed
        print(
            f"build    {count} photos: {count / wall:.1f}/s wall, {count / cpu:.1f}/s of CPU time"
        )
        wall = time.perf_counter()
        FaissRetriever.load(folder, None)
        print(f"load     {1e3 * (time.perf_counter() - wall):.1f} ms, every byte checked")


def _silent(done: int, total: int) -> None:
    """Show no progress."""
    del done, total


def _bench_vectors(count: int) -> None:
    vectors = _clustered(count, seed=0)
    cpu = _cpu_seconds()
    index = make_index(vectors, np.arange(count))
    print(
        f"index    {count} x {DIMENSION}: {type(index).__name__}, {_cpu_seconds() - cpu:.1f} s CPU"
    )
    queries = vectors[:: count // QUERIES][:QUERIES] + 0.3 * _clustered(QUERIES, seed=1)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)

    cpu = _cpu_seconds()
    found = [search_index(index, query, 10, None)[1] for query in queries]
    cpu = _cpu_seconds() - cpu
    true = [np.argsort(-(vectors @ query))[:10] for query in queries]
    recall = np.mean([len(set(f) & set(t)) / 10 for f, t in zip(found, true, strict=True)])
    print(f"search   whole index: {1e3 * cpu / QUERIES:.1f} ms CPU, recall at 10 {recall:.3f}")

    region = [(count // 2, count // 2 + count // 10)]
    cpu = _cpu_seconds()
    for query in queries:
        search_index(index, query, 10, region)
    print(f"search   inside a tenth: {1e3 * (_cpu_seconds() - cpu) / QUERIES:.1f} ms CPU, exact")


def _clustered(count: int, seed: int) -> NDArray[np.float32]:
    """Return unit vectors around 4,000 centres, of about cosine 0.7 to them."""
    centres = np.random.default_rng(99).standard_normal((4000, DIMENSION), dtype=np.float32)
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((count, DIMENSION), dtype=np.float32)
    vectors += centres[rng.integers(len(centres), size=count)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


if __name__ == "__main__":
    main()
