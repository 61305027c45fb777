"""A fork, a veto and a note, side by side."""

import json
from pathlib import Path
from typing import Any

from geoagent_graph.settings import Settings, current_person
from tests.support.scripted_cli import printed, run


def test_a_fork_a_veto_and_a_note_side_by_side(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "-q")
    assert printed(capsys, "note", "street", "a tram?") == (0, "noted\n")
    _, out = printed(capsys, "fork", "street", "--at", "4", "--set", "country=Spain")
    assert out == "street/spain: made. Continue: geoagent resume street/spain\n"
    assert run("resume", "street/spain", "-q") == 0
    _, out = printed(capsys, "veto", "street", "Lisbon", "--because", "no tram")
    assert "a person vetoes Lisbon: no tram" in out
    run("resume", "street", "-q")
    status, out = printed(capsys, "compare", "street", "spain")
    assert status == 0
    assert "5 steps are the same in main and spain" in out
    assert "  a person sets country=Spain" in out
    status, out = printed(capsys, "compare", "street", "street/spain", "--json")
    assert json.loads(out)["shared_steps"] == 5
    status, out = printed(capsys, "show", "street")
    assert f"     note by {current_person(Settings())}: a tram?" in out
    assert printed(capsys, "verify", "street/spain")[0] == 0


def test_a_deletion_is_confirmed_and_names_what_went(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "-q")
    run("investigate", photo, "-q", "--case", "again")
    capsys.readouterr()
    assert run("delete", "street", "none", "--yes") == 2
    assert "none: no such case" in capsys.readouterr().err
    assert run("delete", "street") == 2  # nobody can be asked
    assert "say --yes" in capsys.readouterr().err
    assert printed(capsys, "delete", "street", "-y") == (
        0, "street: deleted with 0 photos; other cases hold 1 photo\n",
    )  # fmt: skip
    assert printed(capsys, "delete", "again", "-y") == (0, "again: deleted with 1 photo\n")
    assert run("show", "street") == 2
