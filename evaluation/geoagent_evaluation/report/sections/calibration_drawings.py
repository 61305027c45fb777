"""The drawings of calibration: a reliability diagram per level, risk over coverage."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.report.plain_values import number_or_none
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.plots.reliability import draw_reliability
from geoagent_evaluation.report.plots.risk_coverage import RiskLine, draw_risk_coverage
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.report.source_audits import reliability_bins
from geoagent_evaluation.scoring.figures import Curve

RELIABILITY, RISK = "reliability", "risk_coverage"
MAX_DRAWINGS = 8
MAX_CURVE_POINTS = 400


@dataclass(frozen=True, slots=True)
class CalibrationDrawings:
    """The drawings of the section: one diagram per level, and the risk over the coverage."""

    reliability: list[Drawing]
    risk: list[Drawing]


def draw_calibration(scored: ScoreFolder) -> CalibrationDrawings:
    """Return the drawings of all curves that hold anything."""
    of_all = [
        (curve.name, curve, curve.system or scored.name)
        for curve in scored.score.curves
        if curve.group == "all"
    ]
    by_class = [
        (f"{curve.name}, by locatability", curve, curve.group.partition("=")[2])
        for curve in scored.score.curves
        if curve.group.startswith("locatability=") and not curve.system
    ]
    return CalibrationDrawings(_draw_diagrams(scored), draw_risks([*of_all, *by_class]))


def _draw_diagrams(scored: ScoreFolder) -> list[Drawing]:
    drawings: list[Drawing] = []
    for curve in scored.score.curves:
        kind, _, what = curve.name.partition(" ")
        bins = reliability_bins(curve.columns)
        if kind != RELIABILITY or curve.system or curve.group != "all" or bins is None:
            continue
        claims = "all claims" if what in {"", "all"} else f"claims at {what} level"
        drawings.append(
            draw_reliability(f"reliability-{len(drawings)}", f"Reliability of {claims}", bins)
        )
    return drawings[:MAX_DRAWINGS]


def draw_risks(curves: Iterable[tuple[str, Curve, str]]) -> list[Drawing]:
    """Return a drawing per name of curves of risk, given as (name, curve, label of its line)."""
    lines: dict[str, list[RiskLine]] = {}
    for name, curve, label in curves:
        line = _risk_line(curve, label) if curve.name.startswith(RISK) else None
        if line is not None:
            lines.setdefault(name, []).append(line)
    return [
        draw_risk_coverage(f"risk-{at}", f"Risk and coverage: {_risk_words(name)}", found)
        for at, (name, found) in enumerate(list(lines.items())[:MAX_DRAWINGS])
    ]


def _risk_line(curve: Curve, label: str) -> RiskLine | None:
    """Return a curve to draw, thinned to `MAX_CURVE_POINTS`; None where it has no points."""
    pairs = zip(curve.columns.get("coverage", ()), curve.columns.get("risk", ()), strict=False)
    found = [pair for pair in pairs if all(number_or_none(value) is not None for value in pair)]
    if not found:
        return None
    if len(found) > MAX_CURVE_POINTS:
        chosen = np.linspace(0, len(found) - 1, MAX_CURVE_POINTS).astype(np.int64)
        found = [found[place] for place in chosen.tolist()]
    coverage, risk = np.array(found, np.float64).T
    return RiskLine(label, coverage, risk)


def _risk_words(name: str) -> str:
    """Return what counts as wrong in a curve: "risk_coverage_200_km" is "200 km or more off"."""
    kind, comma, by = name.partition(",")
    distance = kind.removeprefix(RISK).strip("_ ").replace("_", " ")
    return f"{f'{distance} or more off' if distance else 'a claim is wrong'}{comma}{by}"
