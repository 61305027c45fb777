"""`geoagent keys`, and traces that are exported with a signature and verified."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import photo_bytes
from tests.support.scripted_cli import install, printed, run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home whose person is Ana; the command line opens scripted tools."""
    install(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GEOAGENT_PERSON", "Ana")
    Path("street.png").write_bytes(photo_bytes())
    return tmp_path / "home"


def test_a_trace_is_signed_handed_on_and_verified(
    home: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("keys", "show") == 2
    assert run("export", "none", "--jsonl", "x", "--sign") == 2
    run("investigate", "street.png", "-q")
    assert run("export", "street", "--jsonl", "x", "--sign") == 2
    status, line = printed(capsys, "keys", "create")
    assert status == 0
    assert line.startswith("ssh-ed25519 ")
    assert line.endswith(" Ana\n")
    assert printed(capsys, "keys", "show")[1] == line
    assert run("export", "street", "--jsonl", "handed", "--html", "report.html") == 0
    for name in ("handed", "report.html", "street"):
        status, out = printed(capsys, "verify", name, "--trusted")
        assert status == 0, out
        assert "signed by Ana (your own key)" in out
    monkeypatch.setenv("GEOAGENT_HOME", str(home.with_name("other")))
    status, out = printed(capsys, "verify", "handed")
    assert status == 0
    assert "an unknown key" in out
    assert run("verify", "handed", "--trusted") == 1
    assert run("keys", "trust", line.strip(), "--as", "A. of desk 3") == 0
    assert "A. of desk 3 (a key you trust)" in printed(capsys, "verify", "handed", "--trusted")[1]
    listed = json.loads(printed(capsys, "keys", "list", "--json")[1])
    assert [(row["name"], row["own"]) for row in listed] == [("A. of desk 3", False)]
    assert run("keys", "forget", "A. of desk 3") == 0
    assert run("verify", "handed", "--trusted") == 1


def test_who_looks_and_takes_files_is_shown(
    home: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("investigate", "street.png", "-q")
    monkeypatch.setenv("GEOAGENT_PERSON", "Ben")
    for _ in range(2):
        status, out = printed(capsys, "show", "street")
        assert status == 0
        assert out.count("Ben viewed the case, terminal") == 1
    assert run("export", "street", "--html", "report.html", "--no-sign") == 0
    assert "Ben took a file of it (html), terminal" in printed(capsys, "show", "street")[1]
    report = Path("report.html").read_text("utf-8")
    assert "Ana began the case, branch main" in report
    assert "Ben took a file of it (html), terminal" in report
    (home / "cases" / "street").chmod(0o500)
    assert run("show", "street") == 0


def test_cases_are_looked_after(home: Path, capsys: Any) -> None:
    run("investigate", "street.png", "-q")
    run("investigate", "street.png", "--case", "two", "-q")
    assert printed(capsys, "tag", "two", "desk 3") == (0, "two: desk 3\n")
    assert printed(capsys, "cases", "--tag", "Desk 3")[1].startswith("two/main")
    assert printed(capsys, "archive", "two") == (0, "two: archived\n")
    assert "two" not in printed(capsys, "cases")[1]
    assert printed(capsys, "cases", "--archived")[1].rstrip().endswith("[desk 3]  [archived]")
    assert printed(capsys, "cases", "atlantis") == (0, "no such case\n")
    assert run("archive", "street") == 0
    assert printed(capsys, "cases")[1].splitlines()[-1] == "no cases"
    assert run("unarchive", "street") == 0
    assert printed(capsys, "rename", "two", "three") == (0, "two: is now three\n")
    assert run("unarchive", "three", "nothing") == 2
    assert printed(capsys, "unarchive", "three") == (0, "three: listed again\n")
    assert printed(capsys, "tag", "three", "--remove", "desk 3") == (0, "three: no tags\n")
    rows = json.loads(printed(capsys, "cases", "lisbon", "--json")[1])
    assert [(row["case"], row["tags"], row["archived"]) for row in rows] == [
        ("street", [], False),
        ("three", [], False),
    ]
    assert printed(capsys, "verify", "three")[0] == 0
    assert run("cases", "--since", "soon") == 2
