"""The commands of a case: what they print, what they refuse, what their exit status says."""

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from geoagent_graph.render.pdf import find_browser
from tests.support.cases import photo_bytes
from tests.support.scripted_cli import install, run


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a photo; the command line opens scripted tools and keeps cases beside it."""
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    install(monkeypatch)
    path = tmp_path / "street.png"
    path.write_bytes(photo_bytes())
    return path


def printed(capsys: Any, *arguments: Any) -> tuple[int, str]:
    capsys.readouterr()
    return run(*arguments), capsys.readouterr().out


def test_a_case_from_the_photo_to_the_report(photo: Path, capsys: Any) -> None:
    status, out = printed(capsys, "investigate", photo)
    assert status == 0
    assert "Lisbon, Portugal" in out
    status, out = printed(capsys, "cases")
    assert "street/main" in out
    assert "answered, 14 steps: Lisbon, Portugal" in out
    status, out = printed(capsys, "show", "street")
    assert "  4  judge continent: accept" in out
    status, out = printed(capsys, "show", "street", "--step", "4", "--json")
    assert json.loads(out)["detail"]["verdict"]["decision"] == "accept"
    files = [
        f"--{kind}={photo.parent / kind}" for kind in ("html", "geojson", "kml", "jsonl", "md")
    ]
    assert printed(capsys, "export", "street", *files)[0] == 0
    assert "How to verify this report" in (photo.parent / "html").read_text()
    assert "data:image/jpeg" in (photo.parent / "html").read_text()
    assert json.loads((photo.parent / "geojson").read_text())["type"] == "FeatureCollection"
    ElementTree.fromstring((photo.parent / "kml").read_text())
    assert (photo.parent / "md").read_text().startswith("# Lisbon")
    status, out = printed(capsys, "verify", "street")
    assert status == 0
    assert "every event is what the checkpoints say" in out


def test_a_trace_that_was_handed_on(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "-q")
    trace = photo.parent / "handed.geotrace.jsonl"
    run("export", "street", "--jsonl", trace)
    status, out = printed(capsys, "verify", trace, "--photo", photo, "--json")
    assert (status, json.loads(out)["holds"]) == (0, True)
    trace.write_text(trace.read_text().replace("Lisbon", "London", 1))
    status, out = printed(capsys, "verify", trace)
    assert status == 1
    assert "WRONG" in out


def test_one_step_at_a_time(photo: Path, capsys: Any) -> None:
    assert run("investigate", photo, "--step", "-q") == 0
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
    assert "     note: a tram?" in out
    assert printed(capsys, "verify", "street/spain")[0] == 0


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


def test_an_unfinished_case_has_no_report_but_a_trace(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "--step", "-q")
    capsys.readouterr()
    assert run("export", "street", "--html", photo.parent / "r.html") == 2
    assert "has no answer yet" in capsys.readouterr().err
    assert run("export", "street", "--jsonl", photo.parent / "r.jsonl") == 0


def test_a_report_on_paper(photo: Path, capsys: Any) -> None:
    if find_browser() is None:
        pytest.skip("no browser to print with")
    run("investigate", photo, "-q")
    target = photo.parent / "report.pdf"
    assert run("export", "street", "--pdf", target) == 0, capsys.readouterr().err
    assert target.read_bytes().startswith(b"%PDF-")
    assert target.stat().st_size > 20_000
    assert not list(photo.parent.glob(".geoagent-*"))


@pytest.mark.parametrize("browser", [None, "false", "true"])
def test_without_a_working_browser_there_is_no_pdf(
    photo: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, browser: str | None
) -> None:
    path = shutil.which(browser) if browser else None
    monkeypatch.setattr("geoagent_graph.render.pdf.find_browser", lambda: path)
    run("investigate", photo, "-q")
    capsys.readouterr()
    assert run("export", "street", "--pdf", photo.parent / "r.pdf") == (1 if browser else 2)
    assert "--pdf: " in capsys.readouterr().err
    assert not (photo.parent / "r.pdf").exists()


def test_cases_in_another_folder(photo: Path, capsys: Any) -> None:
    other = photo.parent / "other"
    assert run("investigate", photo, "-q", "--home", other, "--case", "mine") == 0
    assert "mine/main" in printed(capsys, "cases", "--home", other)[1]
    assert printed(capsys, "cases") == (0, "no cases yet\n")


def test_a_changed_trace_is_listed_as_such(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "-q")
    trace = photo.parent / "home" / "cases" / "street" / "main.geotrace.jsonl"
    trace.write_text(trace.read_text().replace("Lisbon", "London"))
    status, out = printed(capsys, "cases")
    assert status == 0
    assert "was changed: its hash does not hold" in out
    assert printed(capsys, "verify", "street")[0] == 1
