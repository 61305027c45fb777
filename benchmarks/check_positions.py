"""Checks that a position in a file, and nothing else, is answered with that very point.

    OMP_NUM_THREADS=1 PYTHONPATH=. python benchmarks/check_positions.py       # 2,000 places
    OMP_NUM_THREADS=1 PYTHONPATH=. python benchmarks/check_positions.py --number 200 --seed 7

The places are drawn by seed: around towns of every continent, at points where the country changes
within some kilometres, on coasts and small islands, about the date line and the poles, at sea. Each
goes through the whole graph with its default policy, as a photo that shows nothing. Exit status 1
where a point moved, a country is wrong and no border was said, a town is not the nearest one, the
position lies outside the radius, or an answer says that something speaks against it.
"""

import argparse
import asyncio
import sys
from collections import Counter
from dataclasses import replace

from geoagent_graph import Toolbox, open_toolbox
from geoagent_graph.testing import MemoryImages
from tools.draw_positions import KINDS, DrawnPlace, draw_places
from tools.position_faults import FAULTS, check_place, offline_geocoder


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--number", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    tools = replace(open_toolbox(), images=MemoryImages(), text_reader=None)
    places = list(draw_places(offline_geocoder(tools), chosen.number, chosen.seed))
    found = asyncio.run(check_places(tools, places))
    print_table(places, found)
    sys.exit(1 if any(found) else 0)


async def check_places(tools: Toolbox, places: list[DrawnPlace]) -> list[tuple[str, ...]]:
    """Return the faults of the answer to each place, empty where it is right."""
    return [await check_place(tools, place) for place in places]


def print_table(places: list[DrawnPlace], found: list[tuple[str, ...]]) -> None:
    """Print how many places of each kind have which fault, and the faulty places."""
    counts = Counter((p.kind, f) for p, faults in zip(places, found, strict=True) for f in faults)
    print(f"{'faults':12}{'places':>8}" + "".join(f"{fault:>9}" for fault in FAULTS))
    for kind in KINDS:
        number = sum(place.kind == kind for place in places)
        print(f"{kind:12}{number:8}" + "".join(f"{counts[kind, fault]:9}" for fault in FAULTS))
    for place, faults in zip(places, found, strict=True):
        if faults:
            print(f"{place.kind}: {place.lat_deg}, {place.lon_deg}: {', '.join(faults)}")


if __name__ == "__main__":
    main()
