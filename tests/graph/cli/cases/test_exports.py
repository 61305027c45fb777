"""What of a case is handed on: reports, maps, the trace."""

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from geoagent_graph.render.pdf import find_browser
from tests.support.scripted_cli import printed, run


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


@pytest.mark.parametrize("name", ["handed.geotrace.jsonl", "handed.jsonl"])
def test_a_trace_that_was_handed_on(photo: Path, capsys: Any, name: str) -> None:
    run("investigate", photo, "-q")
    trace = photo.parent / name
    run("export", "street", "--jsonl", trace)
    status, out = printed(capsys, "verify", trace, "--photo", photo, "--json")
    assert (status, json.loads(out)["holds"]) == (0, True)
    trace.write_text(trace.read_text().replace("Lisbon", "London", 1))
    status, out = printed(capsys, "verify", trace)
    assert status == 1
    assert "WRONG" in out


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
    says_so = "took a file" in printed(capsys, "show", "street")[1]
    assert says_so == (browser is not None)  # that one fails is known only once it has begun
