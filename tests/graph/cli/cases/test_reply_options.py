"""A reply that cannot be is refused."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.scripted_cli import run


@pytest.mark.parametrize(
    "options",
    [
        ["--agree", "--clue", "x"],
        ["--because", "x"],
        ["--reject", "Europe"],
        ["--photo-region", "1,2"],
        ["--photo-region", "0.2,0.2,0.1,0.1"],
        ["--map-region", "nan,0,1"],
        ["--map-region", "95,0,1"],
        ["--map-region", "8CHHHH2G+HQR"],
        ["--map-region", "https://maps.app.goo.gl/x,40"],
        ["--clue", " "],
    ],
)
def test_a_reply_that_cannot_be_is_refused(photo: Path, capsys: Any, options: list[str]) -> None:
    run("investigate", photo, "--ask", "always", "-q")
    capsys.readouterr()
    assert run("resume", "street", "-q", *options) == 2
    error = capsys.readouterr().err
    assert error.startswith("geoagent: error: ")
    assert error.count("\n") == 1
