"""Where the errors are: a point at each truth in the colour of its error, lines for the worst."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from geoagent_evaluation.report.plots import equal_earth, palette
from geoagent_evaluation.report.plots.drawing import Drawing, blank_figure, report_style
from geoagent_evaluation.report.plots.equal_earth import Points, project

Floats = NDArray[np.float64]

_SOUTHERN_EDGE_DEG = -58.0
_NORTHERN_EDGE_DEG = 84.0
_MARGIN_DEG = 4.0
_WIDTH_IN = 10.4


def draw_world_map(truth: Points, distance_km: Floats, ways: list[list[Points]]) -> Drawing:
    """Return the map of points [n, 2] (longitude, latitude) and of ways from truth to guess."""
    lowest = min(
        float(piece[:, 1].min()) for piece in [truth, *(part for way in ways for part in way)]
    )
    south = max(-90.0, min(_SOUTHERN_EDGE_DEG, lowest - _MARGIN_DEG))
    with report_style():
        figure = blank_figure(_WIDTH_IN, _height_in(south))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        _frame_world(axes, south)
        _fill_rings(axes, [equal_earth.map_edge()], palette.SEA, 0)
        _fill_rings(axes, list(equal_earth.land_rings()), palette.LAND, 1)
        for way in ways:
            _draw_way(axes, way)
        _scatter_errors(axes, truth, distance_km)
    return Drawing("map", "World map of errors", _chart_description(distance_km, len(ways)), figure)


def _draw_way(axes: Axes, way: list[Points]) -> None:
    """Draw a way, with a ring at its end: the guess."""
    for piece in map(project, way):
        axes.plot(*piece.T, color=palette.ALARM, linewidth=0.8, alpha=0.75, zorder=2)
    x, y = project(way[-1][-1:])[0]
    axes.plot(
        [x], [y], marker="o", markersize=4.0, markerfacecolor="none", color=palette.ALARM, zorder=2
    )


def _map_y(lat_deg: float) -> float:
    return float(project(np.array([[0.0, lat_deg]]))[0, 1])


def _height_in(south: float) -> float:
    width = 2.0 * float(project(np.array([[180.0, 0.0]]))[0, 0])
    return _WIDTH_IN * (_map_y(_NORTHERN_EDGE_DEG) - _map_y(south)) / width


def _frame_world(axes: Axes, south: float) -> None:
    half = float(project(np.array([[180.0, 0.0]]))[0, 0])
    axes.set_xlim(-half, half)
    axes.set_ylim(_map_y(south), _map_y(_NORTHERN_EDGE_DEG))
    axes.set_axis_off()


def _fill_rings(axes: Axes, rings: list[Points], color: str, order: int) -> None:
    outlines = [Outline(project(np.concatenate([ring, ring[:1]])), closed=True) for ring in rings]
    whole = Outline.make_compound_path(*outlines)
    axes.add_patch(PathPatch(whole, facecolor=color, edgecolor="none", zorder=order))


def _scatter_errors(axes: Axes, truth: Points, distance_km: Floats) -> None:
    """Draw the points, near ones first, so that no large error hides below a small one."""
    size = 5.0 if len(truth) <= 500 else 3.6 if len(truth) <= 2000 else 2.8
    above_km = 0.0
    for order, group in enumerate(palette.DISTANCE_CLASSES):
        inside = (distance_km >= above_km) & (distance_km < group.below_km)
        above_km = group.below_km
        axes.plot(
            *project(truth[inside]).T, linestyle="none", marker=group.marker, markersize=size,
            color=group.color, markeredgecolor=palette.PAPER, markeredgewidth=0.4, zorder=3 + order,
        )  # fmt: skip


def _chart_description(distance_km: Floats, lines: int) -> str:
    shares, above_km = [], 0.0
    for group in palette.DISTANCE_CLASSES:
        count = int(np.sum((distance_km >= above_km) & (distance_km < group.below_km)))
        shares.append(f"{count} {group.label}")
        above_km = group.below_km
    worst = f"; lines lead from the {lines} worst truths to their guesses" if lines else ""
    return f"Points at the true places, coloured by error: {', '.join(shares)}{worst}."
