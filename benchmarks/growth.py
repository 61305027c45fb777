"""How the cost of a thing grows with its size: a table, a plot, and fitted exponents.

    PYTHONPATH=. python benchmarks/growth.py [--only trip,references] [--csv FILE] [--plot FILE]

Each curve is CPU seconds over sizes: photos of a trip, photos located one after the other,
reference photos (made, searched whole, searched inside thirty countries, a hundred added),
candidates of a level, cases that are listed, steps of a case, the trace that is verified. What is
short is measured several times, and the least counts. The exponent is the slope of the logarithms
over the larger sizes: 1 grows as its input does. What grows faster has its reason in `REASONS`; a
curve above its limit ends with 1.
"""

import argparse
import asyncio
import csv
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.case_growth import ONE_PIXEL, grow, scripted_tools
from benchmarks.case_list import copy_case, make_case
from geoagent_graph import locate_many, open_toolbox
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.retrieval.assemble_index import NewPhotos, Selection, assemble
from geoagent_graph.retrieval.index_folder import IndexParts, save_index
from geoagent_graph.retrieval.index_format import read_manifest
from geoagent_graph.retrieval.open_shard import open_shards
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.shard_folder import Learnt, save_shards
from geoagent_graph.retrieval.vector_index import make_index, search_index
from geoagent_graph.settings import Settings, load_settings, prepare_process
from geoagent_graph.trip_types import PhotoEvidence, Taken, parse_time_taken
from tests.support.evidence_cases import Case, model, observed

Points = list[tuple[int, float]]
MAX_EXPONENT = 1.25  # what still counts as growing with the input, by the noise of one run
MAX_REPEATS, REPEATED_SECONDS = 5, 0.5
DIMENSION, QUERIES, COUNTRIES, ADDED = 64, 20, 30, 100
REASONS = {
    "references made": "from 50,000 on numbers are rounded to bytes; below and above it is even",
    "steps": "every checkpoint writes a state, which holds all earlier steps",
    "trace": "verify reads the state of every checkpoint, which holds all earlier steps",
}


def main() -> None:
    """Print the curves and their exponents, and write what was asked for."""
    prepare_process()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="names of curves, separated by commas")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    chosen = given.only.split(",") if given.only else list(CURVES)
    curves: dict[str, Points] = {}
    for name in chosen:
        for curve, points in CURVES[name]():
            curves[curve] = points
            print_curve(curve, points)
    if given.csv is not None:
        write_csv(given.csv, curves)
    if given.plot is not None:
        plot_curves(given.plot, curves)
    sys.exit(
        1 if any(exponent_of(points) > limit_of(name) for name, points in curves.items()) else 0
    )


def cpu_seconds(work: Callable[..., object], *given: Any) -> float:
    """Return the CPU seconds of one call in this process, whatever garbage lay there before."""
    gc.collect()
    began = time.process_time()
    work(*given)
    return time.process_time() - began


def least_seconds(work: Callable[..., object], *given: Any) -> float:
    """Return the least CPU seconds of several calls, at most `REPEATED_SECONDS` together."""
    found = [cpu_seconds(work, *given)]
    while len(found) < MAX_REPEATS and sum(found) < REPEATED_SECONDS:
        found.append(cpu_seconds(work, *given))
    return min(found)


def exponent_of(points: Points) -> float:
    """Return the slope of log seconds over log size, over the larger half and at least two."""
    upper = points[-max(2, (len(points) + 1) // 2) :]
    sizes, seconds = np.log(np.array(upper, dtype=np.float64)).T
    return float(np.polyfit(sizes, seconds, 1)[0])


def limit_of(name: str) -> float:
    """Return the exponent that a curve may have."""
    return 2.0 if name in REASONS else MAX_EXPONENT


def trip_curves() -> Iterator[tuple[str, Points]]:
    """Yield the cost of weighing a trip by its photos, a quarter of an hour apart.

    Clocks that do not say their zone cost more: the ways there and back differ, see `travel_prior`.
    """
    from geoagent_graph.evidence.trip.joint_posterior import weigh_trip

    for name, zone in (("trip", "+01:00"), ("trip without zones", "")):
        photos = trip_photos(zone)
        weigh_trip(model(), photos[:2])  # tables are read
        points = []
        for count in (3, 6, 12, 24):
            points.append((count, cpu_seconds(weigh_trip, model(), photos[:count])))
        yield name, points


def time_of(number: int, zone: str) -> Taken:
    """Return a quarter of an hour of a day."""
    hour, quarter = divmod(number, 4)
    return parse_time_taken(f"2024-05-01T{10 + hour:02}:{15 * quarter:02}:00{zone}")


def trip_photos(zone: str) -> list[PhotoEvidence]:
    """Return 24 photos of four places near Lisbon."""
    lines = ("Lisboa", "Rua da Liberdade", "Sintra", "Cascais")
    return [
        PhotoEvidence(
            key=f"{number:02}",
            name=f"photo {number}",
            clues=observed(Case(lines[number % len(lines)])),
            taken=time_of(number, zone),
        )
        for number in range(24)
    ]


def reference_curves() -> Iterator[tuple[str, Points]]:
    """Yield the cost of making an index and of searching it, across the limits of its kinds."""
    made: Points = []
    whole: Points = []
    region: Points = []
    make_index(unit_vectors(QUERIES), np.arange(QUERIES))  # FAISS is imported
    for count in (12_500, 25_000, 49_000, 100_000, 200_000):
        vectors = unit_vectors(count)
        index = make_index(vectors, np.arange(count))
        made.append((count, least_seconds(make_index, vectors, np.arange(count))))
        queries, inside = vectors[:QUERIES], thirty_ranges(count)
        whole.append((count, search_seconds(index, queries, None)))
        region.append((count, search_seconds(index, queries, inside)))
    yield "references made", made
    yield "references searched", whole
    yield "references of 30 countries", region


def added_curve() -> Iterator[tuple[str, Points]]:
    """Yield the cost of adding 100 photos to an index: its rows are read, the photos written."""
    points: Points = []
    for count in (12_500, 25_000, 49_000, 100_000, 200_000):
        rows = made_up_rows(count + ADDED)
        old = make_index(unit_vectors(count), np.arange(count))
        new = NewPhotos("made-up", rows[count:], unit_vectors(ADDED))
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home) / "index"
            save_index(folder, IndexParts("made-up", old, rows[:count]))
            del old
            points.append((count, cpu_seconds(add_references, folder, new)))
    yield "100 references added", points


def add_references(folder: Path, new: NewPhotos) -> None:
    """Add photos to an index, as `geoagent index add` does; nothing is learnt of places."""
    shards = open_shards(folder, read_manifest(folder), with_vectors=False)
    known = {name for shard in shards for name in shard.table.ids()}
    assert not known & {row.id for row in new.rows}
    held = [Selection(shard, np.ones(len(shard), np.bool_)) for shard in shards]
    save_shards(folder, assemble(held, new).pieces, Learnt())


def made_up_rows(count: int) -> list[ReferenceRow]:
    """Return rows of one country, in the order that an index keeps."""
    return [
        ReferenceRow(
            id=f"{number:08}", lat_deg=38.7, lon_deg=-9.1, country_code="PT", license="CC0-1.0",
            attribution="", source_url="", sha256=f"{number:064x}", cluster_id=f"{number:08}",
        )
        for number in range(count)
    ]  # fmt: skip


def search_seconds(
    index: object, queries: NDArray[np.float32], ranges: list[tuple[int, int]] | None
) -> float:
    """Return the CPU seconds of one search."""
    searched = least_seconds(lambda: [search_index(index, one, 50, ranges) for one in queries])
    return searched / QUERIES


def unit_vectors(count: int) -> NDArray[np.float32]:
    """Return unit vectors, the same ones each time."""
    vectors = np.random.default_rng(0).standard_normal((count, DIMENSION), dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def thirty_ranges(count: int) -> list[tuple[int, int]]:
    """Return thirty countries of one per cent of the photos each."""
    return [(part * count // 40, part * count // 40 + count // 100) for part in range(COUNTRIES)]


def candidate_curves() -> Iterator[tuple[str, Points]]:
    """Yield the cost of scoring cities of one country, whose photo shows a name and a language."""
    gazetteer = model().town_table.gazetteer
    first, _ = gazetteer.country_range("FR")
    cities = [gazetteer.place(first + row) for row in range(160)]
    clues = observed(Case("Boulangerie de la Gare", "Tours"))
    model().score(cities[0], None, clues, ())

    def score_cities(count: int) -> None:
        for city in cities[:count]:
            model().score(city, None, clues, ())

    yield "candidates", [(count, least_seconds(score_cities, count)) for count in (20, 40, 80, 160)]


def case_curves() -> Iterator[tuple[str, Points]]:
    """Yield the cost of taking the steps of a case, and of verifying its trace."""
    yield from asyncio.run(measure_case()).items()


async def measure_case() -> dict[str, Points]:
    """Return the CPU seconds of all steps so far, and of `verify`, each time they have doubled."""
    steps_taken: Points = []
    verified: Points = []
    with tempfile.TemporaryDirectory() as home:
        store, tools = CaseStore(Settings(home=Path(home))), scripted_tools()
        async with store.create(ONE_PIXEL, lambda: tools, name="one"):
            pass
        spent = 0.0
        for wanted in (14, 28, 56, 112, 224):
            gc.collect()
            began = time.process_time()
            async with store.hold("one", lambda: tools) as case:
                steps = await grow(case, wanted)
            spent += time.process_time() - began
            steps_taken.append((steps, spent))
            gc.collect()
            began = time.process_time()
            assert (await verify_case(store, "one", "main")).holds
            verified.append((steps, time.process_time() - began))
    return {"steps": steps_taken, "trace": verified}


def list_curve() -> Iterator[tuple[str, Points]]:
    """Yield the cost of listing cases whose summaries are stored."""
    points: Points = []
    with tempfile.TemporaryDirectory() as folder:
        model_case = asyncio.run(make_case(Path(folder) / "model"))
        for count in (125, 250, 500, 1000):
            home = Path(folder) / str(count)
            copy_case(model_case, home, count)
            store = CaseStore(Settings(home=home))
            points.append(
                (count, least_seconds(lambda store=store: store.summaries(store.names())))
            )
    yield "cases listed", points


def photo_curve() -> Iterator[tuple[str, Points]]:
    """Yield the cost of locating drawn signs one after the other, once the models are loaded."""
    tools = open_toolbox(load_settings())

    async def locate_signs(count: int) -> None:
        async for outcome in locate_many(sign_photos(count), toolbox=tools, concurrency=1):
            assert outcome.answer is not None

    asyncio.run(locate_signs(2))
    sizes = (4, 8, 16, 32)
    yield "photos", [(count, cpu_seconds(asyncio.run, locate_signs(count))) for count in sizes]


def sign_photos(count: int) -> list[Image.Image]:
    """Return signs of 640 pixels, each with another house number."""
    signs = []
    for number in range(count):
        sign = Image.new("RGB", (640, 480), "white")
        pen = ImageDraw.Draw(sign)
        pen.text((40, 80), f"Rua da Liberdade {number + 1}", fill="black", font_size=48)
        pen.text((40, 240), "1250-096 LISBOA", fill="black", font_size=48)
        signs.append(sign)
    return signs


CURVES: dict[str, Callable[[], Iterator[tuple[str, Points]]]] = {
    "trip": trip_curves,
    "photos": photo_curve,
    "references": reference_curves,
    "added": added_curve,
    "candidates": candidate_curves,
    "list": list_curve,
    "case": case_curves,
}


def print_curve(name: str, points: Points) -> None:
    """Print one row: sizes with their CPU seconds, the exponent, and why it may be above 1."""
    shown = "  ".join(f"{size}: {seconds:.4f} s" for size, seconds in points)
    reason = f"  ({REASONS[name]})" if name in REASONS else ""
    print(f"{name:28} exponent {exponent_of(points):5.2f}  {shown}{reason}", flush=True)


def write_csv(path: Path, curves: dict[str, Points]) -> None:
    """Write every point as a row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("curve", "size", "cpu_seconds", "exponent"))
        for name, points in curves.items():
            for size, seconds in points:
                writer.writerow((name, size, f"{seconds:.5f}", f"{exponent_of(points):.3f}"))


def plot_curves(path: Path, curves: dict[str, Points]) -> None:
    """Draw the curves with logarithmic axes, each over its smallest size and cost."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", xlabel="times as large",
                              ylabel="times the CPU time")  # fmt: skip
    for number, (name, points) in enumerate(curves.items()):
        sizes, seconds = np.array(points, dtype=np.float64).T
        label = f"{name}, exponent {exponent_of(points):.2f}"
        style = "o-" if number < 10 else "s-"  # there are ten colours
        axes.plot(sizes / sizes[0], seconds / seconds[0], style, label=label)
    axes.plot([1, 16], [1, 16], color="grey", linestyle=":", label="grows as its input")
    axes.plot([1, 16], [1, 256], color="grey", linestyle="--", label="grows as its square")
    figure.legend(loc="outside right upper")
    figure.savefig(path)


if __name__ == "__main__":
    main()
