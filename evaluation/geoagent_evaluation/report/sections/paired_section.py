"""Paired differences: each system less the first, photo by photo."""

from collections.abc import Sequence
from pathlib import Path

from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.report.markup import Element, element, paragraph, section, untrusted
from geoagent_evaluation.report.metric_names import COMPARED, short_label
from geoagent_evaluation.report.number_text import format_count, format_figure, format_interval
from geoagent_evaluation.report.table import EMPTY, Cell, table
from geoagent_evaluation.scoring.compare import Comparison, Difference, compare_systems, open_system
from geoagent_evaluation.scoring.figures import Figure

MIN_P = 0.001


def paired_section(folders: Sequence[Path], labels: Sequence[str]) -> Element | None:
    """Return the differences over the photos that all systems have, or why there are none."""
    try:
        found = compare_systems([open_system(folder, None, lenient=False) for folder in folders])
    except ContractError as error:
        text = paragraph("The systems cannot be compared photo by photo: ", untrusted(str(error)))
        return section("paired", "Paired differences", text)
    return section("paired", "Paired differences", _difference_table(found, labels))


def _difference_table(found: Comparison, labels: Sequence[str]) -> Element | None:
    names = list(dict.fromkeys(one.second for one in found.differences))
    present = {one.metric for one in found.differences}
    metrics = [metric for metric in COMPARED if metric in present]
    if not metrics or len(names) != len(labels) - 1:
        return None
    by_key = {(one.second, one.metric): one for one in found.differences}
    rows = [
        (untrusted(label), [_value_cell(by_key.get((name, metric))) for metric in metrics])
        for name, label in zip(names, labels[1:], strict=True)
    ]
    caption = (
        f"Each system less {labels[0]}, over the {format_count(found.photos)} photos that all have:"
        " difference (of shares in percentage points), 95 % interval, p of no difference (Holm, all"
        " systems at once)."
    )
    return table(caption, ["System", *map(short_label, metrics)], rows)


def _value_cell(difference: Difference | None) -> Cell:
    if difference is None:
        return EMPTY
    figure = Figure(
        difference.metric, difference.difference, difference.unit, difference.n,
        low=difference.low, high=difference.high,
    )  # fmt: skip
    sign = "+" if difference.difference > 0 else ""
    parts = (format_interval(figure), _p_words(difference.p_holm))
    value = element("span", {"class": "value"}, f"{sign}{format_figure(figure)}")
    return Cell(value, ", ".join(filter(None, parts)))


def _p_words(p: float | None) -> str:
    if p is None:
        return ""
    return f"p < {MIN_P:g}" if p < MIN_P else f"p = {p:.3f}"
