"""The audit of the sources of evidence: what each adds to the truth, and which one harms it."""

from dataclasses import dataclass

from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import Child, Element, element, paragraph, section, untrusted
from geoagent_evaluation.report.metric_names import WITH_SOURCES
from geoagent_evaluation.report.number_text import format_count, format_number
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.plots.interval_rows import IntervalRow, draw_interval_rows
from geoagent_evaluation.report.plots.reliability import draw_reliability
from geoagent_evaluation.report.sections.figure_block import figure_block, figure_grid
from geoagent_evaluation.report.sections.figure_tables import figure_table, source_rows
from geoagent_evaluation.report.source_audits import LEVELS, Gain, SourceAudit
from geoagent_evaluation.report.table import EMPTY, Cell, table

MAX_SOURCES = 40
MAX_CURVES = 12
_LEAD = (
    "Over the photos a source spoke of: by how much it raised the log probability of the truth, in"
    " nats, with the 95 % interval of a bootstrap over places. Right of zero it helps."
)
_LEFT_OUT_CAPTION = "The system with each source alone, and without each, with 95 % intervals."


@dataclass(frozen=True, slots=True)
class SourceDrawings:
    """The drawings of the section: gains per level, the reliability of single sources."""

    gains: list[Drawing]
    curves: list[Drawing]


def draw_sources(audits: list[SourceAudit]) -> SourceDrawings:
    """Return the drawings of all audits that hold anything."""
    return SourceDrawings(_gain_drawings(audits), _source_curves(audits))


def _gain_drawings(audits: list[SourceAudit]) -> list[Drawing]:
    """Return a forest plot of the gains per level at which any source has one."""
    return [
        draw_interval_rows(
            f"gains-{level}",
            f"What each source adds to the {level}",
            [_interval_row(audit, audit.gains[level]) for audit in audits if level in audit.gains],
            "mean gain in log probability of the truth, nats",
            reference=0.0,
        )
        for level in LEVELS
        if any(level in audit.gains for audit in audits)
    ]


def _source_curves(audits: list[SourceAudit]) -> list[Drawing]:
    """Return the reliability of each source that has one, `MAX_CURVES` at most."""
    return [
        draw_reliability(f"source-{at}", f"Reliability of {audit.name}", audit.reliability)
        for at, audit in enumerate(audits[:MAX_CURVES])
        if audit.reliability is not None
    ]


def _interval_row(audit: SourceAudit, gain: Gain) -> IntervalRow:
    return IntervalRow(audit.name, gain.mean, gain.low, gain.high, audit.flagged)


def source_section(
    audits: list[SourceAudit], drawings: SourceDrawings, index: FigureIndex, name: str
) -> Element | None:
    """Return the section; None where the run wrote no evidence."""
    left_out = figure_table(
        index, _LEFT_OUT_CAPTION, "System", source_rows(index, name), index.metrics(*WITH_SOURCES)
    )
    if not audits:
        return section("sources", "Sources of evidence", left_out)
    return section(
        "sources",
        "Sources of evidence",
        paragraph(_LEAD, css="lead"),
        _verdict_line(audits),
        figure_grid([figure_block(drawing) for drawing in drawings.gains]),
        _audit_table(audits),
        _curve_details(drawings.curves),
        left_out,
    )


def _verdict_line(audits: list[SourceAudit]) -> Element:
    harmful = [audit for audit in audits if audit.flagged]
    if not harmful:
        return paragraph("No source is flagged: none lowers the truth beyond its interval.")
    words: list[Child] = []
    for at, audit in enumerate(harmful):
        words += [", " if at else "", element("strong", {}, untrusted(audit.name, 60))]
    verb = "lowers" if len(harmful) == 1 else "lower"
    return paragraph("Flagged: ", *words, f" {verb} the truth beyond the interval.", css="alarm")


def _audit_table(audits: list[SourceAudit]) -> Element:
    heads = ["Source", "Spoke", "Helped", "Hurt", "Gain, country", "Gain, city", "Verdict"]
    cut = len(audits) - MAX_SOURCES
    note = f" {format_count(cut)} more are in figures.json." if cut > 0 else ""
    rows = [(untrusted(audit.name, 60), _row_cells(audit)) for audit in audits[:MAX_SOURCES]]
    return table(f"Audit of each source; gains in nats.{note}", heads, rows)


def _row_cells(audit: SourceAudit) -> list[Cell]:
    of_photos = f"of {format_count(audit.photos)}" if audit.photos else ""
    return [
        Cell(format_count(audit.spoke), of_photos),
        Cell(format_count(audit.helped)),
        Cell(format_count(audit.hurt)),
        *(_gain_cell(audit.gains.get(level)) for level in LEVELS),
        Cell("flagged: harms" if audit.flagged else "not flagged", numeric=False),
    ]


def _gain_cell(gain: Gain | None) -> Cell:
    if gain is None:
        return EMPTY
    low, high = format_number(gain.low, "nats"), format_number(gain.high, "nats")
    value = element("span", {"class": "value"}, format_number(gain.mean, "nats"))
    return Cell(value, f"{low} to {high}, n = {format_count(gain.n)}")


def _curve_details(curves: list[Drawing]) -> Element | None:
    if not curves:
        return None
    summary = element("summary", {}, f"Claimed against observed, source by source ({len(curves)})")
    grid = figure_grid([figure_block(drawing) for drawing in curves])
    return element("details", {}, summary, grid)
