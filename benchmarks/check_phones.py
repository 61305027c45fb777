"""Checks what the agent makes of telephone numbers, beside the name of a town and alone.

    OMP_NUM_THREADS=1 python benchmarks/check_phones.py [--towns 60] [--numbers 500] [--seed 1]

First signs "TOWN, Tel. NUMBER" of towns that share the dialling area of a larger one, in 14
countries: with and without a country code, on one line and on two, with one digit misread, and with
a number of another area. The answer must be the town named. Then numbers alone, each with a town
drawn by population from its area: the country, and whether the radius holds the town. Everything is
drawn (`tools/draw_numbers.py`); no text is read from pixels. Ends with status 1 where a town was
answered with another one.
"""

import argparse
import io
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import phonenumbers
from PIL import Image
from rich.console import Console
from rich.table import Table

from geoagent_graph import Answer, Toolbox, load_settings, locate_sync, open_toolbox
from geoagent_graph.geo.gazetteer import Gazetteer, open_gazetteer
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import script_of
from geoagent_graph.protocols import TextLine
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.types import Box
from tools.draw_numbers import (
    COUNTRIES,
    TownNumber,
    draw_area_numbers,
    draw_towns,
    misread,
    written,
)


@dataclass(frozen=True, slots=True)
class Sign:
    """Lines of text, the kind of sign, and the row of the town where it stands."""

    kind: str
    lines: tuple[str, ...]
    town: int
    area: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered to a sign, and how far that is from the truth."""

    kind: str
    lines: tuple[str, ...]
    area: str
    country: str
    truth: str
    said_country: str | None
    said: str | None
    probability: float
    away_km: float
    radius_km: float

    @property
    def verdict(self) -> str:
        """What was claimed: the "right" town, an "other" one, or "none"."""
        return "none" if self.said is None else "right" if self.said == self.truth else "other"


def town_signs(gazetteer: Gazetteer, count: int, seed: int) -> Iterator[Sign]:
    """Yield the signs of `count` towns in all countries together."""
    per_country = -(-count // len(COUNTRIES))
    for region in COUNTRIES:
        rng = random.Random(f"{seed} {region}")
        drawn = draw_towns(gazetteer, region, per_country, rng)
        for row in drawn:
            yield from signs_of(gazetteer, row, rng.choice(drawn), rng)


def signs_of(
    gazetteer: Gazetteer, row: TownNumber, other: TownNumber, rng: random.Random
) -> Iterator[Sign]:
    """Yield the signs of one town; `other` is one of the same country."""
    name, area = gazetteer.name(row.town), row.area.description
    national, abroad = written(row.number, "national"), written(row.number, "international")
    trunk = written(row.number, rng.choice(("zeros", "bracketed")))
    texts = {
        "national": (f"{name}, Tel. {national}",),
        "+": (f"{name}, Tel. {abroad}",),
        "no word": (f"{name} {national}",),
        "two lines": (name, f"Tel. {national}"),
        "two lines, 00 or (0)": (name, f"Tel. {trunk}"),
        "misread": (f"{name}, Tel. {misread(national, rng)}",),
        "misread, +": (name, f"Tel. {misread(abroad, rng)}"),
        "another area": (name, f"Tel. {written(other.number, 'national')}"),
    }
    for kind, lines in texts.items():
        yield Sign(kind, lines, row.town, area)


def number_signs(gazetteer: Gazetteer, count: int, seed: int) -> Iterator[Sign]:
    """Yield numbers alone, half of them with a country code."""
    rng = random.Random(f"{seed} numbers")
    regions = sorted(set(phonenumbers.SUPPORTED_REGIONS) & set(gazetteer.country_numbers))
    for number, row in enumerate(draw_area_numbers(gazetteer, regions, count, rng)):
        style = ("international", "national")[number % 2]
        text = f"Tel. {written(row.number, style)}"
        yield Sign(f"alone, {style}", (text,), row.town, row.area.description)


def answer_to(lines: tuple[str, ...], toolbox: Toolbox) -> Answer:
    """Return the answer to a photo with these lines of text."""
    reader = FixedTextReader([text_line(text, row) for row, text in enumerate(lines)])
    stream = io.BytesIO()
    Image.new("RGB", (64, 48)).save(stream, "PNG")
    return locate_sync(stream.getvalue(), toolbox=replace(toolbox, text_reader=reader))


def text_line(text: str, row: int) -> TextLine:
    language, confidence = language_of(text)
    box = Box(left=0.1, top=0.1 + 0.2 * row, right=0.9, bottom=0.25 + 0.2 * row)
    return TextLine(text, box, 0.95, script_of(text), language, confidence, "drawn")


def outcome_of(sign: Sign, toolbox: Toolbox, gazetteer: Gazetteer) -> Outcome:
    answer, truth = answer_to(sign.lines, toolbox), gazetteer.place(sign.town)
    away_km = distance_km(answer.lat_deg, answer.lon_deg, truth.lat_deg, truth.lon_deg)
    return Outcome(
        sign.kind,
        sign.lines,
        sign.area,
        truth.country_code or "",
        truth.name,
        answer.place.country_code,
        answer.place.city,
        round(answer.probability, 3),
        round(float(away_km), 1),
        round(answer.radius_km, 1),
    )


def show(outcomes: list[Outcome]) -> None:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.kind].append(outcome)
    table = Table(
        "signs", "", "town right", "other town", "none", "country right", "other", "in radius",
        "median km", "median radius km",
    )  # fmt: skip
    for kind, group in groups.items():
        towns = Counter(outcome.verdict for outcome in group)
        right = sum(outcome.said_country == outcome.country for outcome in group)
        silent = sum(outcome.said_country is None for outcome in group)
        inside = np.mean([outcome.away_km <= outcome.radius_km for outcome in group])
        away = np.median([outcome.away_km for outcome in group])
        radius = np.median([outcome.radius_km for outcome in group])
        counts = (len(group), towns["right"], towns["other"], towns["none"])
        countries = (right, len(group) - right - silent)
        figures = (f"{inside:.0%}", f"{away:.0f}", f"{radius:.0f}")
        table.add_row(kind, *map(str, counts + countries), *figures)
    Console(width=140).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--towns", type=int, default=60)
    parser.add_argument("--numbers", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write every outcome as a line of JSON")
    arguments = parser.parse_args()
    settings = load_settings()
    toolbox, gazetteer = open_toolbox(settings), open_gazetteer(settings)
    signs = [
        *town_signs(gazetteer, arguments.towns, arguments.seed),
        *number_signs(gazetteer, arguments.numbers, arguments.seed),
    ]
    outcomes = [outcome_of(sign, toolbox, gazetteer) for sign in signs]
    if arguments.out:
        rows = (json.dumps(asdict(outcome), ensure_ascii=False) for outcome in outcomes)
        arguments.out.write_text("\n".join(rows) + "\n", encoding="utf-8")
    show(outcomes)
    wrong = [row for row in outcomes if row.verdict == "other" and "alone" not in row.kind]
    for row in wrong:
        print(f"{' / '.join(row.lines)}: {row.said} ({row.probability:.0%})")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
