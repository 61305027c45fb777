"""The manual page names every command and option, and roff takes it without a word."""

import shutil
import subprocess

import pytest

from geoagent_graph.cli.app import COMMANDS
from geoagent_graph.cli.man_page import man_page, roff


def test_every_command_is_in_the_manual_page() -> None:
    page = man_page()
    assert page.startswith('.TH GEOAGENT 1 "" "geoagent ')
    for command in COMMANDS:
        assert f".SS geoagent {roff(command)} " in page
    for words in (".SS geoagent keys trust ", "\\-\\-because", ".SH EXIT STATUS", "GEOAGENT_HOME"):
        assert words in page


def test_roff_reads_it_without_a_warning() -> None:
    program = shutil.which("groff")
    if program is None:
        pytest.skip("groff is not installed")
    read = subprocess.run(
        [program, "-man", "-Tutf8", "-ww", "-Kutf8"],
        input=man_page(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stderr == ""


def test_text_stays_text() -> None:
    assert roff(".SH \\x -a\n b") == "\\&.SH \\ex \\-a b"
