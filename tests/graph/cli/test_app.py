"""The command line as a whole: help, version, mistakes, a reader that goes away."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Never

import pytest

from geoagent_graph.call_threads import ThreadCall
from geoagent_graph.cli.app import COMMANDS, main
from tests.support.paths import ROOT
from tests.support.scripted_cli import install, run

COMMAND = [sys.executable, "-m", "geoagent_graph.cli"]
HEAVY = ("numpy", "langgraph", "rich", "PIL", "pydantic", "faiss", "onnxruntime", "asyncio")


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = f"import sys, geoagent_graph.cli.app; print([m for m in {HEAVY!r} if m in sys.modules])"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert loaded.strip() == "[]"


def test_listing_cases_needs_no_graph() -> None:
    code = "import sys, geoagent_graph.cases.store; print('langgraph' in sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert loaded.strip() == "False"


def test_help_names_every_command_and_locate_explains_the_exit_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)
    assert run("locate", "--help") == 0
    out = " ".join(capsys.readouterr().out.split())
    for words in ("0 answered", "3 no place is claimed", "2 wrong usage", "1 failure", "130"):
        assert words in out, words
    for option in ("--index", "--policy", "--json", "--jsonl", "--geojson", "--kml", "--html",
                   "--no-exif", "--budget", "--without-source"):  # fmt: skip
        assert option in out, option


def test_whoever_asks_for_nothing_is_shown_what_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run() == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    named = [line.split()[1] for line in shown.out.splitlines() if line.startswith("  geoagent")]
    assert {name for name in named if not name.endswith(".jpg")} <= set(COMMANDS)
    assert "geoagent --help" in shown.out


@pytest.mark.parametrize(
    ("typed", "place", "offered"),
    [
        ("geoagent loc", 1, "locate"),
        ("geoagent locate --po", 2, "--policy"),
        ("geoagent weights p", 2, "pull"),
        ("geoagent photo", 1, ""),
    ],
)
def test_a_shell_is_told_what_may_come_next(typed: str, place: int, offered: str) -> None:
    asked = {"_GEOAGENT_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(place)}
    done = subprocess.run(
        [sys.executable, "-m", "geoagent_graph"],
        env={**os.environ, **asked}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == offered.split()


def test_a_mistyped_command_is_not_taken_for_a_photo(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("revers", "1", "2") == 2
    assert "did you mean reverse?" in capsys.readouterr().err


def test_a_photo_named_like_a_typing_error_is_a_photo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    install(monkeypatch)
    (tmp_path / "revers").write_bytes(b"photo")
    monkeypatch.chdir(tmp_path)
    assert run("revers") == 0
    assert "Lisbon" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["locate", "a.jpg", "--budget", "x"], "--budget x: must be a whole number."),
        (["locate", "a.jpg", "--budget", "1"], "--budget 1: must be at least 6."),
        (["investigate", "a.jpg", "--ask", "often"], "--ask: 'often' is not one of 'never', "),
        (["add-clue", "c", "--sun-height", "x"], "--sun-height x: must be a number."),
        (["serve", "--port", "99999"], "--port 99999: must be at most 65535."),
        (["geocode", "Braga", "--limit", "0\n"], "--limit 0 : must be at least 1."),
    ],
)
def test_a_wrong_value_is_one_sentence_of_ours(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"geoagent: error: {said}")
    assert error.count("\n") == 1
    assert "Input should" not in error


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("geoagent ")


@pytest.mark.parametrize("name", ["x\x1b[2Jy.jpg", "x\ny.jpg", "[red]x[/red].jpg", "x\udcff.jpg"])
def test_names_in_errors_are_one_line_without_controls(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    install(monkeypatch)
    assert run(name) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "\x1b" not in error


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [*COMMAND, "doctor", "--json"], stdout=write, stderr=subprocess.PIPE, cwd=ROOT
        )
    finally:
        os.close(write)
    assert done.returncode == 141
    assert done.stderr == b""


def run_as_process(monkeypatch: pytest.MonkeyPatch, argument: str) -> object:
    """Return the status with which the command of this process ends."""
    monkeypatch.setattr(sys, "argv", ["geoagent", argument])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_a_tool_that_still_works_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def end_at_once(status: int) -> Never:
        raise SystemExit(f"at once: {status}")

    monkeypatch.setattr(os, "_exit", end_at_once)
    let_go = threading.Event()
    call = ThreadCall(let_go.wait)
    call.start()
    try:
        assert run_as_process(monkeypatch, "--version") == "at once: 0"
        assert run_as_process(monkeypatch, "--no-such-option") == "at once: 2"
        assert run("--version") == 0  # a program that calls it goes on
    finally:
        let_go.set()
    call.future.result(60)
    assert run_as_process(monkeypatch, "--version") == 0
