"""A clue that was read out of a line: the same find has the same id wherever it stood."""

from geoagent_graph.evidence.clue_ids import MAX_CLUE_CHARS, clue_from_line
from geoagent_graph.types import Box, Clue

BOX = Box(left=0.1, top=0.2, right=0.3, bottom=0.4)
LINE = Clue(id="text:1", kind="text", text="0151", source="reader", box=BOX, confidence=0.7)


def test_a_find_keeps_the_place_of_its_line() -> None:
    clue = clue_from_line("phone", "a number", LINE, "phones", {"number": "0151"})
    assert (clue.box, clue.confidence, clue.source) == (BOX, 0.7, "phones")
    assert clue.attributes == {"number": "0151", "read_in": "text:1"}


def test_the_id_rests_on_what_was_found_alone() -> None:
    other = LINE.model_copy(update={"id": "text:2", "box": None})
    one = clue_from_line("phone", "a", LINE, "phones", {"a": "1", "b": "2"})
    same = clue_from_line("phone", "b", other, "others", {"b": "2", "a": "1"})
    different = clue_from_line("phone", "a", LINE, "phones", {"a": "1", "b": "3"})
    other_kind = clue_from_line("domain", "a", LINE, "phones", {"a": "1", "b": "2"})
    assert one.id == same.id
    assert len({one.id, different.id, other_kind.id}) == 3


def test_long_texts_are_cut() -> None:
    clue = clue_from_line("phone", "x" * 1000, LINE, "phones", {})
    assert clue.text == "x" * MAX_CLUE_CHARS
