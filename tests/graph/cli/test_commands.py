"""The commands without a case refuse what cannot be in one line, and help names their options."""

import pytest

from tests.support.scripted_cli import printed, run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["locate"], "PHOTO"),
        (["locate", "x.png", "--budget", "5"], "budget"),
        (["locate", "x.png", "--in-flight", "0"], "in-flight"),
        (["geocode"], "NAME"),
        (["geocode", "Lisbon", "--limit", "101"], "limit"),
        (["reverse", "north", "0"], "is no position"),
    ],
)
def test_wrong_usage_names_what_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(*arguments) == 2
    assert words.casefold() in capsys.readouterr().err.casefold()


def test_help_of_locate_has_an_option_per_format_and_explains_its_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, text = printed(capsys, "locate", "--help")
    assert status == 0
    for words in ("--html", "--geojson", "--kml", "--without-source", "Exit status: 0 answered"):
        assert words in text


def test_a_southern_and_western_point_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("reverse", "-91", "-9.1") == 2
    assert "-91" in capsys.readouterr().err
