"""Steps and answers in a terminal, as they come."""

import io
import sys

import pytest
from rich.console import Console

from geoagent_graph.render.claim import best_candidate
from geoagent_graph.render.terminal.answer_text import answer_panel, answer_text
from geoagent_graph.render.terminal.live import (
    PlainReporter,
    Reporter,
    TerminalReporter,
    open_reporter,
)
from geoagent_graph.render.terminal.step_tree import bar
from geoagent_graph.types import Answer, Step
from tests.support.answers import (
    hostile_answer,
    porto_answer,
    porto_levels,
    unknown_answer,
)

OBEYED = "\x07\x9b\u202e\u2066"


def candidates_step() -> Step:
    dumped = [item.model_dump(mode="json") for item in porto_levels()["country"]]
    return Step(index=4, node="judge", level="country", summary="accept: Portugal", seconds=0.1,
                detail={"hypotheses": list(dumped)})  # fmt: skip


def console(width: int = 80, colour: bool = True) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=width, no_color=not colour, emoji=False,
        highlight=False, color_system="standard" if colour else None,
    )  # fmt: skip


def written_on(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def shown(answer: Answer, steps: list[Step], width: int = 80) -> str:
    screen = console(width)
    reporter = TerminalReporter(screen, ["photo.jpg"])
    for step in steps:
        reporter.step(step)
    reporter.close()
    screen.print(answer_panel(answer, screen))
    return written_on(screen)


def test_the_tree_shows_steps_clues_and_candidates_with_bars() -> None:
    written = shown(porto_answer(), [*porto_answer().trace, candidates_step()])
    for words in ("observe", "Rua das Flores, Porto", "retriever failed: index is damaged",
                  "Portugal", "93 %", "███████████"):  # fmt: skip
        assert words in written, words


def test_text_from_outside_gives_the_terminal_nothing_to_obey() -> None:
    answer = hostile_answer()
    written = shown(answer, [*answer.trace, candidates_step()])
    assert not any(character in written for character in OBEYED)
    assert "\x1b]" not in written  # neither a title nor a link
    assert "[red]markup[/red]" in written.replace("\n", "")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_answer_fits_the_terminal(width: int) -> None:
    screen = console(width, colour=False)
    screen.print(answer_panel(porto_answer(), screen))
    lines = written_on(screen).splitlines()
    assert max(map(len, lines)) <= width
    assert any("X" in line and "⠀" in line for line in lines)


def test_without_colour_there_is_no_colour() -> None:
    screen = console(colour=False)
    screen.print(answer_panel(porto_answer(), screen))
    assert "\x1b[3" not in written_on(screen)


def test_plain_lines_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = PlainReporter(2)
    reporter.progress(0.0, "reading tables")
    reporter.progress(0.2, "reading tables")
    reporter.step(hostile_answer().trace[2])
    reporter.photo_done(0, "a\x1b.jpg")
    written = capsys.readouterr()
    assert written.out == ""
    assert all(line.startswith("geoagent: ") for line in written.err.splitlines())
    assert written.err.count("reading tables") == 1
    assert "\x1b" not in written.err
    assert "1 of 2" in written.err


def test_the_reporter_suits_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_reporter(["a"], quiet=True) as reporter:
        assert type(reporter) is Reporter
    with open_reporter(["a"], quiet=False) as reporter:
        assert isinstance(reporter, PlainReporter)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with open_reporter(["a"], quiet=False) as reporter:
        assert isinstance(reporter, TerminalReporter)


def test_the_answer_is_shown_where_stdout_does_not_show_it() -> None:
    screen = console()
    TerminalReporter(screen, ["photo.jpg"]).answer(porto_answer(), result_follows=False)
    assert "Porto, Porto District, Portugal" in written_on(screen)


def test_the_text_says_what_spoke_for_and_against() -> None:
    text = answer_text(porto_answer()).plain
    assert "Porto, Porto District, Portugal" in text
    assert "likely (88 %)" in text
    assert 'the name "Porto" on a sign' in text
    assert "25 km" in text
    assert "GeoNames" in text
    best = best_candidate(porto_answer())
    assert best is not None
    assert best.place.name == "Porto"


def test_no_claim_names_what_is_open_and_draws_no_map() -> None:
    screen = console(colour=False)
    screen.print(answer_panel(unknown_answer(), screen))
    written = written_on(screen)
    assert "No claim" in written
    assert "Europe (40 %)" in written
    assert "⠀" not in written
    assert best_candidate(unknown_answer()) is None


def test_bars_are_as_long_as_their_share() -> None:
    assert bar(0.0, ascii_only=True) == " " * 12
    assert bar(0.5, ascii_only=True) == "######      "
    assert bar(1.0, ascii_only=False) == "█" * 12
    assert len(bar(0.37, ascii_only=False)) == 12
