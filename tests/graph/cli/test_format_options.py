"""Every format of the table is an option of its commands; what was given is found by its name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from geoagent_graph.cli.format_options import CaseFormatCommand, FormatCommand, chosen_files
from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.formats.table import register_format, remove_format


def files_of(kind: type[FormatCommand], *arguments: str) -> dict[str, Path]:
    """Return the files that a command of this kind finds among its arguments."""
    app, found = typer.Typer(), list[dict[str, Path]]()

    @app.command(cls=kind)
    def export(ctx: typer.Context, name: str = "x") -> None:
        assert name
        found.append(chosen_files(ctx))

    result = CliRunner().invoke(app, list(arguments))
    if not found:
        raise SystemExit(f"{result.exit_code}: {result.output}")
    return found[0]


@pytest.fixture
def tsv() -> Iterator[None]:
    """Let there be another format for one test."""
    register_format(Format("tsv", "text/x-tsv", ".tsv", "Table (TSV)", of_answers=lambda found: ""))
    yield
    remove_format("tsv")


def test_only_the_files_that_were_given_are_found() -> None:
    assert files_of(FormatCommand) == {}
    given = files_of(FormatCommand, "--html", "a.html", "--name", "y", "--kml", "b c.kml")
    assert given == {"html": Path("a.html"), "kml": Path("b c.kml")}


def test_a_format_for_cases_alone_is_no_option_for_photos() -> None:
    assert files_of(CaseFormatCommand, "--jsonl", "t") == {"jsonl": Path("t")}
    with pytest.raises(SystemExit, match="2: "):
        files_of(FormatCommand, "--jsonl", "t")


@pytest.mark.usefixtures("tsv")
def test_a_format_added_later_is_an_option() -> None:
    assert files_of(FormatCommand, "--tsv", "t.tsv") == {"tsv": Path("t.tsv")}


def test_a_format_that_is_gone_is_no_option() -> None:
    with pytest.raises(SystemExit, match="2: "):
        files_of(FormatCommand, "--tsv", "t.tsv")
