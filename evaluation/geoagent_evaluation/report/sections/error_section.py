"""Where the errors are: the map and the histogram."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_evaluation.report.markup import Child, Element, element, paragraph, section
from geoagent_evaluation.report.number_text import NO_BREAK, format_count, format_value
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.plots.equal_earth import Points, great_circle
from geoagent_evaluation.report.plots.error_histogram import draw_error_histogram
from geoagent_evaluation.report.plots.palette import DISTANCE_CLASSES, DistanceClass
from geoagent_evaluation.report.plots.world_map import draw_world_map
from geoagent_evaluation.report.row_table import Floats, RowTable
from geoagent_evaluation.report.sections.figure_block import figure_block
from geoagent_evaluation.report.table import Cell, table

MAX_MAP_POINTS = 3000
MAX_WAYS = 12


@dataclass(frozen=True, slots=True)
class ErrorDrawings:
    """Both drawings, and how many photos the map shows of how many."""

    world: Drawing
    histogram: Drawing
    shown: int
    total: int
    ways: int


def draw_errors(rows: RowTable, worst: list[int]) -> ErrorDrawings | None:
    """Return the drawings; `worst` rows are on the map, with a way to their guess each.

    None where no row has an error. More than `MAX_MAP_POINTS` are thinned evenly in the file's
    order, so that the same file always gives the same map.
    """
    distance = rows.distances_km()
    truth, guess = _points_of(rows, "true_"), _points_of(rows, "")
    on_map = np.isfinite(distance) & np.isfinite(truth).all(axis=1)
    known = np.flatnonzero(on_map)
    if not len(known):
        return None
    worst = [row for row in worst if on_map[row]]
    shown = _thin_rows(known, worst)
    far = [row for row in worst if np.isfinite(guess[row]).all()]
    ways = [great_circle(truth[row], guess[row]) for row in far[:MAX_WAYS]]
    world = draw_world_map(truth[shown], distance[shown], ways)
    histogram = draw_error_histogram(distance[known])
    return ErrorDrawings(world, histogram, len(shown), len(known), len(ways))


def _points_of(rows: RowTable, prefix: str) -> Points:
    lon, lat = rows.numbers(f"{prefix}lon_deg"), rows.numbers(f"{prefix}lat_deg")
    inside = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 360.0)
    around = np.mod(lon + 180.0, 360.0) - 180.0
    return np.where(inside[:, None], np.column_stack([around, lat]), np.nan)


def _thin_rows(known: NDArray[np.int64], worst: list[int]) -> NDArray[np.int64]:
    if len(known) <= MAX_MAP_POINTS:
        return known
    even = known[np.linspace(0, len(known) - 1, MAX_MAP_POINTS).astype(np.int64)]
    return np.union1d(even, np.array(worst, np.int64))


def error_section(drawings: ErrorDrawings | None, distance_km: Floats) -> Element | None:
    """Return the section; one sentence where no photo has both a guess and a truth."""
    if drawings is None:
        nothing = "No photo has both a guess and a true point: no error is known."
        return section("errors", "Where the errors are", paragraph(nothing))
    without = len(distance_km) - drawings.total
    return section(
        "errors",
        "Where the errors are",
        element("div", {"class": "wide"}, figure_block(drawings.world, *_map_caption(drawings))),
        element(
            "div", {"class": "grid"},
            figure_block(drawings.histogram, *_histogram_caption(drawings, without)),
            _class_table(distance_km),
        ),
    )  # fmt: skip


def _map_caption(drawings: ErrorDrawings) -> list[Child]:
    lines = (
        f" Lines lead from {drawings.ways} of the worst to their guess." if drawings.ways else ""
    )
    sample = ""
    if drawings.shown < drawings.total:
        sample = (
            f" A sample: {format_count(drawings.shown)} of {format_count(drawings.total)} photos,"
            " evenly from the file, and the worst."
        )
    keys = [_legend_entry(group) for group in DISTANCE_CLASSES]
    words = f"A point at each true place, coloured by the error of the guess.{lines}{sample}"
    return [words, element("span", {"class": "keys"}, *keys)]


def _legend_entry(group: DistanceClass) -> Element:
    sign = {"aria-hidden": "true", "style": f"color: var({group.variable})"}
    return element("span", {}, element("span", sign, group.sign), f"{NO_BREAK}{group.label}")


def _histogram_caption(drawings: ErrorDrawings, without: int) -> list[Child]:
    words = (
        f"{format_count(drawings.total)} photos over the logarithm of the error; errors under 100 m"
    )
    words += " are in the first bar."
    if without:
        words += f" {format_count(without)} whose error is not known are not in it."
    return [words]


def _class_table(distance_km: Floats) -> Element:
    """Return how many photos are in each class of the map's colours."""
    rows: list[tuple[Child, list[Cell]]] = []
    above_km = 0.0
    for group in DISTANCE_CLASSES:
        count = int(np.sum((distance_km >= above_km) & (distance_km < group.below_km)))
        above_km = group.below_km
        share = format_value(count / len(distance_km), "share")
        rows.append((group.label, [Cell(format_count(count)), Cell(share)]))
    none = int(np.sum(np.isnan(distance_km)))
    share = format_value(none / len(distance_km), "share")
    rows.append(("not known", [Cell(format_count(none)), Cell(share)]))
    return table("The same errors, counted.", ["Error", "Photos", "Share"], rows)
