"""What cannot be is one line and an exit status."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.scripted_cli import run


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["show", "nothing"], 2, "no such case"),
        (["show", "../etc"], 2, "no name for a"),
        (["resume", "nothing"], 2, "no such case"),
        (["show", "street", "--step", "99"], 2, "the last step is 13"),
        (["fork", "street", "--at", "99"], 2, "no such step"),
        (["fork", "street", "--at", "4", "--set", "town=X"], 2, "write LEVEL=PLACE"),
        (["export", "street"], 2, "name a file"),
        (["export", "street", "--html", "no/such/folder/x"], 2, "its folder does not exist"),
        (["verify", "no.geotrace.jsonl", "--json"], 1, ""),
        (["verify", "street", "--photo", "x"], 2, "belongs to a trace file"),
        (["investigate", "missing.png"], 1, "missing.png"),
        (["investigate", "street.png", "--case", "A B"], 2, "no name for a case"),
        (["investigate", "street.png", "--case", "street"], 2, "there is a case of that name"),
        (["note", "street", ""], 2, "write 1 to"),
    ],
)
def test_what_cannot_be_is_one_line(
    photo: Path, capsys: Any, arguments: list[str], status: int, words: str
) -> None:
    run("investigate", photo, "-q")
    capsys.readouterr()
    assert run(*arguments) == status
    streams = capsys.readouterr()
    assert words in streams.err
    assert "Traceback" not in streams.err
    assert len(streams.err.splitlines()) <= 1
