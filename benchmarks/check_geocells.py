"""Measures what the look of photos says of their country, by an index that has learnt places.

    python -m benchmarks.check_geocells INDEX METADATA.jsonl

METADATA has one JSON object per line with `file` and `country` (ISO 3166-1). Nothing is read and no
metadata are heard. Prints the mean log P(true country) by the prior, by the look-alikes of the
index, by its classifier (`geocells`) and by both, the gain over the prior with its interval (95 %,
photos drawn 2,000 times), and how often the likeliest country is right.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from geoagent_graph.cli.index.tools import open_embedder
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.perception.clues import geocell_clues
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.settings import load_settings
from geoagent_graph.types import Clue, Reference

MAX_REFERENCES = 50
KINDS = ("prior", "look-alikes", "geocells", "both")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("metadata", type=Path)
    chosen = parser.parse_args()
    model = BayesEvidence(open_gazetteer(load_settings()))
    embedder = open_embedder()
    retriever = FaissRetriever.load(chosen.index, embedder.encoder)
    logs: dict[str, list[float]] = {kind: [] for kind in KINDS}
    right: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    for line in chosen.metadata.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        number = model.town_table.number_of.get(row["country"])
        if number is None:
            continue
        path = chosen.metadata.parent / row["file"]
        pixels = embedder.decode(path.read_bytes(), path.name)
        look = geocell_clues(retriever.classify(pixels), retriever.classifier_id)
        alike = retriever.search(pixels, MAX_REFERENCES)
        for kind, clues, references in zip(
            KINDS, ([], [], look, look), ([], alike, [], alike), strict=True
        ):
            probability = _countries(model, clues, references)
            logs[kind].append(float(np.log(probability[number])))
            right[kind].append(int(probability.argmax()) == number)
    _print_table(logs, right)


def _countries(
    model: BayesEvidence, clues: list[Clue], references: list[Reference]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(model.weigh(clues, references).posterior.country_probability)


def _print_table(logs: dict[str, list[float]], right: dict[str, list[bool]]) -> None:
    prior = np.array(logs["prior"])
    draws = np.random.default_rng(0).integers(0, len(prior), (2000, len(prior)))
    print(f"{len(prior)} photos")
    for kind in KINDS:
        gain = np.array(logs[kind]) - prior
        low, high = np.quantile(gain[draws].mean(axis=1), [0.025, 0.975])
        print(
            f"{kind:12} log P {np.mean(logs[kind]):7.3f}  gain {gain.mean():+.3f} "
            f"({low:+.3f} to {high:+.3f})  right {np.mean(right[kind]):.1%}"
        )


if __name__ == "__main__":
    main()
