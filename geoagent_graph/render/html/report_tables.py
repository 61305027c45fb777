"""The tables of a report: clues, excluded places, look-alike photos."""

from collections.abc import Mapping, Sequence

from geoagent_graph.evidence.sources import clue_label
from geoagent_graph.render import wording
from geoagent_graph.render.html.markup import Child, Element, element, own_words, untrusted
from geoagent_graph.render.source_words import SOURCES_LEAD, SOURCES_TITLE, nats_words
from geoagent_graph.render.trace_sentences import AS_WRITTEN, say_stored
from geoagent_graph.translation import gettext, mark
from geoagent_graph.types import Clue, Exclusion, Reference, SourceWeight

MAX_REFERENCES = 50
MAX_OPEN_ROWS = 20  # rows of a table before the rest is folded away
_NUMERIC = frozenset(
    {
        "Sure",
        "Share then",
        "Step",
        "Similarity",
        "Matching points",
        "Nats",
        "Share",
        "With",
        "Without",
    }
)


def clues_section(clues: Sequence[Clue], numbers: Mapping[str, int]) -> Element:
    """Return the table of everything that was observed, with the tool that observed it."""
    rows = [
        table_row(
            {"id": f"clue-{numbers[clue.id]}"},
            element("th", {"scope": "row"}, f"{numbers[clue.id]}"),
            [
                (gettext("Kind"), gettext(clue_label(clue.kind)), ""),
                (gettext("Observed"), clue_words(clue), ""),
                (gettext("By"), untrusted(clue.source, 80), ""),
                (gettext("Sure"), _confidence_text(clue.confidence), "number"),
            ],
        )
        for clue in clues
    ]
    lead = gettext(
        "What was read or seen in the photo, and what its file claims. A claim of the file can be "
        "forged: it is weighed like any other clue, never believed on its own."
    )
    return _table_section(
        "clues", gettext("Clues"), lead,
        [mark("No."), mark("Kind"), mark("Observed"), mark("By"), mark("Sure")], rows,
        gettext("Nothing was observed that can be named."),
    )  # fmt: skip


def clue_words(clue: Clue, limit: int = 500) -> Element:
    """Return what a clue says: writing as it stands in the photo, all else translated."""
    if clue.kind in AS_WRITTEN:
        return untrusted(clue.text, limit)
    return own_words(say_stored(clue.text), limit)


def sources_section(weights: Sequence[SourceWeight]) -> list[Element]:
    """Return the table of what each source weighed; nothing where no source spoke."""
    if not weights:
        return []
    rows = [
        table_row(
            {},
            element("th", {"scope": "row"}, untrusted(gettext(weight.label), 80)),
            [
                (gettext("Nats"), nats_words(weight.nats), "number"),
                (gettext("Share"), wording.percent(weight.share), "number"),
                (gettext("With"), wording.percent(weight.probability), "number"),
                (gettext("Without"), wording.percent(weight.probability_without), "number"),
                (gettext("Then the likeliest country"), untrusted(_country_then(weight)), ""),
            ],
        )
        for weight in weights
    ]
    said = gettext(SOURCES_LEAD)
    lead = f"{say_stored(weights[0].place)}: {said[0].lower()}{said[1:]}"
    columns = [
        mark("Source"), mark("Nats"), mark("Share"), mark("With"), mark("Without"),
        mark("Then the likeliest country"),
    ]  # fmt: skip
    return [_table_section("sources", gettext(SOURCES_TITLE), lead, columns, rows, "")]


def _country_then(weight: SourceWeight) -> str:
    share = wording.percent(weight.country_probability_without)
    return f"{say_stored(weight.country_without)} ({share})"


def exclusions_section(excluded: Sequence[Exclusion]) -> Element:
    """Return the table of places that were taken back or rejected, with the reasons."""
    rows = [
        table_row(
            {},
            element("th", {"scope": "row"}, untrusted(wording.place_name(exclusion.place))),
            [
                (gettext("Share then"), wording.percent(exclusion.probability), "number"),
                (gettext("Reason"), own_words(say_stored(exclusion.reason)), ""),
                (gettext("Step"), str(exclusion.step), "number"),
            ],
        )
        for exclusion in excluded
    ]
    lead = gettext("Places that were accepted or considered first and then rejected.")
    columns = [mark("Place"), mark("Share then"), mark("Reason"), mark("Step")]
    return _table_section(
        "excluded",
        gettext("Excluded places"),
        lead,
        columns,
        rows,
        gettext("No place was excluded."),
    )


def references_section(references: Sequence[Reference]) -> Element:
    """Return the table of reference photos that look alike, with their licences."""
    is_checked = any(reference.matching_points is not None for reference in references)
    rows = [
        table_row(
            {},
            element("th", {"scope": "row"}, untrusted(reference.id, 80)),
            [
                (gettext("Similarity"), f"{reference.score:.2f}", "number"),
                *_points_cells(reference, is_checked=is_checked),
                (
                    gettext("Taken at"),
                    wording.coordinates(reference.lat_deg, reference.lon_deg, 5.0),
                    "short",
                ),
                (gettext("Country"), reference.country_code or "", ""),
                (gettext("Credit"), untrusted(_credit_line(reference)), ""),
            ],
        )
        for reference in references[:MAX_REFERENCES]
    ]
    lead = gettext(
        "The most similar photos of the reference index. Likeness alone is weak evidence: "
        "many places look alike."
    )
    if is_checked:
        lead += " " + gettext(
            "Many matching points are strong: another view of the same place has them."
        )
    points = [mark("Matching points")] if is_checked else []
    columns = [
        mark("Photo"), mark("Similarity"), *points, mark("Taken at"), mark("Country"),
        mark("Credit"),
    ]  # fmt: skip
    empty = gettext("No reference photos were used.")
    return _table_section("references", gettext("Look-alike photos"), lead, columns, rows, empty)


def _points_cells(reference: Reference, *, is_checked: bool) -> list[tuple[str, str, str]]:
    """Return how many points match, in a cell of its own where any reference was looked at."""
    points = reference.matching_points
    cell = (gettext("Matching points"), "" if points is None else str(points), "number")
    return [cell] if is_checked else []


def _table_section(
    name: str, title: str, lead: str, columns: list[str], rows: list[Element], empty: str
) -> Element:
    section = element("section", {"aria-labelledby": name}, element("h2", {"id": name}, title))
    if not rows:
        section.append(element("p", {"class": "quiet"}, empty))
        return section
    section.append(_table_element(lead, columns, rows[:MAX_OPEN_ROWS]))
    if len(rows) > MAX_OPEN_ROWS:
        more = element(
            "summary", {}, gettext("{number} more").format(number=len(rows) - MAX_OPEN_ROWS)
        )
        section.append(
            element("details", {}, more, _table_element("", columns, rows[MAX_OPEN_ROWS:]))
        )
    return section


def _table_element(lead: str, columns: list[str], rows: list[Element]) -> Element:
    heads = [
        element(
            "th",
            {"scope": "col", **({"class": "number"} if head in _NUMERIC else {})},
            gettext(head),
        )
        for head in columns
    ]
    table = element("table", {"class": "stack"})
    if lead:
        table.append(element("caption", {}, lead))
    table.append(element("thead", {}, element("tr", {}, *heads)))
    table.append(element("tbody", {}, *rows))
    return element("div", {"class": "scroll"}, table)


def table_row(
    attributes: dict[str, str], head: Element, cells: Sequence[tuple[str, Child, str]]
) -> Element:
    """Return a row; each cell is its column's name, its content and its class."""
    drawn = []
    for name, content, kind in cells:
        named = {"data-name": name, **({"class": kind} if kind else {})}
        empty = isinstance(content, str) and not content
        drawn.append(element("td", {} if empty else named, content))
    return element("tr", attributes, head, *drawn)


def _confidence_text(confidence: float | None) -> str:
    return "" if confidence is None else wording.percent(confidence)


def _credit_line(reference: Reference) -> str:
    parts = (reference.attribution, reference.license, reference.source_url)
    return ", ".join(part for part in parts if part)
