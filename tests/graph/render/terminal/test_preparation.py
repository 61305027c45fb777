"""Preparation shows lines on a pipe and a bar on a terminal, and nothing when never called."""

import io
import sys

import pytest

from geoagent_graph.render.terminal.preparation import preparation_bar


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_nothing_is_shown_when_nothing_is_prepared(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]
) -> None:
    stderr = stream()
    monkeypatch.setattr(sys, "stderr", stderr)
    with preparation_bar():
        pass
    assert stderr.getvalue().strip("\n") == ""


def test_a_pipe_gets_a_line_when_the_work_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    with preparation_bar() as progress:
        for share in (0.0, 0.1, 0.2):
            progress(share, "reading towns\x1b[2J")
        progress(0.5, "sorting")
    lines = stderr.getvalue().splitlines()
    assert len(lines) == 2
    assert "reading towns\ufffd[2J" in lines[0]
    assert "sorting" in lines[1]


def test_a_terminal_gets_a_bar_that_ends_with_an_error_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stderr = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stderr)

    def prepare() -> None:
        with preparation_bar() as progress:
            progress(0.5, "[red]towns[/red]\u202e")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        prepare()
    shown = stderr.getvalue()
    assert "[red]towns[/red]\ufffd" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
