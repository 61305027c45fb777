"""How the system behaves: what it claims beyond what is permitted, what it costs, and the rest."""

from geoagent_evaluation.report.figure_index import ALL, FigureIndex
from geoagent_evaluation.report.markup import Element, element, section, untrusted
from geoagent_evaluation.report.metric_names import COST, IN_TABLES, PRIVACY, full_label
from geoagent_evaluation.report.number_text import format_count
from geoagent_evaluation.report.sections.figure_tables import (
    MAX_ROWS,
    figure_cell,
    figure_table,
    is_of_one_source,
    system_name,
    system_rows,
)
from geoagent_evaluation.report.table import Cell, table


def conduct_section(index: FigureIndex, name: str) -> Element | None:
    """Return the tables of privacy and cost, None where neither was measured."""
    rows = system_rows(index, name)
    return section(
        "conduct",
        "Privacy and cost",
        *(
            figure_table(index, caption, "System", rows, index.metrics(*metrics))
            for caption, metrics in (
                ("Claims against what each photo permits, with 95 % intervals.", PRIVACY),
                ("Time and cost, with 95 % intervals where they are means.", COST),
            )
        ),
    )


def other_figures_section(index: FigureIndex, name: str) -> Element | None:
    """Return the figures over all photos that stand in no other table, folded away."""
    left = [
        figure
        for figure in index.figures
        if figure.group == ALL
        and figure.metric not in IN_TABLES
        and not is_of_one_source(figure.system)
    ]
    if not left:
        return None
    cut = len(left) - 5 * MAX_ROWS
    note = f" {format_count(cut)} more are in figures.csv." if cut > 0 else ""
    rows = [
        (
            untrusted(full_label(figure.metric), 80),
            [
                Cell(system_name(figure.system, name), numeric=False),
                figure_cell(figure, figure.n),
                Cell(format_count(figure.n)),
            ],
        )
        for figure in left[: 5 * MAX_ROWS]
    ]
    summary = element("summary", {}, f"{format_count(len(left))} more figures")
    content = table(
        f"Other figures over all photos.{note}", ["Figure", "System", "Value", "n"], rows
    )
    return section("others", "Other figures", element("details", {}, summary, content))
