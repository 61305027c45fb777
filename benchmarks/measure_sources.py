"""Say what each source of evidence is worth: how often it spoke, what it gained for the truth.

    python benchmarks/measure_sources.py LINES.jsonl... [--read METADATA.jsonl] [--without NAME]

LINES has the lines of text of one photo each, `country` (ISO 3166-1) and `clues`; `--read` reads
the photos of METADATA (`file`, `country`) into the first LINES, once. A source's gain is log P(true
country | all sources) - log P(true country | all but it), in nats, with the 95 % interval of the
mean over the photos where it spoke (10,000 resamples); helped and hurt by more than 0.1 nats.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.table import Table

from geoagent_graph import load_settings, open_toolbox
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.sources import BUILT_IN
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.perception.clues import text_clues
from geoagent_graph.types import Clue

Row = dict[str, Any]
Floats = NDArray[np.float64]
RESAMPLES = 10_000
MIN_CHANGE_NATS = 0.1


def read_photos(metadata: Path, lines: Path) -> None:
    """Write the lines of text of every photo of a collection."""
    tools = open_toolbox()
    assert tools.text_reader is not None
    with lines.open("w", encoding="utf-8") as out:
        for row in map(json.loads, metadata.read_text(encoding="utf-8").splitlines()):
            photo = Image.open(metadata.parent / row["file"]).convert("RGB")
            photo.thumbnail((tools.text_max_side, tools.text_max_side))
            clues = text_clues(tools.text_reader.read(np.asarray(photo)))
            dumped = [clue.model_dump(mode="json") for clue in clues]
            out.write(json.dumps({**row, "clues": dumped}) + "\n")


def truth_logs(model: BayesEvidence, rows: list[Row]) -> Floats:
    """Return log P(true country | lines), shape [photos]."""
    logs = []
    for row in rows:
        lines = [Clue.model_validate(clue) for clue in row["clues"]]
        posterior = model.weigh([*lines, *model.extract(lines)], ()).posterior
        number = model.town_table.number_of[row["country"]]
        logs.append(np.log(max(posterior.country_probability[number], 1e-12)))
    return np.array(logs)


def spoken(model: BayesEvidence, rows: list[Row], name: str) -> NDArray[np.bool_]:
    """Return in which photos a source said something."""
    source = next(source for source in model.sources if source.name == name)
    single = BayesEvidence(model.town_table.gazetteer, sources=[source])
    found = []
    for row in rows:
        lines = [Clue.model_validate(clue) for clue in row["clues"]]
        clues = [*lines, *model.extract(lines)]
        found.append(bool(single.weigh(clues, ()).posterior.likelihoods))
    return np.array(found)


def interval(gains: Floats) -> tuple[float, float]:
    """Return the 95 % interval of the mean by resampling photos."""
    drawn = np.random.default_rng(0).integers(0, len(gains), (RESAMPLES, len(gains)))
    low, high = np.quantile(gains[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("lines", type=Path, nargs="+")
    parser.add_argument("--read", type=Path)
    parser.add_argument("--without", action="append", default=[])
    arguments = parser.parse_args()
    if arguments.read:
        read_photos(arguments.read, arguments.lines[0])
    rows = [
        row
        for path in arguments.lines
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        if any(clue["kind"] == "text" for clue in row["clues"])
    ]
    gazetteer = open_gazetteer(load_settings())
    model = BayesEvidence(gazetteer, without=arguments.without)
    every = truth_logs(model, rows)
    prior = truth_logs(BayesEvidence(gazetteer, sources=[]), rows)
    title = f"{len(rows)} photos with text: mean log P(true country) {every.mean():.3f}"
    shown = Table(title=f"{title}, of the prior {prior.mean():.3f}")
    for column in ("source", "spoke", "mean gain, nats", "95 % interval", "helped", "hurt"):
        shown.add_column(column)
    for source in BUILT_IN:
        if source.likelihood is None or source.name in arguments.without:
            continue
        spoke = spoken(model, rows, source.name)
        if not spoke.any():
            continue
        left = BayesEvidence(gazetteer, without=[*arguments.without, source.name])
        gains = (every - truth_logs(left, rows))[spoke]
        low, high = interval(gains)
        helped, hurt = int((gains > MIN_CHANGE_NATS).sum()), int((gains < -MIN_CHANGE_NATS).sum())
        gain = (f"{gains.mean():+.2f}", f"{low:+.2f} to {high:+.2f}")
        shown.add_row(source.name, str(int(spoke.sum())), *gain, str(helped), str(hurt))
    Console(width=100).print(shown)


if __name__ == "__main__":
    main()
