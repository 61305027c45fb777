"""Tables of how far the answers to a set of photos may be believed, claimed or not.

Over all photos, not only those with a claim: the probabilities of countries are given for every
answer. `evaluation/` scores claims; these tables add what `docs/accuracy.md` says of the rest.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from geoagent_evaluation.metrics.calibration import calibration_error, equal_width_bins
from geoagent_evaluation.scoring.countries import continents_of

from geoagent_graph.geo.sphere import distance_km

MAX_CITY_ERROR_KM = 25.0
MIN_PROBABILITY = 1e-4
"""Countries below 0.001 are left out of a row of predictions."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """A photo's answer as a row of predictions, and its truth."""

    said: Row
    truth: Row

    @property
    def has_words(self) -> bool:
        """Whether any text was read in the photo."""
        return "text" in self.said.get("evidence", ())

    @property
    def likeliest(self) -> tuple[str, float]:
        """The likeliest country and its probability."""
        countries = self.said["countries"]
        code = max(countries, key=countries.__getitem__)
        return code, float(countries[code])

    @property
    def country_log(self) -> float:
        """Log P(true country)."""
        said = self.said["countries"].get(self.truth["country"], 0.0)
        return float(np.log(max(said, MIN_PROBABILITY)))

    @property
    def away_km(self) -> float | None:
        """How far the point lies from the truth; None where that is not known to be a point."""
        if self.truth.get("lat_deg") is None:
            return None
        points = (self.said["lat_deg"], self.said["lon_deg"])
        return float(distance_km(*points, self.truth["lat_deg"], self.truth["lon_deg"]))


def read_answers(folder: Path) -> list[Answered]:
    """Return the photos of a run that were answered and whose country is known."""
    truths = {row["id"]: row for row in _rows_of(folder / "truth.jsonl")}
    said = _rows_of(folder / "predictions.jsonl")
    return [
        Answered(row, truths[row["id"]])
        for row in said
        if "error" not in row and truths[row["id"]].get("country")
    ]


def _rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def calibration_table(answers: Sequence[Answered]) -> Iterator[str]:
    """Yield the lines of a table: photos without words, with words, all.

    Claims that are right, of how many; how sure the likeliest country is beside how often it is
    right.
    """
    groups = {
        "without words": [answer for answer in answers if not answer.has_words],
        "with words": [answer for answer in answers if answer.has_words],
        "all": list(answers),
    }
    yield "| | photos | countries | cities | log P(country) | stated | right | ECE |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, group in groups.items():
        if group:
            yield f"| {name} | {len(group)} | {' | '.join(_calibration_cells(group))} |"


def _calibration_cells(group: Sequence[Answered]) -> list[str]:
    likeliest = [answer.likeliest for answer in group]
    stated = np.array([share for _, share in likeliest])
    right = np.array([
        code == a.truth["country"] for (code, _), a in zip(likeliest, group, strict=True)
    ])  # fmt: skip
    countries = [a.said["country"] == a.truth["country"] for a in group if a.said.get("country")]
    cities = [
        a.away_km <= MAX_CITY_ERROR_KM
        for a in group
        if a.said.get("city") and a.away_km is not None
    ]
    error = calibration_error(stated, right, equal_width_bins(stated))
    logs = np.mean([answer.country_log for answer in group])
    return [
        f"{sum(countries)} of {len(countries)}", f"{sum(cities)} of {len(cities)}", f"{logs:.2f}",
        f"{stated.mean():.3f}", f"{right.mean():.3f}", f"{error:.3f}",
    ]  # fmt: skip


def coverage_table(answers: Sequence[Answered]) -> Iterator[str]:
    """Yield the lines of a table: how many photos lie in the radius, by continent of the truth."""
    yield "| continent | photos | in the radius | with words | in the radius |"
    yield "|---|---|---|---|---|"
    placed = [answer for answer in answers if answer.away_km is not None]
    continents = continents_of([answer.truth["country"] for answer in placed])
    for continent in sorted({code for code in continents if code}):
        of_it = [a for a, c in zip(placed, continents, strict=True) if c == continent]
        worded = [answer for answer in of_it if answer.has_words]
        cells = (continent, len(of_it), _inside(of_it), len(worded), _inside(worded))
        yield f"| {' | '.join(map(str, cells))} |"


def _inside(group: Sequence[Answered]) -> str:
    inside = [a.away_km <= a.said["radius_km"] for a in group if a.away_km is not None]
    return f"{np.mean(inside):.1%}".replace("%", " %") if inside else ""
