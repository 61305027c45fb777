"""Clues from lines of text and from what a file says of itself."""

from dataclasses import replace

from geoagent_graph.file_claims import FileClaims, NamedLocation
from geoagent_graph.perception.clues import (
    MAX_TEXT_CLUES,
    file_claim_clues,
    reading_warnings,
    text_clues,
)
from geoagent_graph.protocols import TextLine
from geoagent_graph.types import MAX_CLUE_CHARS, Box

BOX = Box(left=0.1, top=0.1, right=0.5, bottom=0.2)


def line(text: str, readable: bool = True, language: str | None = "pt") -> TextLine:
    return TextLine(text, BOX, 0.9, "Latn", language, 0.8, "rapidocr", readable)


def test_a_line_becomes_a_text_clue_with_what_is_known_of_it() -> None:
    (clue,) = text_clues([line("Rua das Flores")])
    assert (clue.kind, clue.text, clue.box) == ("text", "Rua das Flores", BOX)
    assert clue.attributes == {
        "recogniser": "rapidocr",
        "script": "Latn",
        "language": "pt",
        "language_confidence": "0.800",
    }
    assert text_clues([line("Rua das Flores")]) == [clue]


def test_what_cannot_be_read_is_a_script_clue_without_its_text() -> None:
    (clue,) = text_clues([line("zzz", readable=False)])
    assert clue.kind == "script"
    assert "zzz" not in clue.text


def test_text_that_was_not_read_says_why_once_and_as_a_warning() -> None:
    note = "text here in a script that I cannot read: install ..."
    lines = [line("Rua das Flores"), *[replace(line("", readable=False), unread=note)] * 2]
    assert reading_warnings(lines) == [note]
    assert text_clues(lines)[1].text == note


def test_clues_are_bounded_in_number_and_length() -> None:
    clues = text_clues([line("x" * 3000)] * (MAX_TEXT_CLUES + 1))
    assert len(clues) == MAX_TEXT_CLUES
    assert len(clues[0].text) == MAX_CLUE_CHARS


def test_claims_of_a_file_say_that_they_are_claims() -> None:
    position, time, camera = file_claim_clues(
        FileClaims(41.15, -8.61, "2024-05-01T10:00:00", None, "Maker Model", None)
    )
    assert (position.kind, position.text) == ("exif_position", "the file claims 41.1500, -8.6100")
    assert position.attributes == {"lat_deg": "41.150000", "lon_deg": "-8.610000"}
    assert time.text == "the file claims taken at: 2024-05-01T10:00:00"
    assert camera.attributes == {"camera": "Maker Model"}


def test_a_position_says_how_good_it_is_where_the_file_does() -> None:
    claims = FileClaims(
        41.15, -8.61, None, None, None, None, error_m=65.0, void=True, age_seconds=90.0
    )
    (position,) = file_claim_clues(claims)
    quality = {"error_m": "65.00", "void": "true", "age_seconds": "90"}
    assert position.attributes == {"lat_deg": "41.150000", "lon_deg": "-8.610000", **quality}


def test_a_named_place_is_one_clue_with_its_names() -> None:
    location = NamedLocation(city="Santiago", country="Chile", country_code="CL")
    (clue,) = file_claim_clues(FileClaims(None, None, None, None, None, None, location=location))
    assert (clue.kind, clue.text) == ("file_place", "the file claims the place: Santiago, Chile")
    assert clue.attributes == {"city": "Santiago", "country": "Chile", "country_code": "CL"}


def test_a_file_that_says_nothing_gives_no_clue() -> None:
    assert file_claim_clues(FileClaims(None, None, None, None, None, None)) == []
