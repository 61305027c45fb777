"""Fits the numbers of the evidence model on reference photos, and says what they are worth.

    python tools/fit_evidence.py REFERENCE_DIR [--held-back DIR] [--write]

A directory holds `metadata.jsonl` (file, lat, lon, country, cluster_id, parent_id, label_level) and
its photos. The meaning of a similarity is fitted leave-one-out over
`cluster_id` (never a photo against another view of itself); held back are every second cluster
and, if given, a second directory. `--write` stores the numbers in
`geoagent_graph/data/evidence/fitted.json`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.sources.similar_photos import (
    distinctness,
    first_of_each_place,
    same_place_share,
)
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.perception.visual_encoder import EfficientNetEncoder
from geoagent_graph.settings import load_settings
from geoagent_graph.types import Reference

HITS = 50
SHARE_IN_INDEX = 0.05  # assumed: one photo in twenty shows a place that the index holds
FITTED = Path(tables.__file__).parents[1] / "data" / "evidence" / "fitted.json"


class Photos:
    """The rows and the embeddings of one directory."""

    def __init__(self, folder: Path, encoder: EfficientNetEncoder) -> None:
        lines = (folder / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
        self.rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
        pixels = (np.asarray(Image.open(folder / r["file"]).convert("RGB")) for r in self.rows)
        self.vectors = np.stack([encoder.encode([photo])[0] for photo in pixels])
        self.cluster = np.array([row["cluster_id"] for row in self.rows])
        self.parent = np.array([row["parent_id"] for row in self.rows])
        self.lat = np.array([row["lat"] for row in self.rows])
        self.lon = np.array([row["lon"] for row in self.rows])

    def places(self) -> list[dict[str, Any]]:
        """Return one row per cluster."""
        return list({row["cluster_id"]: row for row in self.rows}.values())


def hits_of(photos: Photos, query: int, index: Photos, usable: np.ndarray) -> np.ndarray:
    """Return the rows of the most similar usable photos, best first."""
    rows = np.flatnonzero(usable)
    return rows[np.argsort(-(index.vectors[rows] @ photos.vectors[query]))[:HITS]]


def examples(reference: Photos, queries: np.ndarray) -> np.ndarray:
    """Return (standing out, same place, weight) of hits, shape [examples, 4].

    Every photo is searched twice: with its place in the index and without it.
    """
    with_place: list[np.ndarray] = []
    without: list[np.ndarray] = []
    for query in queries.tolist():
        for rows, usable in (
            (with_place, reference.parent != reference.parent[query]),
            (without, reference.cluster != reference.cluster[query]),
        ):
            if (
                rows is with_place
                and not (reference.cluster[usable] == reference.cluster[query]).any()
            ):
                continue
            hits = hits_of(reference, query, reference, usable)
            stands_out = distinctness(reference.vectors[hits] @ reference.vectors[query])
            first = first_of_each_place(reference.lat[hits], reference.lon[hits])
            away = distance_km(
                reference.lat[query],
                reference.lon[query],
                reference.lat[hits[first]],
                reference.lon[hits[first]],
            )
            rows.append(
                np.stack([stands_out[first], away < parameters().similar.same_place_km], axis=1)
            )
    parts = []
    for rows, share in ((with_place, SHARE_IN_INDEX), (without, 1 - SHARE_IN_INDEX)):
        stacked = np.concatenate(rows)
        parts.append(np.column_stack([stacked, np.full(len(stacked), share / len(rows))]))
    return np.concatenate(parts)


def fit_same(rows: np.ndarray) -> tuple[float, float]:
    """Return offset and slope of the logistic curve from standing out to the same place."""
    rows = rows[rows[:, 0] >= parameters().similar.least_distinct]
    x, y, weight = np.column_stack([np.ones(len(rows)), rows[:, 0]]), rows[:, 1], rows[:, 2]
    beta = np.array([-6.0, 10.0])
    for _ in range(50):
        share = same_place_share(rows[:, 0], *beta)
        hessian = (x * (weight * share * (1 - share))[:, None]).T @ x + 1e-9 * np.eye(2)
        beta = beta + np.linalg.solve(hessian, x.T @ (weight * (y - share)))
    return float(beta[0]), float(beta[1])


def similar_losses(
    model: BayesEvidence, photos: Photos, queries: np.ndarray, index: Photos, mask: str
) -> tuple[float, float]:
    """Return the mean log-loss of the true country without and with the similar photos."""
    before, after = [], []
    for query in queries.tolist():
        row = photos.rows[query]
        number = model.town_table.number_of.get(row["country"])
        if number is None:
            continue
        usable = np.ones(len(index.rows), dtype=bool)
        if mask:
            usable = getattr(index, mask) != getattr(photos, mask)[query]
        hits = hits_of(photos, query, index, usable)
        references = [
            Reference(
                id=index.rows[hit]["id"],
                score=float(np.clip(index.vectors[hit] @ photos.vectors[query], -1, 1)),
                lat_deg=index.lat[hit],
                lon_deg=index.lon[hit],
            )
            for hit in hits
        ]
        posterior = model.weigh((), references).posterior
        before.append(-np.log(posterior.country_prior[number]))
        after.append(-np.log(posterior.country_probability[number]))
    return float(np.mean(before)), float(np.mean(after))


def report_similar(
    model: BayesEvidence, reference: Photos, queries: np.ndarray, held: Photos | None
) -> None:
    for mask, name in (("parent", "place in the index"), ("cluster", "place not in the index")):
        before, after = similar_losses(model, reference, queries[::3], reference, mask)
        print(f"similar photos, {name}, held-back clusters: log-loss {before:.3f} -> {after:.3f}")
    if held:
        before, after = similar_losses(model, held, np.arange(len(held.rows)), reference, "")
        print(f"similar photos, held-back directory: log-loss {before:.3f} -> {after:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("reference", type=Path)
    parser.add_argument("--held-back", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    settings = load_settings()
    model = BayesEvidence(open_gazetteer(settings))
    encoder = EfficientNetEncoder(settings)
    reference = Photos(arguments.reference, encoder)
    held_back = Photos(arguments.held_back, encoder) if arguments.held_back else None
    names = np.unique(reference.cluster)
    fitting = np.isin(reference.cluster, names[::2])
    report_similar(model, reference, np.flatnonzero(~fitting), held_back)
    rows = examples(reference, np.flatnonzero(fitting))
    offset, slope = fit_same(rows)
    print(f"fitted: same place {offset:.2f} + {slope:.2f} z")
    values = tables.table("fitted")
    values["similar"]["values"] |= {
        "same_offset": round(offset, 2),
        "same_slope": round(slope, 2),
    }
    parameters.cache_clear()  # the model below is one with the new numbers
    report_similar(
        BayesEvidence(model.town_table.gazetteer), reference, np.flatnonzero(~fitting), held_back
    )
    if arguments.write:
        temporary = FITTED.with_suffix(".tmp")
        temporary.write_text(
            json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        temporary.replace(FITTED)
        print(f"written to {FITTED}")


if __name__ == "__main__":
    main()
