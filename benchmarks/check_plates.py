"""Checks how often a number plate by itself makes the evidence claim a wrong country.

    python -m benchmarks.check_plates [--count 8] [--seed 1]

Draws plates of every form that the agent knows and of `UNKNOWN` ones (countries whose forms it does
not know), as read, with one sign misread or lost, and as two readings of one plate, one of them
misread. Prints the claims of countries and the wrong ones. Ends with status 1 where more than one
in a hundred plates makes a wrong claim.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.check_planted_lines import country_probabilities
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.settings import load_settings

MAX_WRONG_SHARE = 0.01
WAYS = ("as read", "misread", "read twice", "two cars")
UNKNOWN = {
    "DE": (r"[BMKFS] [A-Z]{2} \d{3,4}", r"(?:HH|KA|MA|HD|WI) [A-Z]{1,2} \d{2,4}"),
    "AT": (r"[WGLS] \d{4,5}[A-Z]", r"(?:IL|KB|VB|WN) \d{3}[A-Z]{2}"),
    "CH": (r"(?:ZH|BE|VD|GE|AG|SG|LU) ?\d{5,6}",),
    "NO": (r"[A-Z]{2} \d{5}",),
    "GR": (r"[ABEHIKMNOPTXYZ]{3} \d{4}",),
    "IE": (r"\d{2,3} [DCGL] \d{3,5}",),
    "SI": (r"(?:LJ|MB|KR|CE|GO) [A-Z0-9]{2} \d{3}",),
    "EE": (r"\d{3} [A-Z]{3}",),
    "LV": (r"[A-Z]{2} \d{3,4}",),
    "IS": (r"[A-Z]{2} \d{3}", r"[A-Z]{2} [A-Z]\d{2}"),
    "MX": (r"[A-Z]{3} \d{2} \d{2}", r"[A-Z]\d{2} [A-Z]{3}"),
    "AR": (r"[A-Z]{3} \d{3}", r"[A-Z]{2} \d{3} [A-Z]{2}"),
    "CL": (r"[BCDFGHJKLPRSTVWXYZ]{4} \d{2}",),
    "ZA": (r"[A-Z]{2} \d{2} [A-Z]{2} GP", r"C[AJY] \d{3} \d{3}"),
    "AU": (r"[A-Z]{3} \d{2}[A-Z]", r"\d[A-Z]{2} \d[A-Z]{2}"),
    "NZ": (r"[A-Z]{3}\d{3}",),
    "TH": (r"[กขคฆงจฉชฌญฎฐฒณตถธนบปผพภมยรลวศสหอฮ]{2} \d{4}",),
    "VN": (r"\d{2}[A-Z] \d{3}\.\d{2}",),
    "ID": (r"[BDL] \d{4} [A-Z]{2,3}",),
    "IL": (r"\d{2} \d{3} \d{2}", r"\d{3} \d{2} \d{3}"),
    "KZ": (r"\d{3} [A-Z]{3} \d{2}",),
    "NG": (r"[A-Z]{3} \d{3} [A-Z]{2}",),
    "GH": (r"GR \d{4} \d{2}",),
    "EG": (r"[\u0627\u0628\u062c\u062f] [\u0631\u0633\u0635] \d{4}",),
    "US": (r"[A-Z]{3} \d{4}", r"[A-Z]{3} \d{3}", r"\d{3} [A-Z]{3}"),
    "CA": (r"[A-Z]{4} \d{3}", r"[A-Z]{2}\d \d{2}[A-Z]"),
}  # fmt: skip
_PARSER: Any = import_module("re._parser")  # no public name
_ALIKE = {
    "0": "OD", "O": "0Q", "D": "0", "1": "I", "I": "1", "8": "B", "B": "8", "5": "S", "S": "5",
    "2": "Z", "Z": "2", "6": "G", "G": "6", "7": "T", "4": "A", "A": "4", "V": "Y", "U": "V",
    "C": "G", "M": "N", "E": "F", "P": "R", "H": "N", "K": "X",
}  # fmt: skip


def draw_plate(form: str, draw: random.Random) -> str:
    """Return a text that matches a form: letters, figures, groups, classes and repetitions."""
    return _draw_parts(_PARSER.parse(form), draw)


def _draw_parts(parts: Any, draw: random.Random) -> str:
    return "".join(_draw_part(str(kind), value, draw) for kind, value in parts)


def _draw_part(kind: str, value: Any, draw: random.Random) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "IN":
        return draw.choice([sign for one in value for sign in _signs_of(str(one[0]), one[1])])
    if kind == "MAX_REPEAT":
        least, most, parts = value
        return "".join(_draw_parts(parts, draw) for _ in range(draw.randint(least, most)))
    if kind == "SUBPATTERN":
        return _draw_parts(value[-1], draw)
    if kind == "BRANCH":
        return _draw_parts(draw.choice(value[1]), draw)
    raise ValueError(f"a form of a plate has no {kind}")


def _signs_of(kind: str, value: Any) -> str:
    if kind == "RANGE":
        return "".join(chr(sign) for sign in range(value[0], value[1] + 1))
    return "0123456789" if kind == "CATEGORY" else chr(value)


def with_slip(plate: str, draw: random.Random) -> str:
    """Return a plate with one sign taken for one that looks alike, or with one lost."""
    pairs = [(at, one) for at, sign in enumerate(plate) for one in _ALIKE.get(sign, "")]
    if pairs and draw.random() < 0.7:
        at, sign = draw.choice(pairs)
        return plate[:at] + sign + plate[at + 1 :]
    at = draw.randrange(len(plate))
    return plate[:at] + plate[at + 1 :]


def draw_plates(count: int, seed: int) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield (country, way, lines) of so many plates of every form in every way."""
    draw = random.Random(seed)
    forms = [*table("plates")["forms"].items(), *UNKNOWN.items()]
    for code, written in forms:
        for form in written:
            for _ in range(count):
                plate, other = draw_plate(form, draw), draw_plate(form, draw)
                wrong = with_slip(plate, draw)
                every = ((plate,), (wrong,), (plate, wrong), (plate, other))
                yield from ((code, way, lines) for way, lines in zip(WAYS, every, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    model = BayesEvidence(open_gazetteer(load_settings()))
    drawn, claims, wrong = Counter[str](), Counter[str](), Counter[str]()
    for code, way, lines in draw_plates(arguments.count, arguments.seed):
        probability = country_probabilities(model, lines)
        best = int(np.argmax(probability))
        drawn[way] += 1
        if probability[best] < parameters().thresholds.country:
            continue
        claims[way] += 1
        if model.town_table.codes[best] != code:
            wrong[way] += 1
            print(
                f"wrong: {' / '.join(lines)} of {code}: "
                f"{model.town_table.codes[best]} {probability[best]:.2f}"
            )
    for way in WAYS:
        print(f"{way:10} {drawn[way]:4} drawn, {claims[way]:4} claims, {wrong[way]:3} wrong")
    return int(sum(wrong.values()) > MAX_WRONG_SHARE * sum(drawn.values()))


if __name__ == "__main__":
    sys.exit(main())
