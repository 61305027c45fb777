"""Tables of a report: what is empty says so, what is long is folded, what is foreign stays text."""

from geoagent_graph.render.html.markup import Element, element, html_text
from geoagent_graph.render.html.report_tables import (
    MAX_OPEN_ROWS,
    MAX_REFERENCES,
    clues_section,
    exclusions_section,
    references_section,
    table_row,
)
from geoagent_graph.types import Clue, Exclusion, Reference
from tests.support.answers import HOSTILE, SPAIN, porto_clues


def reference(number: int, **changes: object) -> Reference:
    fields: dict[str, object] = {"id": f"r{number}", "score": 0.5, "lat_deg": -33.9, "lon_deg": 179}
    return Reference.model_validate(fields | changes)


def rows_of(section: Element) -> list[str]:
    bodies = section.iter("tbody")
    return ["|".join("".join(cell.itertext()) for cell in row) for body in bodies for row in body]


def test_empty_tables_say_what_there_is_none_of() -> None:
    empty = [clues_section([], {}), exclusions_section([]), references_section([])]
    said = [section.findtext("p") for section in empty]
    assert said == [
        "Nothing was observed that can be named.",
        "No place was excluded.",
        "No reference photos were used.",
    ]
    assert not any(list(section.iter("table")) for section in empty)


def test_a_clue_has_its_number_its_kind_in_words_and_how_sure_it_is() -> None:
    section = clues_section(porto_clues(), {"c1": 1, "c2": 2, "c3": 3})
    first, second, third = rows_of(section)
    assert first.startswith("1|")
    assert first.endswith("|Rua das Flores, Porto|rapidocr|94 %")
    assert second.endswith("|phonenumbers|")
    assert "exif_position" not in third
    assert [row.get("id") for row in section.iter("tr")][1:] == ["clue-1", "clue-2", "clue-3"]


def test_a_clue_of_an_unknown_kind_is_shown_by_its_name() -> None:
    clue = Clue(id="x", kind="roof_colour", text=HOSTILE, source="plug-in")
    page = html_text(clues_section([clue], {"x": 1}))
    assert "roof colour" in page.casefold()
    assert "<script" not in page


def test_the_rest_of_a_long_table_is_folded_away_and_references_are_bounded() -> None:
    section = references_section([reference(n) for n in range(MAX_REFERENCES + 7)])
    assert len(rows_of(section)) == MAX_REFERENCES
    assert section.findtext("details/summary") == f"{MAX_REFERENCES - MAX_OPEN_ROWS} more"
    full = references_section([reference(n) for n in range(MAX_OPEN_ROWS)])
    assert full.find("details") is None


def test_a_reference_names_the_half_of_the_globe_and_whom_to_credit() -> None:
    credited = reference(1, license="CC BY", attribution="A. Photographer", country_code="FJ")
    assert rows_of(references_section([credited])) == [
        "r1|0.50|33.900°S, 179.000°E|FJ|A. Photographer, CC BY"
    ]
    assert rows_of(references_section([reference(1)]))[0].endswith("||")


def test_matching_points_are_shown_where_they_were_looked_at() -> None:
    section = references_section([reference(1, matching_points=24), reference(2)])
    assert [row.split("|")[:3] for row in rows_of(section)] == [
        ["r1", "0.50", "24"],
        ["r2", "0.50", ""],
    ]
    assert "Many matching points are strong" in html_text(section)


def test_an_exclusion_says_why_and_when_and_an_empty_cell_has_no_name() -> None:
    excluded = Exclusion(place=SPAIN, probability=0.03, reason="no <i>", step=3)
    assert rows_of(exclusions_section([excluded])) == ["Spain|3 %|no <i>|3"]
    cells = list(table_row({}, element("th", {}), [("Empty", "", "number"), ("Full", "x", "")]))
    assert [cell.attrib for cell in cells[1:]] == [{}, {"data-name": "Full"}]
