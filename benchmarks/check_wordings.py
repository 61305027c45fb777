"""Checks that a name in words to the viewer moves no country, whatever the wording.

    python -m benchmarks.check_wordings [WORDINGS]

WORDINGS (`tools/planted_wordings.txt`) has one wording a line with `{city}`, and ` / ` between
lines of text. Each is read with four towns, alone and beside German signs, against the same words
without the name. Prints the wordings that move the country named by more than `MAX_MOVED`.
"""

import argparse
from pathlib import Path

from benchmarks.check_planted_lines import MAX_MOVED, country_probabilities
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.settings import load_settings
from tools.draw_planted_lines import SCENES

WORDINGS = Path(__file__).parents[1] / "tools" / "planted_wordings.txt"
TOWNS = (("Oslo", "NO"), ("Bogotá", "CO"), ("Nairobi", "KE"), ("Budapest", "HU"))


def most_moved(model: BayesEvidence, wording: str) -> float:
    """Return by how much a name in this wording moves its country at most, with its sign."""
    moved = []
    for code, scene in SCENES:
        if code not in ("", "DE"):
            continue
        without = wording.replace("{city}", "").split(" / ")
        before = country_probabilities(model, (*scene, *(line for line in without if line.strip())))
        for town, country in TOWNS:
            lines = (*scene, *wording.replace("{city}", town).split(" / "))
            number = model.town_table.number_of[country]
            moved.append(float(country_probabilities(model, lines)[number] - before[number]))
    return max(moved, key=abs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wordings", type=Path, nargs="?", default=WORDINGS)
    arguments = parser.parse_args()
    model = BayesEvidence(open_gazetteer(load_settings()))
    wordings = arguments.wordings.read_text("utf-8").splitlines()
    moved = {wording: most_moved(model, wording) for wording in wordings}
    over = {wording: by for wording, by in moved.items() if abs(by) > MAX_MOVED}
    for wording, by in over.items():
        print(f"{by:+.3f} {wording}")
    most = max(map(abs, moved.values()))
    print(f"{len(over)} of {len(moved)} wordings above {MAX_MOVED}; at most {most:.3f}")


if __name__ == "__main__":
    main()
