"""The head of the page: what was measured, three key figures, what limits them."""

import numpy as np

from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.markup import (
    Child,
    Element,
    bullet_list,
    element,
    paragraph,
    untrusted,
)
from geoagent_evaluation.report.metric_names import KEY_FIGURES, full_label
from geoagent_evaluation.report.number_text import (
    format_count,
    format_figure,
    format_interval,
    format_value,
)
from geoagent_evaluation.report.plain_values import text_or_empty
from geoagent_evaluation.report.row_table import RowTable
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.scoring.figures import Figure

MAX_KEY_FIGURES = 3
FEW_PHOTOS = 200


def page_head(scored: ScoreFolder, index: FigureIndex, date: str = "") -> Element:
    """Return the head of a report on one system; without a date that of the run is shown."""
    return element(
        "header",
        {},
        paragraph(*_origin_line(scored, date), css="eyebrow"),
        element("h1", {}, untrusted(scored.name)),
        key_figures(index),
        _problem_section(scored),
        _limit_section(scored),
    )


def _origin_line(scored: ScoreFolder, date: str) -> list[Child]:
    """Return data set, number of photos and date; a date only where one is stated."""
    parts: list[Child] = ["Image geolocation, measured"]
    data_set = scored.data_set()
    if data_set:
        parts += [" on ", untrusted(data_set, 80)]
    parts.append(f" · {format_count(len(scored.rows))} photos")
    date = date or text_or_empty(scored.run.get("date"))
    return [*parts, " · ", untrusted(date, 40)] if date else parts


def key_figures(index: FigureIndex) -> Element | None:
    """Return the first three of the figures that tell most, None where none was measured."""
    figures = [figure for names in KEY_FIGURES if (figure := index.first(*names)) is not None]
    blocks = [_key_figure(figure) for figure in figures[:MAX_KEY_FIGURES]]
    return element("dl", {"class": "key"}, *blocks) if blocks else None


def _key_figure(figure: Figure) -> Element:
    interval = format_interval(figure)
    between = f"95 % interval {interval}, " if interval else ""
    note = element("span", {"class": "note"}, f"{between}n = {format_count(figure.n)}")
    return element(
        "div",
        {},
        element("dt", {}, full_label(figure.metric, start=True)),
        element("dd", {}, format_figure(figure), note),
    )


def _problem_section(scored: ScoreFolder) -> Element | None:
    """Return what was found wrong in the files, None where nothing was."""
    failed = int(np.sum(scored.rows.flags("failed")))
    items: list[Child] = []
    if failed:
        share = format_value(failed / len(scored.rows), "share")
        items.append(
            f"{_photo_count(failed)} ({share}) failed: failures count as wrong in every figure."
        )
    for problem, count in list(scored.score.problems.items())[:40]:
        wrapped = element("span", {}, untrusted(str(problem), 200), f": {count}")
        items.append(wrapped)
    if not items:
        return None
    heading = element("h2", {"id": "problems"}, "Problems in the files")
    return element(
        "section", {"class": "warnings", "aria-labelledby": "problems"}, heading, bullet_list(items)
    )


def _limit_section(scored: ScoreFolder) -> Element | None:
    items: list[Child] = [untrusted(note, 400) for note in scored.score.notes[:40]]
    items += _limits_of_rows(scored.rows)
    if not items:
        return None
    heading = element("h2", {"id": "limits"}, "What limits these figures")
    return element(
        "section", {"class": "limits", "aria-labelledby": "limits"}, heading, bullet_list(items)
    )


def _limits_of_rows(rows: RowTable) -> list[Child]:
    """Return what follows from the rows alone: few photos, abstentions, nothing to calibrate."""
    items: list[Child] = []
    if len(rows) < FEW_PHOTOS:
        items.append(
            f"{_photo_count(len(rows))}: the intervals are wide, small differences mean nothing."
        )
    unknown = int(np.sum(np.isnan(rows.numbers("true_lat_deg"))))
    if unknown:
        items.append(
            f"{_photo_count(unknown)} have no true point: no figure of distance counts them."
        )
    abstained = int(np.sum(rows.flags("abstained") & ~rows.flags("failed")))
    if abstained:
        items.append(
            f"{_photo_count(abstained)} were abstentions: figures of all photos count their point."
        )
    if not np.any(np.isfinite(rows.numbers("probability"))):
        items.append("The system states no probabilities: its calibration is not known.")
    return items


def _photo_count(count: int) -> str:
    return f"{format_count(count)} photo{'' if count == 1 else 's'}"
