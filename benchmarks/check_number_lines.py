"""Say what single lines with numbers do: roads, hours, dates, prices, codes, telephones, and none.

    python -m benchmarks.check_number_lines [--noisy SEED]

The lines are those of `tools/number_lines.tsv`, written by hand for some 40 countries; `none` are
lines that say nothing of a country. Prints per kind the mean gain of the true country over the
prior, in nats with its 95 % interval, how many helped and hurt by more than 0.1 nats, the claims of
countries and the wrong ones; of `none`, the largest probability of a country. `--noisy` loses
accents and letters as a reader does (figures stay).
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.check_notices import line_of
from benchmarks.measure_sources import MIN_CHANGE_NATS, interval
from geoagent_graph import load_settings
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.geo.gazetteer import open_gazetteer
from tools.compile_sign_words import without_marks

LINES = Path(__file__).parents[1] / "tools" / "number_lines.tsv"


def misread_words(text: str, draw: random.Random) -> str:
    """Return a text without its accents, or without one of its letters."""
    if draw.random() < 0.5:
        return without_marks(text)
    letters = [place for place, letter in enumerate(text) if letter.isalpha() and place > 2]
    place = draw.choice(letters) if letters else len(text)
    return text[:place] + text[place + 1 :]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--noisy", type=int)
    parser.add_argument("--every", action="store_true", help="print every line")
    arguments = parser.parse_args()
    model = BayesEvidence(open_gazetteer(load_settings()))
    codes = model.town_table.codes
    prior = model.weigh([], ()).posterior.country_probability
    gains: dict[str, list[float]] = defaultdict(list)
    claims: dict[str, list[str]] = defaultdict(list)
    wrong: dict[str, list[str]] = defaultdict(list)
    draw = random.Random(arguments.noisy)
    for row in LINES.read_text("utf-8").splitlines():
        kind, country, text = row.split("\t")
        if arguments.noisy is not None:
            text = misread_words(text, draw)
        line = line_of(text)
        found = model.weigh([line, *model.extract([line])], ()).posterior.country_probability
        first = int(found.argmax())
        claimed = float(found[first]) >= parameters().thresholds.country
        said = f"{text}: {codes[first]} {found[first]:.2f}"
        if kind == "none":
            gains[kind].append(float(found[first]))
        else:
            number = model.town_table.number_of[country]
            gains[kind].append(float(np.log(found[number] / prior[number])))
        if claimed:
            claims[kind].append(said)
            if codes[first] != country:
                wrong[kind].append(said)
        if arguments.every:
            print(kind, country, said, f"{gains[kind][-1]:+.2f}")
    for kind, values in gains.items():
        of_kind = np.array(values)
        if kind == "none":
            print(f"none: {len(values)} lines, largest probability {of_kind.max():.2f}", end="; ")
        else:
            low, high = interval(of_kind)
            helped, hurt = (of_kind > MIN_CHANGE_NATS).sum(), (of_kind < -MIN_CHANGE_NATS).sum()
            print(f"{kind}: {len(values)} lines, {of_kind.mean():+.2f} ({low:+.2f} to {high:+.2f})")
            print(f"  helped {helped}, hurt {hurt}", end="; ")
        print(f"claims {len(claims[kind])}, wrong {len(wrong[kind])} {wrong[kind] or ''}")


if __name__ == "__main__":
    main()
