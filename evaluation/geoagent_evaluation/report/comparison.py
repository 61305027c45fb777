"""Several systems on one page: the same figures side by side, their intervals, their risk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import (
    Child,
    Element,
    bullet_list,
    element,
    paragraph,
    section,
    untrusted,
)
from geoagent_evaluation.report.metric_names import COMPARED, full_label, short_label
from geoagent_evaluation.report.number_text import format_count
from geoagent_evaluation.report.page import Report, page_text
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.plots.interval_rows import IntervalRow, draw_interval_rows
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.report.sections.accuracy_section import accuracy_section
from geoagent_evaluation.report.sections.calibration_drawings import draw_risks
from geoagent_evaluation.report.sections.calibration_section import (
    calibration_section,
    risk_section,
)
from geoagent_evaluation.report.sections.conduct_section import conduct_section
from geoagent_evaluation.report.sections.figure_block import figure_block, figure_grid
from geoagent_evaluation.report.sections.paired_section import paired_section
from geoagent_evaluation.report.sections.repeat_section import repeat_section

MAX_NAMES_IN_TITLE = 4
MAX_AXIS_CHARS = 32


def comparison_report(scored: Sequence[ScoreFolder]) -> Report:
    """Return the report on several systems, in the order in which they are given."""
    labels = distinct_labels(scored)
    index = _joint_index(scored, labels)
    intervals = [
        drawing
        for at, metric in enumerate(COMPARED)
        if (drawing := _draw_metric(at, metric, index, labels))
    ]
    risk = draw_risks(
        (curve.name, curve, label)
        for one, label in zip(scored, labels, strict=True)
        for curve in one.score.curves
        if curve.group == "all" and not curve.system
    )
    sections = [
        _interval_section(intervals),
        paired_section([one.path for one in scored], labels),
        accuracy_section(index, ""),
        calibration_section(index, "", None),
        risk_section(index, "", risk),
        conduct_section(index, ""),
        repeat_section(list(scored)),
    ]
    html = page_text(
        f"Comparison of {len(scored)} systems", _comparison_head(scored, labels), sections
    )
    return Report(html, [*intervals, *risk])


def distinct_labels(scored: Sequence[ScoreFolder]) -> list[str]:
    """Return a name for each system; those of one name have their folder's with it."""
    counts = Counter(one.name for one in scored)
    named = [
        one.name if counts[one.name] == 1 else f"{one.name} ({one.path.name})" for one in scored
    ]
    again = Counter(named)
    return [name if again[name] == 1 else f"{name} {at + 1}" for at, name in enumerate(named)]


def _joint_index(scored: Sequence[ScoreFolder], labels: list[str]) -> FigureIndex:
    """Return the figures of all systems, and the baselines of the first."""
    own = [
        replace(figure, system=label)
        for one, label in zip(scored, labels, strict=True)
        for figure in one.score.figures
        if not figure.system
    ]
    return FigureIndex([*own, *(figure for figure in scored[0].score.figures if figure.system)])


def _comparison_head(scored: Sequence[ScoreFolder], labels: list[str]) -> Element:
    names: list[Child] = []
    for at, label in enumerate(labels[:MAX_NAMES_IN_TITLE]):
        names += [", " if at else "", untrusted(label)]
    more = len(labels) - MAX_NAMES_IN_TITLE
    photos = sorted({len(one.rows) for one in scored})
    counts = " or ".join(map(format_count, photos))
    words = f"Image geolocation, compared · {len(scored)} systems · {counts} photos"
    title = element("h1", {}, *names, f" and {more} more" if more > 0 else None)
    return element(
        "header", {}, paragraph(words, css="eyebrow"), title, _caution_section(scored, labels)
    )


def _caution_section(scored: Sequence[ScoreFolder], labels: list[str]) -> Element | None:
    warnings = _caution_items(scored, labels)
    if not warnings:
        return None
    heading = element("h2", {"id": "problems"}, "Before comparing")
    labelled = {"class": "warnings", "aria-labelledby": "problems"}
    return element("section", labelled, heading, bullet_list(warnings))


def _caution_items(scored: Sequence[ScoreFolder], labels: list[str]) -> list[Child]:
    """Return why the figures may not be comparable, and which systems have failed rows."""
    warnings: list[Child] = []
    if len({len(one.rows) for one in scored}) > 1:
        warnings.append("The systems were scored on different numbers of photos.")
    if len({one.rows.digest() for one in scored}) > 1:
        warnings.append(
            "The systems were not scored on the same photos: their figures differ for that alone."
        )
    for one, label in zip(scored, labels, strict=True):
        failed = int(one.rows.flags("failed").sum())
        if failed:
            text = f": failed rows: {format_count(failed)}, counted as wrong."
            warnings.append(element("span", {}, untrusted(label), text))
    return warnings


def _draw_metric(at: int, metric: str, index: FigureIndex, labels: list[str]) -> Drawing | None:
    """Return a metric of all systems with its intervals, None where none has both ends."""
    rows, unit = [], ""
    for label in labels:
        figure = index.find(metric, system=label)
        if figure is None or figure.low is None or figure.high is None:
            continue
        unit, scale = ("%", 100.0) if figure.unit == "share" else (figure.unit, 1.0)
        rows.append(
            IntervalRow(label, figure.value * scale, figure.low * scale, figure.high * scale)
        )
    title = full_label(metric, start=True)
    axis = f"{title if len(title) <= MAX_AXIS_CHARS else short_label(metric)}, {unit}"
    return draw_interval_rows(f"compared-{at}", title, rows, axis, None) if rows else None


def _interval_section(drawings: list[Drawing]) -> Element | None:
    grid = figure_grid([figure_block(drawing) for drawing in drawings])
    if grid is None:
        return None
    lead = paragraph(
        "Each system with its 95 % interval. Intervals that overlap are no proof that two systems"
        " are equal: the paired differences below say more.",
        css="lead",
    )
    return section("side-by-side", "Side by side", lead, grid)
