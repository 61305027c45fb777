"""Say how well languages are told by one plain line: a notice, a name, letters of no word.

    python -m benchmarks.check_notices [--seed 5] [--half 1]

The notices are those of `tools/sign_notices.tsv`, in 47 languages, drawn as a reader may give them:
without accents, without a letter, with one mistaken, cut off, in capitals. Names are brands of one
country, of the table of brands; here their language alone is asked for.
Prints the gain of the language source for the countries that speak the language, how much they get
together and how often one is first; the gain for the country of a name; how often letters of no
word give a country enough for a claim.
"""

import argparse
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.check_spelling import misread
from geoagent_graph import load_settings
from geoagent_graph.evidence.brands import brand_table
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.language.likelihood import language_likelihood
from geoagent_graph.evidence.sources.languages import mix_of_towns
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import script_of
from geoagent_graph.types import Clue

NOTICES = Path(__file__).parents[1] / "tools" / "sign_notices.tsv"
MAX_NAMES = 700
MADE_UP = 400
MIN_SPOKEN_SHARE = 0.3
CLAIMED = 0.55
CAPITALS_SHARE = 0.2
Floats = NDArray[np.float64]


def line_of(text: str) -> Clue:
    """Return a line of text as a reader gives it."""
    language, confidence = language_of(text)
    attributes = {"script": script_of(text) or ""}
    if language:
        attributes |= {"language": language, "language_confidence": f"{confidence:.3f}"}
    return Clue(
        id="text:0", kind="text", text=text, source="drawn", confidence=0.95, attributes=attributes
    )


def notices(half: int, draw: random.Random) -> list[tuple[str, str]]:
    """Return (language, notice) of every other notice, as a reader may give it."""
    found = []
    for row in NOTICES.read_text("utf-8").splitlines():
        language, *texts = row.split("\t")
        for text in texts[half::2]:
            capitals = draw.random() < CAPITALS_SHARE
            found.append((language, text.upper() if capitals else misread(text, draw)))
    return found


def made_up(draw: random.Random) -> list[str]:
    """Return letters of no word."""
    return [
        "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9))).upper()
        for _ in range(MADE_UP)
    ]


class Measure:
    """The probabilities of countries after one line, by its language alone."""

    def __init__(self) -> None:
        model = BayesEvidence(open_gazetteer(load_settings()))
        self.town_table = model.town_table
        self.mix = mix_of_towns(model.town_table)
        count = len(self.town_table.codes)
        self.prior = np.bincount(model.town_table.country, model.prior, count) + 1e-15

    def after(self, text: str) -> Floats:
        """Return P(country | line), shape [countries]."""
        said = language_likelihood([line_of(text)], self.mix)
        probability = self.prior if said is None else self.prior * np.exp(said.country)
        return np.asarray(probability / probability.sum())

    def speakers(self, language: str) -> Floats:
        """Return the prior of the countries that speak a language, summing to 1."""
        share = self.mix.share[:, self.mix.number_of[language]]
        least = min(MIN_SPOKEN_SHARE, 0.8 * float(share.max()))
        weights = np.where(share >= least, self.prior, 0.0)
        return np.asarray(weights / weights.sum())


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    arguments = parser.parse_args()
    draw, measure = random.Random(arguments.seed), Measure()
    gains, together, first = [], [], []
    drawn = notices(arguments.half, draw)
    for language, text in drawn:
        after, speakers = measure.after(text), measure.speakers(language)
        gains.append(float(speakers @ np.log(after / measure.prior)))
        together.append(float(after[speakers > 0].sum()))
        first.append(bool(speakers[int(after.argmax())] > 0))
    print(f"{len(drawn)} notices: gain {np.mean(gains):+.2f} nats, lowest {min(gains):+.2f};")
    print(f"  speakers' countries {np.mean(together):.0%} together, first {np.mean(first):.0%}")
    known = measure.town_table.number_of
    names = [b for b in brand_table().by_name.values() if len(b.countries) == 1]
    names = [b for b in names if b.countries[0] in known]
    own = np.array(
        [
            np.log(measure.after(brand.name.title())[known[brand.countries[0]]])
            - np.log(measure.prior[known[brand.countries[0]]])
            for brand in draw.sample(names, MAX_NAMES)
        ]
    )
    error = 1.96 * own.std() / len(own) ** 0.5
    hurt = (own < -0.1).mean()
    print(f"{MAX_NAMES} names: gain {own.mean():+.2f} nats (± {error:.2f}), hurt {hurt:.0%}")
    top = [float(measure.after(text).max()) for text in made_up(draw)]
    print(f"{MADE_UP} made-up words: {np.mean(np.array(top) > CLAIMED):.1%} above {CLAIMED}")


if __name__ == "__main__":
    main()
