"""Whether the system knows what it knows: calibration, coverage of its radius, risk."""

from geoagent_evaluation.contract.tables import LEVELS
from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import Element, paragraph, section
from geoagent_evaluation.report.metric_names import CALIBRATION, RADIUS_AND_RISK
from geoagent_evaluation.report.number_text import format_figure, format_interval
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.sections.figure_block import figure_block, figure_grid
from geoagent_evaluation.report.sections.figure_tables import RowKey, figure_table, system_rows

_NO_CURVE = "No reliability diagram: no claim states a probability."
_DIAGRAM_CAPTION = (
    "Claims by their stated probability and how many of them are right, with 95 % intervals;"
    " below, how many claims there are. On the dashed line claims are what they say."
)
_ERRORS_CAPTION = "Errors of the stated probabilities, with 95 % intervals; less is better."
_RISK_CAPTION = "Claims are let through by their stated probability, the surest first."
_AREAS = {"a claim is wrong": "aurc", "200 km or more off": "aurc_200_km"}
"""How the title of a drawing of risk ends, and which metric is the area under its curve."""
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
    blocks = [
        figure_block(drawing, f"{_RISK_CAPTION}{_area_words(index, drawing.title)}")
        for drawing in drawings
    ]
    metrics = index.metrics(*RADIUS_AND_RISK)
    return section(
        "risk",
        "Risk and radius",
        figure_grid(blocks),
        figure_table(index, _RADIUS_CAPTION, "System", system_rows(index, name), metrics),
    )


def _area_words(index: FigureIndex, title: str) -> str:
    """Return the area under the curve of a drawing, "" where it was not measured or is not one."""
    metric = next((metric for words, metric in _AREAS.items() if title.endswith(words)), "")
    figure = index.find(metric)
    if figure is None:
        return ""
    interval = format_interval(figure)
    between = f" ({interval})" if interval else ""
    return f" Area under the curve (AURC): {format_figure(figure)}{between}."
