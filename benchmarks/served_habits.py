"""Every pair of habits that a model server can have, in both orders: how a photo's run ends.

    python -m benchmarks.served_habits [--pairs 300] [--seed 0] [--start 0]

Prints each pair that ends otherwise than its habits say, and how many were run. About 0.2 s a pair.
"""

import argparse
import asyncio
import random
from itertools import permutations

from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.settings import load_settings
from geoagent_graph.testing.habit_list import HABITS
from tests.support.habit_runs import can_be_combined, locate_with, unexpected


async def run_pairs(number: int | None, seed: int, start: int = 0) -> int:
    """Print the pairs that end in another way; return how many those are."""
    geocoder = open_geocoder(load_settings())
    pairs = [
        pair for pair in permutations(HABITS, 2) if can_be_combined([HABITS[name] for name in pair])
    ]
    random.Random(seed).shuffle(pairs)
    chosen = pairs[start:][:number]
    wrong = 0
    for pair in chosen:
        habits = [HABITS[name] for name in pair]
        why = unexpected(habits, await locate_with(habits, geocoder))
        if why:
            wrong += 1
            print(f"{pair[0]} + {pair[1]}: {why}")
    print(f"{len(chosen)} pairs, {wrong} of them end in another way")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, help="a sample of so many; all without it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="how many to leave out, to go on")
    given = parser.parse_args()
    raise SystemExit(1 if asyncio.run(run_pairs(given.pairs, given.seed, given.start)) else 0)
