"""The worst cases: the surest wrong claims and the largest errors, each with its trace."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoagent_evaluation.report.markup import (
    Child,
    Element,
    element,
    paragraph,
    photo_name,
    section,
    untrusted,
)
from geoagent_evaluation.report.number_text import NO_BREAK, format_value
from geoagent_evaluation.report.row_table import Floats, RowTable
from geoagent_evaluation.report.sections.trace_details import trace_details
from geoagent_evaluation.report.traces import read_trace

MAX_CASES = 10


@dataclass(frozen=True, slots=True)
class WorstRows:
    """Which rows to show: the surest claims that were wrong, then the largest other errors."""

    surest: list[int]
    farthest: list[int]


def worst_rows(rows: RowTable) -> WorstRows:
    """Return the rows of both lists, at most `MAX_CASES` each, none twice."""
    probability, distance = rows.numbers("probability"), rows.distances_km()
    stated = ~(rows.flags("abstained") | rows.flags("failed"))
    wrong = stated & (rows.numbers("claim_right") == 0.0) & np.isfinite(probability)
    surest = _largest_rows(np.where(wrong, probability, np.nan), distance)
    taken = np.zeros(len(rows), np.bool_)
    taken[surest] = True
    farthest = _largest_rows(np.where(taken | (distance == 0.0), np.nan, distance), distance)
    return WorstRows(surest, farthest)


def _largest_rows(values: Floats, then: Floats) -> list[int]:
    """Return the rows of the largest values; equal ones by `then`, then in the file's order."""
    candidates = np.flatnonzero(np.isfinite(values))
    order = np.lexsort((candidates, -np.nan_to_num(then[candidates]), -values[candidates]))
    return [int(row) for row in candidates[order[:MAX_CASES]]]


def worst_cases_section(rows: RowTable, worst: WorstRows, folder: Path) -> Element | None:
    """Return both lists, with the traces that the run left in `folder`; None without an error."""
    other = "Largest other errors" if worst.surest else "Largest errors"
    return section(
        "worst",
        "Worst cases",
        *_case_list("Surest wrong claims", worst.surest, rows, folder),
        *_case_list(other, worst.farthest, rows, folder),
    )


def _case_list(title: str, chosen: list[int], rows: RowTable, folder: Path) -> list[Child]:
    if not chosen:
        return []
    cases = (element("li", {}, *_case_item(rows, row, folder)) for row in chosen)
    return [element("h3", {}, title), element("ol", {"class": "cases"}, *cases)]


def _case_item(rows: RowTable, row: int, folder: Path) -> list[Child]:
    name = rows.word("id", row)
    distance = format_value(float(rows.distances_km()[row]), "km")
    far = element("span", {"class": "far"}, f"{distance} off")
    head = paragraph(photo_name(name), " ", far, css="case")
    facts = element("dl", {"class": "facts"}, *_case_facts(rows, row))
    trace = read_trace(folder, name)
    return [head, facts, None if trace is None else trace_details(trace)]


def _case_facts(rows: RowTable, row: int) -> list[Child]:
    truth = _place_cell(rows, row, "true_lat_deg", "true_lon_deg", "true_country")
    guess = _place_cell(rows, row, "lat_deg", "lon_deg", "country")
    pairs = (("Truth", truth), ("Guess", guess), ("Claimed", _claim_words(rows, row)))
    return [
        element("div", {}, element("dt", {}, name), element("dd", {}, *children))
        for name, children in pairs
    ]


def _place_cell(rows: RowTable, row: int, lat: str, lon: str, country: str) -> list[Child]:
    code = rows.word(country, row)
    point = format_point(float(rows.numbers(lat)[row]), float(rows.numbers(lon)[row]))
    return [point, ", " if code else None, untrusted(code, 40) if code else None]


def format_point(lat_deg: float, lon_deg: float) -> str:
    """Return a point in degrees to three digits, with the letters of the four directions."""
    if not (np.isfinite(lat_deg) and np.isfinite(lon_deg)):
        return "no point"
    north, east = "N" if lat_deg >= 0 else "S", "E" if lon_deg >= 0 else "W"
    return f"{abs(lat_deg):.3f}°{NO_BREAK}{north} {abs(lon_deg):.3f}°{NO_BREAK}{east}"


def _claim_words(rows: RowTable, row: int) -> list[Child]:
    if rows.flags("abstained")[row]:
        return ["nothing: it abstained, the guess is its best point"]
    level = rows.word("level", row)
    probability = float(rows.numbers("probability")[row])
    radius = float(rows.numbers("radius_km")[row])
    parts: list[Child] = [untrusted(level, 40) if level else "no level"]
    if np.isfinite(probability):
        parts.append(f", {100 * probability:.0f}{NO_BREAK}% sure")
    if np.isfinite(radius):
        parts.append(f"; radius {format_value(radius, 'km')}")
    return parts
