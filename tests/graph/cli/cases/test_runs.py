"""A case runs: one step at a time, with questions, in another folder."""

import json
from pathlib import Path
from typing import Any

from tests.support.scripted_cli import printed, run


def test_one_step_at_a_time(photo: Path, capsys: Any) -> None:
    assert run("investigate", photo, "--step", "-q") == 0
    assert "1 step is stored. Continue" in capsys.readouterr().err
    _, out = printed(capsys, "step", "street", "--json", "-q")
    assert (json.loads(out)["steps"], json.loads(out)["status"]) == (2, "unfinished")
    _, out = printed(capsys, "resume", "street", "--json", "-q")
    assert (json.loads(out)["steps"], json.loads(out)["answer"]["level"]) == (14, "city")


def test_questions_wait_and_are_answered(photo: Path, capsys: Any) -> None:
    status, out = printed(capsys, "investigate", photo, "--ask", "always", "-q")
    assert status == 4
    assert "Do you agree?" in out
    assert run("resume", "street", "-q", "--accept", "Atlantis") == 2
    assert "is not among the candidates" in capsys.readouterr().err
    status, out = printed(capsys, "resume", "street", "-q")
    assert status == 4
    assert "continent" in out
    assert run("resume", "street", "-q", "--agree") == 4
    status, out = printed(
        capsys, "resume", "street", "-q", "--reject", "Portugal", "--because", "left", "--json"
    )
    assert status == 4
    named = [c["place"]["name"] for c in json.loads(out)["question"]["candidates"]]
    assert named == ["Spain"]
    assert run("resume", "street", "-q", "--accept", "Spain") == 4
    assert run("resume", "street", "-q", "--agree") in (0, 3)


def test_cases_in_another_folder(photo: Path, capsys: Any) -> None:
    other = photo.parent / "other"
    assert run("investigate", photo, "-q", "--home", other, "--case", "mine") == 0
    assert "mine/main" in printed(capsys, "cases", "--home", other)[1]
    assert printed(capsys, "cases") == (0, "no cases yet\n")
