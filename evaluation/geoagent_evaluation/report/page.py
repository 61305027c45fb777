"""The page: head, sections and foot under one title, with its style inside."""

from dataclasses import dataclass, field
from importlib.resources import files

from geoagent_evaluation.report.markup import Element, element, html_text, paragraph
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.report.sections.accuracy_section import accuracy_section
from geoagent_evaluation.report.sections.calibration_drawings import draw_calibration
from geoagent_evaluation.report.sections.calibration_section import (
    calibration_section,
    risk_section,
)
from geoagent_evaluation.report.sections.conduct_section import (
    conduct_section,
    other_figures_section,
)
from geoagent_evaluation.report.sections.error_section import draw_errors, error_section
from geoagent_evaluation.report.sections.group_section import group_section
from geoagent_evaluation.report.sections.head import page_head
from geoagent_evaluation.report.sections.repeat_section import repeat_section
from geoagent_evaluation.report.sections.source_section import draw_sources, source_section
from geoagent_evaluation.report.sections.worst_cases import worst_cases_section, worst_rows
from geoagent_evaluation.report.source_audits import source_audits


@dataclass(frozen=True, slots=True)
class Report:
    """A page and the drawings in it."""

    html: str
    drawings: list[Drawing] = field(default_factory=list)


def system_report(scored: ScoreFolder, date: str = "") -> Report:
    """Return the report on one system; `date` is printed in its head."""
    index, name = scored.index(), scored.name
    worst = worst_rows(scored.rows)
    errors = draw_errors(scored.rows, [*worst.farthest, *worst.surest])
    calibration = draw_calibration(scored)
    audits = source_audits(scored.score.sources)
    sources = draw_sources(audits)
    sections = [
        accuracy_section(index, name),
        error_section(errors, scored.rows.distances_km()),
        calibration_section(index, name, calibration.reliability),
        risk_section(index, name, calibration.risk),
        source_section(audits, sources, index, name),
        conduct_section(index, name),
        group_section(index),
        worst_cases_section(scored.rows, worst, scored.traces),
        other_figures_section(index, name),
        repeat_section([scored]),
    ]
    drawings = [errors.world, errors.histogram] if errors is not None else []
    drawings += [*calibration.reliability, *calibration.risk, *sources.gains, *sources.curves]
    return Report(
        page_text(f"Evaluation of {name}", page_head(scored, index, date), sections), drawings
    )


def page_text(title: str, head: Element, sections: list[Element | None]) -> str:
    """Return a whole page; sections that are None are left out."""
    present = [section for section in sections if section is not None]
    style = element("style")
    style.text = (files("geoagent_evaluation") / "report" / "report.css").read_text("utf-8")
    page_head_part = element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("title", {}, title),
        style,
    )
    main = element("main", {"class": "page"}, head, _contents_list(present), *present, _page_foot())
    return html_text(element("html", {"lang": "en"}, page_head_part, element("body", {}, main)))


def _contents_list(sections: list[Element]) -> Element:
    links = [
        element("li", {}, element("a", {"href": f"#{section.get('id')}"}, section[0].text or ""))
        for section in sections
    ]
    return element("nav", {"aria-label": "Contents"}, element("ul", {}, *links))


def _page_foot() -> Element:
    return element(
        "footer",
        {},
        paragraph(
            "Distances are great circles; a photo is within a distance when its error is strictly"
            " less. Every interval covers 95 %. Coastlines: Natural Earth, public domain."
        ),
        paragraph("The figures of this page with all groups are in figures.csv and figures.json."),
    )
