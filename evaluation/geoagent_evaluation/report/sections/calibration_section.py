"""Whether the system knows what it knows: calibration, coverage of its radius, risk."""

from geoagent_evaluation.contract.tables import LEVELS
from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import Element, paragraph, section
from geoagent_evaluation.report.metric_names import CALIBRATION, RADIUS_AND_RISK, full_label
from geoagent_evaluation.report.number_text import format_figure, format_interval
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.sections.figure_block import figure_block, figure_grid
from geoagent_evaluation.report.sections.figure_tables import RowKey, figure_table, system_rows
from geoagent_evaluation.scoring.figures import Figure

_NO_CURVE = "No reliability diagram: no claim states a probability."
_DIAGRAM_CAPTION = (
    "Claims by their stated probability and how many of them are right, with 95 % intervals;"
    " below, how many claims there are. On the dashed line claims are what they say."
)
_ERRORS_CAPTION = "Errors of the stated probabilities, with 95 % intervals; less is better."
_RADIUS_CAPTION = "Radius, candidates and risk, with 95 % intervals."


def calibration_section(
    index: FigureIndex, name: str, diagrams: list[Drawing] | None
) -> Element | None:
    """Return the section; where no claim has a probability one sentence says so.

    `diagrams` are None where none is meant to be drawn: on a page of several systems.
    """
    rows = system_rows(index, name)
    by_level = [RowKey(f"claims at {level} level", f"level={level}") for level in LEVELS[1:]]
    blocks = [figure_block(drawing, _DIAGRAM_CAPTION) for drawing in diagrams or []]
    return section(
        "calibration",
        "Calibration",
        paragraph(_NO_CURVE) if diagrams == [] else None,
        figure_grid(blocks),
        figure_table(
            index, _ERRORS_CAPTION, "System", [*rows[:1], *by_level, *rows[1:]],
            index.metrics(*CALIBRATION),
        ),
    )  # fmt: skip


def risk_section(index: FigureIndex, name: str, drawings: list[Drawing]) -> Element | None:
    """Return risk over coverage and the figures of radius and candidates; None without either."""
    caption = (
        f"Claims are let through by their stated probability, the surest first.{_areas(index)}"
    )
    metrics = index.metrics(*RADIUS_AND_RISK)
    return section(
        "risk",
        "Risk and radius",
        figure_grid([figure_block(drawing, caption) for drawing in drawings]),
        figure_table(index, _RADIUS_CAPTION, "System", system_rows(index, name), metrics),
    )


def _areas(index: FigureIndex) -> str:
    areas = [index.find(metric) for metric in RADIUS_AND_RISK if metric.startswith("aurc")]
    words = [_words(figure) for figure in areas if figure is not None]
    return f" {'; '.join(words)}." if words else ""


def _words(figure: Figure) -> str:
    interval = format_interval(figure)
    between = f" ({interval})" if interval else ""
    return f"{full_label(figure.metric, start=True)}: {format_figure(figure)}{between}"
