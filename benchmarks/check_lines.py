"""Measures what the evidence makes of photos' lines of text, read once and kept.

    python benchmarks/check_lines.py METADATA.jsonl --lines LINES.jsonl [--without SOURCE] [--out F]

METADATA has one JSON object per line with `file` and `country` (ISO 3166-1), and `lat` and `lon`
where they are known. Lines of text are read from the photos where LINES does not hold them yet and
kept there; so a change of the evidence is measured again in seconds. Prints the claims of countries
and cities made and right, the mean log P(true country), and every wrong claim with what it rests
on. A city claim is right within 25 km. EXIF is off: it would be reading the label.
"""

import argparse
import io
import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from geoagent_graph import Answer, RunOptions, Toolbox, load_settings, locate_sync, open_toolbox
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.protocols import TextLine
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.types import Box

MAX_CITY_ERROR_KM = 25.0
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One photo's true country, what was claimed, and log P(true country)."""

    row: Row
    answer: Answer
    country_log: float

    @property
    def country_claim(self) -> bool | None:
        """Whether the claimed country is right; None without a claim."""
        claimed = self.answer.place.country_code
        return None if claimed is None else claimed == self.row["country"]

    @property
    def city_claim(self) -> bool | None:
        """Whether the claimed city is right; None without one, or where the truth is unknown."""
        if self.answer.place.city is None or self.row.get("lat") is None:
            return None if self.answer.place.city is None or self.country_claim else False
        truth = (float(self.row["lat"]), float(self.row["lon"]))
        away_km = float(distance_km(self.answer.lat_deg, self.answer.lon_deg, *truth))
        return away_km <= MAX_CITY_ERROR_KM


def read_lines(photo: Path, toolbox: Toolbox) -> list[TextLine]:
    """Return the lines of text of a photo, as the default reader reads them."""
    if toolbox.text_reader is None:
        raise SystemExit("no text reader is installed")
    with Image.open(photo) as image:
        image.thumbnail((toolbox.text_max_side, toolbox.text_max_side))
        return list(toolbox.text_reader.read(np.asarray(image.convert("RGB"))))


def kept_lines(path: Path, rows: list[Row], folder: Path, toolbox: Toolbox) -> dict[str, Any]:
    """Return the lines of text by file; those that `path` does not hold yet are read and added."""
    stored = path.read_text().splitlines() if path.exists() else []
    kept = {entry["file"]: entry["lines"] for entry in map(json.loads, stored)}
    with path.open("a") as sink:
        for row in rows:
            if row["file"] not in kept:
                lines = [asdict(line) for line in read_lines(folder / row["file"], toolbox)]
                for line in lines:
                    line["box"] = line["box"].model_dump()
                kept[row["file"]] = lines
                sink.write(json.dumps({"file": row["file"], "lines": lines}) + "\n")
    return kept


def outcome_of(row: Row, lines: list[Any], toolbox: Toolbox, blank: bytes) -> Outcome:
    """Return what the evidence makes of the lines of one photo."""
    read = [TextLine(**{**line, "box": Box(**line["box"])}) for line in lines]
    tools = replace(toolbox, text_reader=FixedTextReader(read))
    answer = locate_sync(blank, toolbox=tools, options=RunOptions(use_exif=False))
    model = toolbox.evidence
    if not isinstance(model, BayesEvidence):
        raise SystemExit("the evidence model has no posterior over countries")
    country = model.town_table.gazetteer.country_place(row["country"])
    probability = model.probability(country, answer.clues, ())
    return Outcome(row, answer, math.log(max(probability, 1e-12)))


def blank_photo() -> bytes:
    """Return a small photo without anything in it."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 48)).save(stream, "PNG")
    return stream.getvalue()


def share(claims: list[bool | None]) -> str:
    """Return "right of made" in words."""
    made = [claim for claim in claims if claim is not None]
    right = sum(made)
    return f"{right} of {len(made)} right" + (f" ({right / len(made):.0%})" if made else "")


def show(outcomes: list[Outcome]) -> None:
    """Print the figures and every wrong claim."""
    read = [o for o in outcomes if any(clue.kind == "text" for clue in o.answer.clues)]
    print(f"photos {len(outcomes)}, with text {len(read)}")
    print("country claims", share([outcome.country_claim for outcome in outcomes]))
    print("city claims", share([outcome.city_claim for outcome in outcomes]))
    for name, group in (("all", outcomes), ("with text", read)):
        if group:
            print(f"mean log P(country), {name}: {np.mean([o.country_log for o in group]):.3f}")
    for outcome in outcomes:
        if outcome.country_claim is False or outcome.city_claim is False:
            print(f"wrong: {describe(outcome)}")


def describe(outcome: Outcome) -> str:
    """Return one line about a photo: truth, claim, and the lines that were read."""
    place = outcome.answer.place
    read = [clue.text for clue in outcome.answer.clues if clue.kind == "text"]
    claimed = f"{place.country_code or 'none'} {place.city or ''}".strip()
    truth = outcome.row["country"]
    return f"{outcome.row['file']} {truth}: {claimed} {outcome.answer.probability:.2f} {read}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("metadata", type=Path)
    parser.add_argument("--lines", type=Path, required=True, help="where lines of text are kept")
    parser.add_argument("--without", action="append", default=[], help="a source to leave out")
    parser.add_argument("--every", action="store_true", help="print every photo")
    parser.add_argument("--out", type=Path, help="write every answer as a line of JSON")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.metadata.read_text().splitlines()]
    toolbox = open_toolbox(load_settings(), without_sources=tuple(arguments.without))
    lines = kept_lines(arguments.lines, rows, arguments.metadata.parent, toolbox)
    blank = blank_photo()
    outcomes = [outcome_of(row, lines[row["file"]], toolbox, blank) for row in rows]
    show(outcomes)
    if arguments.every:
        print(*map(describe, outcomes), sep="\n")
    if arguments.out:
        answers = [outcome.answer.model_dump_json() for outcome in outcomes]
        arguments.out.write_text("\n".join(answers) + "\n")


if __name__ == "__main__":
    main()
