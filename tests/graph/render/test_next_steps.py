"""An answer without a claim as a beginning."""

from geoagent_graph.render.html.html_report import html_report
from geoagent_graph.render.next_steps import next_steps
from geoagent_graph.render.terminal.answer_text import answer_text
from geoagent_graph.types import Answer, Clue, ToolCall
from tests.support.answers import porto_answer, unknown_answer

UNREAD = "text here in Cyrillic letters, which I cannot read: install it"


def unclaimed(*clues: Clue) -> Answer:
    """Return an answer that claims nothing."""
    call = ToolCall(tool="text_reader", result="0 lines", seconds=0.1)
    return unknown_answer(tools=(call,), clues=clues)


def test_a_claim_leaves_nothing_to_do() -> None:
    assert next_steps(porto_answer()) is None


def test_what_was_tried_and_what_is_missing_is_said() -> None:
    found = next_steps(unclaimed(), "bridge")
    assert found is not None
    assert found.tried[0] == "writing: none was read"
    assert "a position in the file" in found.missing
    commands = [way.command for way in found.ways]
    assert commands[:3] == [
        'geoagent add-clue bridge "text you can read"',
        "geoagent add-clue bridge --country PT",
        "geoagent add-clue bridge --near 41.55,-8.42,40",
    ]


def test_writing_that_nothing_reads_comes_first() -> None:
    clue = Clue(id="s", kind="script", text=UNREAD, source="text_reader:x")
    found = next_steps(unclaimed(clue))
    assert found is not None
    assert found.missing[0] == UNREAD
    assert any("ocr-" in way.command for way in found.ways)
    assert found.ways[0].command.startswith("geoagent locate ")


def test_terminal_and_report_say_it() -> None:
    text = answer_text(unclaimed(), "bridge").plain
    assert "tried       writing: none was read" in text
    assert "geoagent add-clue bridge --country PT" in text
    page = html_report(unclaimed(), case="bridge")
    assert "geoagent add-clue bridge --country PT" in page
    assert "What is missing" in page
    assert "What is missing" not in html_report(porto_answer())


def test_the_name_of_a_photo_is_no_markup_in_a_command() -> None:
    image = unclaimed().image.model_copy(update={"name": "`<img src=x>`.png"})
    found = next_steps(unclaimed().model_copy(update={"image": image}))
    assert found is not None
    assert found.ways[0].command.startswith("geoagent locate PHOTO ")
