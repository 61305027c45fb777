"""Say how well languages are told by the spelling of short, misread names of shops.

    python -m benchmarks.check_spelling TAGGING_SCHEMA [--seed 3]

TAGGING_SCHEMA is the unpacked npm package `@openstreetmap/id-tagging-schema`. Of every language up
to 40 names of kinds of shops that were held out of the table are drawn; a third as they are, the
rest without accents, without a letter, with a letter mistaken for another, or cut off. Prints the
mean log P(true language) for powers of the letters' likelihood, how often the language is the first
and among the first three, and how often the language reader's guess is right.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from geoagent_graph.evidence.language.spelling import LANGUAGES_OF, spelling_table, text_logs
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import script_of
from tools.compile_sign_words import CODES, trade_names, without_marks

DRAWN = 40
POWERS = (0.2, 0.35, 0.5, 0.7, 1.0)
STRAY = 0.03
LOOK_ALIKE = {"l": "i", "i": "l", "e": "c", "c": "e", "n": "h", "u": "v", "t": "f", "a": "o"}


def misread(name: str, draw: random.Random) -> str:
    """Return a name as a reader may give it."""
    place, kind = draw.randrange(len(name)), draw.random()
    if kind < 0.35:
        return name
    if kind < 0.6:
        return without_marks(name)
    if kind < 0.75:
        return name[:place] + name[place + 1 :]
    if kind < 0.9:
        return name[:place] + LOOK_ALIKE.get(name[place].lower(), name[place]) + name[place + 1 :]
    return name[: max(3, int(len(name) * draw.uniform(0.5, 0.9)))]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("schema", type=Path)
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    draw, table = random.Random(arguments.seed), spelling_table()
    known = {language for names in LANGUAGES_OF.values() for language in names}
    names: dict[str, set[str]] = defaultdict(set)
    for language, name, held_out in trade_names(arguments.schema):
        if held_out and language in known & set(table.column_of) and script_of(name):
            names[language].add(name)
    drawn = [
        (language, misread(name, draw))
        for language, found in sorted(names.items())
        for name in draw.sample(sorted(found), min(DRAWN, len(found)))
    ]
    logs = np.stack([text_logs(text) for _, text in drawn])
    truth = np.array([table.column_of[language] for language, _ in drawn])
    print(f"{len(drawn)} names of {len(names)} languages")
    for power in POWERS:
        shares = np.exp(power * (logs - logs.max(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        mixed = (1 - STRAY) * shares[np.arange(len(truth)), truth] + STRAY / len(table.column_of)
        print(f"power {power}: mean log P(true language) {np.log(mixed).mean():.3f}")
    ranked = np.argsort(-logs, axis=1)[:, :3] == truth[:, None]
    guesses = [language_of(text)[0] or "" for _, text in drawn]
    right = [
        CODES.get(guess, guess) == said for guess, (said, _) in zip(guesses, drawn, strict=True)
    ]
    print(f"first {ranked[:, 0].mean():.1%}, among three {ranked.any(axis=1).mean():.1%}")
    print(f"the language reader {np.mean(right):.1%}")


if __name__ == "__main__":
    main()
