"""Whether the system knows what it knows: calibration, coverage of its radius, risk."""

from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import Element, paragraph, section
from geoagent_evaluation.report.metric_names import CALIBRATION, RADIUS_AND_RISK, full_label
from geoagent_evaluation.report.numbers import format_interval, format_value
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.plots.reliability import draw_reliability
from geoagent_evaluation.report.plots.risk_coverage import RiskLine, draw_risk_coverage
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.report.sections.figure_block import figure_block, figure_grid
from geoagent_evaluation.report.sections.figure_tables import figure_table, system_rows
from geoagent_evaluation.report.source_audits import reliability_bins
from geoagent_evaluation.scoring.figures import Curve, Figure

RELIABILITY, RISK = "reliability", "risk_coverage"
MAX_CURVES = 8
MAX_CURVE_POINTS = 400
_NO_CURVE = "No reliability diagram: no claim states a probability."


@dataclass(frozen=True, slots=True)
class CalibrationDrawings:
    """The drawings of the section: one diagram per level, and the risk over the coverage."""

    reliability: list[Drawing]
    risk: list[Drawing]


def draw_calibration(scored: ScoreFolder) -> CalibrationDrawings:
    """Return the drawings of all curves that hold anything."""
    own = [curve for curve in scored.curves(RELIABILITY) if not curve.system]
    diagrams = [_draw_diagram(at, curve) for at, curve in enumerate(own[:MAX_CURVES])]
    risks: dict[str, list[RiskLine]] = {}
    for curve in scored.curves(RISK):
        line = risk_line(curve, curve.system or scored.name)
        if line is not None:
            risks.setdefault(curve.name, []).append(line)
    return CalibrationDrawings(
        [diagram for diagram in diagrams if diagram is not None],
        [
            draw_risk_coverage(f"risk-{at}", f"Risk and coverage{_of_what(name, RISK)}", lines)
            for at, (name, lines) in enumerate(list(risks.items())[:MAX_CURVES])
        ],
    )


def risk_line(curve: Curve, label: str) -> RiskLine | None:
    """Return a curve to draw, thinned to `MAX_CURVE_POINTS`; None where it has no points."""
    coverage, risk = (np.array(curve.columns.get(key, ()), np.float64) for key in ("coverage", "risk"))
    if len(coverage) != len(risk):
        return None
    known = np.flatnonzero(np.isfinite(coverage) & np.isfinite(risk))
    if not len(known):
        return None
    if len(known) > MAX_CURVE_POINTS:
        known = known[np.linspace(0, len(known) - 1, MAX_CURVE_POINTS).astype(np.int64)]
    return RiskLine(label, coverage[known], risk[known])


def _draw_diagram(at: int, curve: Curve) -> Drawing | None:
    bins = reliability_bins(curve.columns)
    if bins is None:
        return None
    return draw_reliability(f"reliability-{at}", f"Reliability{_of_what(curve.name, RELIABILITY)}", bins)


def _of_what(name: str, kind: str) -> str:
    """Return what a curve is about (", country"), "" for the whole."""
    what = name.removeprefix(kind).strip().replace("_", " ")
    return f", {what}" if what else ""


def calibration_section(
    index: FigureIndex, name: str, drawings: CalibrationDrawings
) -> Element | None:
    """Return the section; where no claim has a probability one sentence says so."""
    rows = system_rows(index, name)
    blocks = [figure_block(drawing, _diagram_caption()) for drawing in drawings.reliability]
    blocks += [figure_block(drawing, _risk_caption(index)) for drawing in drawings.risk]
    return section(
        "calibration",
        "Calibration and risk",
        None if drawings.reliability else paragraph(_NO_CURVE),
        figure_grid(blocks),
        *(
            figure_table(index, caption, "System", rows, index.metrics(*metrics))
            for caption, metrics in (
                ("Errors of the stated probabilities, with 95 % intervals; less is better.", CALIBRATION),
                ("Radius, candidates and risk, with 95 % intervals.", RADIUS_AND_RISK),
            )
        ),
    )


def _diagram_caption() -> str:
    return (
        "Claims by their stated probability and how many of them are right, with 95 % intervals;"
        " below, how many claims there are. On the dashed line claims are what they say."
    )


def _risk_caption(index: FigureIndex) -> str:
    areas = [_words(figure) for name in index.metrics(*RADIUS_AND_RISK) if (figure := index.find(name)) and "aurc" in name]
    area = f" {'; '.join(areas)}." if areas else ""
    return f"Photos sorted by stated probability, the surest first.{area}"


def _words(figure: Figure) -> str:
    interval = format_interval(figure)
    between = f" ({interval})" if interval else ""
    return f"{full_label(figure.metric)}: {format_value(figure.value, figure.unit)}{between}"
