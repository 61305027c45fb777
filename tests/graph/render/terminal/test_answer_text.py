"""The answer as a person reads it: the claim, what spoke, and nothing that drives a terminal."""

import io

import pytest
from rich.console import Console

from geoagent_graph.render.terminal.answer_text import MAX_CLUES, answer_output, answer_panel
from geoagent_graph.render.terminal.answer_text import answer_text as text_of
from geoagent_graph.types import Answer, Evidence, Usage
from tests.support.answers import PORTO, hostile_answer, hypothesis, porto_answer, unknown_answer


def rows(answer: Answer) -> dict[str, str]:
    """Return the words of every named line."""
    lines = text_of(answer).plain.splitlines()[2:-1]
    return {line[:12].strip(): line[12:] for line in lines}


def test_an_answer_names_the_place_the_point_and_what_spoke() -> None:
    lines = text_of(porto_answer()).plain.splitlines()
    assert lines[:2] == ["porto.jpg", "Porto, Porto District, Portugal"]
    found = rows(porto_answer())
    assert found["point"] == "41.14960, -8.61100"
    assert found["within"] == "25 km (9 times out of 10)"
    assert found["for"] == 'the name "Porto" on a sign'
    assert found["warning"].startswith("The index is damaged")
    assert "model" not in found


def test_no_claim_shows_no_point_but_what_is_open() -> None:
    found = rows(unknown_answer())
    assert found["open"] == "Europe (40 %), Asia (35 %)"
    assert "point" not in found
    assert rows(unknown_answer(levels={}))["open"] == "every place"


def test_much_evidence_is_counted_and_not_shown() -> None:
    spoken = tuple(
        Evidence(place_id=PORTO.id, source="s", log_lr=9.0 - n, clue_ids=(), reason=f"reason {n}")
        for n in range(MAX_CLUES + 2)
    )
    best = hypothesis(PORTO, 0.9).model_copy(update={"evidence": spoken})
    text = text_of(porto_answer(levels={"city": (best,)})).plain
    assert "reason 4" in text
    assert "reason 5" not in text
    assert "and 2 more" in text


def test_a_model_is_counted_where_one_was_asked() -> None:
    assert "model" in rows(porto_answer(usage=Usage(calls=3, prompt_tokens=10)))


def test_hostile_text_is_inert_and_its_brackets_are_no_markup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = answer_output(hostile_answer(), with_map=False)
    assert "[red]markup[/red]" in shown
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(shown)
    assert capsys.readouterr().out == ""


def test_the_map_is_left_out_where_it_cannot_be_shown_or_nothing_is_claimed() -> None:
    def drawn(answer: Answer, encoding: str) -> bytes:
        raw = io.BytesIO()
        console = Console(file=io.TextIOWrapper(raw, encoding, errors="replace"), width=80)
        console.print(answer_panel(answer, console))
        console.file.flush()
        return raw.getvalue()

    with_map = drawn(porto_answer(), "utf-8")
    assert len(drawn(porto_answer(), "ascii").splitlines()) < len(with_map.splitlines()) - 10
    dots = set(map(chr, range(0x2801, 0x2900)))  # Braille: what the map is drawn with
    assert dots & set(with_map.decode())
    assert not dots & set(drawn(unknown_answer(), "utf-8").decode())
