"""Measure what one photo costs: cold, warm, and many at once.

    python benchmarks/locate.py PHOTO... [--index DIR]

Correctness first: every way must give the same answers. Then it prints seconds of wall and of CPU
time per photo and the ratio against a fresh process per photo, the baseline, and the peak memory.
With no other work on the machine the wall figures are the ones to read.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from geoagent_graph import Answer, Toolbox, load_settings, locate, locate_many, open_toolbox
from geoagent_graph.allocator import bound_memory

Place = tuple[float, float]


def cold(photos: list[Path], index: list[str]) -> list[Place]:
    places = []
    for photo in photos:
        command = [
            sys.executable,
            "-m",
            "geoagent_graph.cli",
            "locate",
            str(photo),
            "--json",
            "--quiet",
        ]
        done = subprocess.run([*command, *index], capture_output=True, text=True)
        found = json.loads(done.stdout)
        places.append((found["lat_deg"], found["lon_deg"]))
    return places


def warm(photos: list[Path], toolbox: Toolbox) -> list[Place]:
    async def run() -> list[Answer]:
        return [await locate(photo, toolbox=toolbox) for photo in photos]

    return [(answer.lat_deg, answer.lon_deg) for answer in asyncio.run(run())]


def many(photos: list[Path], toolbox: Toolbox) -> list[Place]:
    async def run() -> list[Place]:
        places = []
        async for outcome in locate_many(photos, toolbox=toolbox, concurrency=os.cpu_count() or 1):
            assert outcome.answer is not None, outcome.error
            places.append((outcome.answer.lat_deg, outcome.answer.lon_deg))
        return places

    return asyncio.run(run())


def timed(work: Callable[[], list[Place]]) -> tuple[list[Place], float, float]:
    began, cpu = time.perf_counter(), _cpu_seconds()
    places = work()
    count = len(places)
    return places, (time.perf_counter() - began) / count, (_cpu_seconds() - cpu) / count


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--index", type=Path)
    arguments = parser.parse_args()
    photos: list[Path] = arguments.photos
    index = ["--index", str(arguments.index)] if arguments.index else []
    few = photos[:3]

    bound_memory()  # as the command line does
    base, base_wall, base_cpu = timed(lambda: cold(few, index))
    toolbox = open_toolbox(load_settings(), index=arguments.index)
    warm(few[:1], toolbox)
    one, one_wall, one_cpu = timed(lambda: warm(photos, toolbox))
    both, both_wall, both_cpu = timed(lambda: many(photos, toolbox))
    assert base == one[: len(few)], "cold and warm answers differ"
    assert one == both, "one at a time and many at once differ"

    print(f"{len(photos)} photos; seconds per photo")
    print(f"{'':28}{'wall':>8}{'CPU':>8}{'faster than cold':>18}")
    rows = [
        ("cold, a process each", base_wall, base_cpu),
        ("warm, one at a time", one_wall, one_cpu),
        ("warm, on all cores", both_wall, both_cpu),
    ]
    for name, wall, cpu in rows:
        print(f"{name:28}{wall:8.2f}{cpu:8.2f}{base_wall / wall:17.1f}x")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory: {peak_mb:.0f} MB on all cores, {child_mb:.0f} MB for one cold photo")


if __name__ == "__main__":
    main()
