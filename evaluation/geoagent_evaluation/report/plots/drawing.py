"""A drawing before it is written: matplotlib's figure and the words that stand for it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from geoagent_evaluation.report.plots import palette

PNG_DOTS_PER_INCH = 200
WIDTH_IN = 4.9
LEFT_EDGE_IN, RIGHT_EDGE_IN, BOTTOM_EDGE_IN, TOP_EDGE_IN = 0.6, 0.12, 0.5, 0.08
"""Where axes end, so that their labels have room."""
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "geoagent-report",  # ids are the same in every run
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.color": palette.INK,
    "axes.edgecolor": palette.MUTED,
    "axes.labelcolor": palette.INK,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "grid.color": palette.RULE,
    "grid.linewidth": 0.7,
    "xtick.color": palette.MUTED,
    "ytick.color": palette.MUTED,
    "xtick.labelcolor": palette.INK,
    "ytick.labelcolor": palette.INK,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: `name` for its file and its ids, `title`, and what it shows, in words."""

    name: str
    title: str
    description: str
    figure: Figure


@contextmanager
def report_style() -> Iterator[None]:
    """Hold matplotlib to the report's style, whatever the machine's own settings are."""
    with warnings.catch_warnings(), mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        # Names may be in scripts that the font which measures text lacks; the reader's has them.
        warnings.filterwarnings("ignore", message=".*missing from font.*")
        yield


def blank_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure of that size in inches."""
    return Figure(figsize=(width_in, height_in))


def axes_in(
    figure: Figure, left_in: float, bottom_in: float, top_in: float, share: Any = None
) -> Axes:
    """Return axes between edges given in inches from the figure's left, bottom and top.

    Fixed edges: to let matplotlib find them would take as long again as the whole drawing.
    """
    width, height = figure.get_size_inches()
    left, right = left_in / width, 1.0 - RIGHT_EDGE_IN / width
    low, high = bottom_in / height, 1.0 - top_in / height
    axes: Axes = figure.add_axes((left, low, right - left, high - low), sharex=share)
    return axes


def svg_bytes(drawing: Drawing) -> bytes:
    """Return the drawing as an SVG file: the same bytes for the same drawing."""
    stream = BytesIO()
    with report_style():
        FigureCanvasSVG(drawing.figure).print_svg(
            stream, metadata={"Date": None, "Creator": None, "Title": drawing.title}
        )
    return stream.getvalue()


def png_bytes(drawing: Drawing) -> bytes:
    """Return the drawing as a PNG on white."""
    stream = BytesIO()
    with report_style():
        FigureCanvasAgg(drawing.figure)
        drawing.figure.savefig(
            stream,
            format="png",
            dpi=PNG_DOTS_PER_INCH,
            facecolor="white",
            metadata={"Software": None},
        )
    return stream.getvalue()
