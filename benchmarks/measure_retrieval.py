"""How good the look-alike search is: same-place photos found, other places against chance.

    python benchmarks/measure_retrieval.py REFERENCE/metadata.jsonl [--index DIR] [--out FILE.json]

Every photo of the manifest is asked for in turn, itself left out. Two questions are answered:

* Same place: of photos whose `cluster_id` another photo shares, how many find one of them first
  (recall at 1) or among the first ten (recall at 10)? The manifest's `parent_id`, where there is
  one, tells crops of one original from truly different pictures; both are counted.
* Other places: with all photos of its own cluster left out, how far away is the most similar
  photo? Compared with a photo drawn at random and with the best single point for all photos. The
  closer these three are, the closer the features are to chance.

The index is built in a temporary folder where none is given.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.cli.index.tools import open_country_of, open_embedder
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_build import IndexJob, build_index
from geoagent_graph.retrieval.reference_table import ReferenceRow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--index", type=Path, help="an index of the same manifest")
    parser.add_argument("--out", type=Path, default=Path("retrieval.json"))
    options = parser.parse_args()

    retriever = _retriever(options.manifest, options.index)
    rows = retriever.table.rows()
    vectors = retriever.table.stored_vectors(np.arange(len(rows)))
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    parents = _parents(options.manifest)

    measured = {
        "photos": len(rows),
        "encoder_id": retriever.manifest.encoder_id,
        "same_place": _recall(rows, similarity, parents=None),
        "same_place_other_original": _recall(rows, similarity, parents) if parents else None,
        "other_places_km": _distances(rows, similarity),
    }
    options.out.write_text(json.dumps(measured, indent=2) + "\n")
    _show(measured)
    print(f"written to {options.out}")


def _retriever(manifest: Path, index: Path | None) -> FaissRetriever:
    if index is not None:
        return FaissRetriever.load(index, None)
    with tempfile.TemporaryDirectory() as folder:
        job = IndexJob(open_embedder(), open_country_of(), on_photo=_silent)
        build_index(manifest, Path(folder) / "index", job)
        return FaissRetriever.load(Path(folder) / "index", None)


def _silent(done: int, total: int) -> None:
    """Show no progress."""
    del done, total


def _parents(manifest: Path) -> dict[str, str]:
    """Return by id the original that a photo was cropped from, where the manifest says so."""
    rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line]
    return {row["id"]: row.get("parent_id") or row["id"] for row in rows if "id" in row}


def _recall(
    rows: list[ReferenceRow], similarity: NDArray[np.float32], parents: dict[str, str] | None
) -> dict[str, float]:
    """Return recall at 1 and 10; with `parents`, crops of the same original are left out."""
    clusters = np.array([row.cluster_id or row.id for row in rows])
    originals = np.array([parents.get(row.id, row.id) if parents else row.id for row in rows])
    hits: dict[int, list[bool]] = {1: [], 10: []}
    chance: dict[int, list[float]] = {1: [], 10: []}
    for i in range(len(rows)):
        allowed = originals != originals[i]
        same = (clusters == clusters[i]) & allowed
        if not same.any():
            continue
        order = np.argsort(-np.where(allowed, similarity[i], -np.inf), kind="stable")
        for k in hits:
            hits[k].append(bool(same[order[:k]].any()))
            chance[k].append(1.0 - (1.0 - same.sum() / allowed.sum()) ** k)
    queries = len(hits[1])
    found = {f"recall_at_{k}": float(np.mean(hits[k])) if queries else 0.0 for k in hits}
    random = {f"random_at_{k}": float(np.mean(chance[k])) if queries else 0.0 for k in chance}
    return {"queries": queries, **found, **random}


def _distances(rows: list[ReferenceRow], similarity: NDArray[np.float32]) -> dict[str, float]:
    lat_deg = np.array([row.lat_deg for row in rows])
    lon_deg = np.array([row.lon_deg for row in rows])
    clusters = np.array([row.cluster_id or row.id for row in rows])
    apart_km = distance_km(lat_deg[:, None], lon_deg[:, None], lat_deg, lon_deg)
    elsewhere = clusters[:, None] != clusters[None, :]
    nearest = np.argmax(np.where(elsewhere, similarity, -np.inf), axis=1)
    index = np.arange(len(rows))
    codes = np.array([row.country_code for row in rows])
    at_random = [float(np.median(apart_km[i][elsewhere[i]])) for i in index]
    return {
        "most_similar_median": float(np.median(apart_km[index, nearest])),
        "random_photo_median": float(np.median(at_random)),
        "best_constant_median": float(np.median(apart_km, axis=0).min()),
        "most_similar_same_country": float(np.mean(codes[index] == codes[nearest])),
        "random_photo_same_country": float(
            np.mean([(codes[elsewhere[i]] == codes[i]).mean() for i in index])
        ),
    }


def _show(measured: dict[str, Any]) -> None:
    print(f"{measured['photos']} photos, encoder {measured['encoder_id']}\n")
    print(f"{'same place found':<42}{'queries':>8}{'at 1':>8}{'at 10':>8}")
    for name, text in [
        ("same_place", "any other file of the cluster"),
        ("same_place_other_original", "crops of the same original left out"),
    ]:
        if (found := measured[name]) is not None:
            counts = f"{text:<42}{found['queries']:>8}"
            print(f"{counts}{found['recall_at_1']:>8.3f}{found['recall_at_10']:>8.3f}")
            at_random = f"{found['random_at_1']:>8.3f}{found['random_at_10']:>8.3f}"
            print(f"{'  at random':<50}{at_random}")
    other = measured["other_places_km"]
    print(f"\n{'other places: how far off':<42}{'median km':>10}{'same country':>14}")
    for text, km, country in [
        ("most similar photo of another place", "most_similar_median", "most_similar_same_country"),
        ("a photo of another place at random", "random_photo_median", "random_photo_same_country"),
        ("the best single point for all", "best_constant_median", None),
    ]:
        share = f"{other[country]:>14.3f}" if country else ""
        print(f"{text:<42}{other[km]:>10.0f}{share}")
    print()


if __name__ == "__main__":
    main()
