"""How far off and how often right: the tables of accuracy, with the baselines beside."""

from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import Element, paragraph, section
from geoagent_evaluation.report.metric_names import ACCURACY, CLAIMS, PLACES, POINTS
from geoagent_evaluation.report.sections.figure_tables import figure_table, system_rows

NOTHING = "No figure of accuracy was measured."


def accuracy_section(index: FigureIndex, name: str) -> Element | None:
    """Return the section: by distance, by score, by named place, of claims alone."""
    rows = system_rows(index, name)
    tables = [
        figure_table(index, caption, "System", rows, index.metrics(*metrics))
        for caption, metrics in (
            ("Share of all photos within a distance, with 95 % intervals.", ACCURACY),
            ("Errors and scores of all photos, with 95 % intervals.", POINTS),
            ("Share of all photos whose place is right, with 95 % intervals.", PLACES),
            ("Answers, and the claims among them alone, with 95 % intervals.", CLAIMS),
        )
    ]
    if not any(table is not None for table in tables):
        return section("accuracy", "Accuracy", paragraph(NOTHING))
    return section("accuracy", "Accuracy", *tables)
