"""Every pair of habits that a model server can have, or sets of three: how a photo's run ends.

    python -m benchmarks.served_habits [--together 2] [--sets 500] [--seed 0] [--start 0]

Two orders count as two where they differ to the mock server. Prints each set that ends otherwise
than its habits say, and how many were run. About 0.2 s a set.
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from itertools import permutations

from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.settings import load_settings
from geoagent_graph.testing.habit_list import HABITS
from tests.support.habit_runs import can_be_combined, effect_of, locate_with, unexpected


def list_sets(together: int, seed: int) -> list[tuple[str, ...]]:
    """Return the names of all sets of habits that one server can have, in a shuffled order."""
    found: dict[object, tuple[str, ...]] = {}
    for names in permutations(HABITS, together):
        habits = [HABITS[name] for name in names]
        if can_be_combined(habits):
            found.setdefault(effect_of(habits), names)
    sets = list(found.values())
    random.Random(seed).shuffle(sets)
    return sets


async def run_sets(sets: Sequence[tuple[str, ...]]) -> int:
    """Print the sets that end in another way; return how many those are."""
    geocoder = open_geocoder(load_settings())
    wrong = 0
    for names in sets:
        habits = [HABITS[name] for name in names]
        why = unexpected(habits, await locate_with(habits, geocoder))
        if why:
            wrong += 1
            print(f"{' + '.join(names)}: {why}", flush=True)
    print(f"{len(sets)} sets, {wrong} of them end in another way")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--together", type=int, default=2, help="how many habits a server has")
    parser.add_argument("--sets", type=int, help="so many of them; all without it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="how many to leave out, to go on")
    given = parser.parse_args()
    chosen = list_sets(given.together, given.seed)[given.start :][: given.sets]
    raise SystemExit(1 if asyncio.run(run_sets(chosen)) else 0)
