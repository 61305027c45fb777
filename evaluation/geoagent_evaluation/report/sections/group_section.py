"""The same figures by group of photos: continent, income, locatability, kind of evidence."""

from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import Element, section, untrusted
from geoagent_evaluation.report.metric_names import BY_GROUP, GROUP_KINDS, group_value_name
from geoagent_evaluation.report.safe_text import visible
from geoagent_evaluation.report.sections.figure_tables import RowKey, figure_table

MAX_KINDS = 12


def group_section(index: FigureIndex) -> Element | None:
    """Return a table per kind of group, None where no figure is of a group."""
    values = index.group_values()
    kinds = sorted(values, key=lambda kind: (_place_cell(kind), kind))[:MAX_KINDS]
    return section(
        "groups",
        "By group of photos",
        *(_group_table(index, kind, values[kind]) for kind in kinds),
    )


def _place_cell(kind: str) -> int:
    known = list(GROUP_KINDS)
    return known.index(kind) if kind in known else len(known)


def _group_table(index: FigureIndex, kind: str, values: list[str]) -> Element | None:
    head = GROUP_KINDS.get(kind, visible(kind.replace("_", " "), 40).capitalize())
    rows = [
        RowKey(untrusted(group_value_name(kind, value), 80), f"{kind}={value}") for value in values
    ]
    measured = {figure.metric for figure in index.figures if figure.group.startswith(f"{kind}=")}
    metrics = [metric for metric in BY_GROUP if metric in measured]
    return figure_table(index, f"By {head.lower()}, with 95 % intervals.", head, rows, metrics)
