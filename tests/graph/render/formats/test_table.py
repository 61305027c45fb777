"""One row in the table of formats is offered by the command line, HTTP, the page's list and MCP."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.formats.table import (
    formats_for,
    named_format,
    register_format,
    remove_format,
)
from geoagent_graph.types import Answer
from tests.support.answers import porto_answer
from tests.support.cases import photo_bytes
from tests.support.scripted_cli import install, run
from tests.support.serving import serving


def write_tsv(answers: Sequence[Answer]) -> str:
    """Return a table with a line per photo."""
    rows = [f"{answer.image.name},{answer.lat_deg},{answer.lon_deg}" for answer in answers]
    return "\n".join(["photo,lat_deg,lon_deg", *rows, ""])


TSV = Format("tsv", "text/x-tsv", ".tsv", "Table (TSV)", of_answers=write_tsv)


@pytest.fixture
def tsv() -> Iterator[Format]:
    """Put one more row in the table."""
    register_format(TSV)
    yield TSV
    remove_format("tsv")


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a photo; the command line opens scripted tools and keeps cases beside it."""
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    install(monkeypatch)
    path = tmp_path / "street.png"
    path.write_bytes(photo_bytes())
    return path


@pytest.mark.usefixtures("tsv")
def test_the_command_line_writes_it(photo: Path) -> None:
    of_case, of_photo = photo.parent / "case.tsv", photo.parent / "photo.tsv"
    assert run("investigate", photo) == 0
    assert run("export", "street", "--tsv", of_case) == 0
    assert run("locate", photo, "--tsv", of_photo) == 0
    for written in (of_case, of_photo):
        lines = written.read_text().splitlines()
        assert lines[0] == "photo,lat_deg,lon_deg"
        assert lines[1].startswith("street.png,38.7")


def test_without_the_row_there_is_no_option(photo: Path, capsys: Any) -> None:
    assert run("investigate", photo) == 0
    assert run("export", "street", "--tsv", photo.parent / "case.tsv") == 2
    assert "--tsv" in capsys.readouterr().err


@pytest.mark.usefixtures("tsv")
def test_the_server_and_its_page_offer_it(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        offered = live.client.get("/v1/about").json()["formats"]
        assert {"name": "tsv", "title": "Table (TSV)", "note": "", "needs_answer": True} in offered
        name = live.begin()
        found = live.client.get(f"/v1/cases/{name}/report", params={"format": "tsv"})
        assert found.status_code == 200
        assert found.headers["content-type"].startswith("text/x-tsv")
        assert found.headers["content-disposition"].endswith('photo-main.tsv"')
        assert found.text.startswith("photo,lat_deg,lon_deg\n")
        schema = live.client.get("/openapi.json").json()
    report = schema["paths"]["/v1/cases/{case}/report"]["get"]
    (query,) = [p for p in report["parameters"] if p["name"] == "format"]
    assert query["schema"]["enum"] == [row.name for row in formats_for("case")]
    assert "text/x-tsv" in report["responses"]["200"]["content"]


def test_a_format_that_is_not_in_the_table_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        name = live.begin()
        found = live.client.get(f"/v1/cases/{name}/report", params={"format": "tsv"})
    assert found.status_code == 422
    assert "one of html" in found.json()["detail"]


def test_the_rows_that_the_project_brings() -> None:
    names = {subject: [row.name for row in formats_for(subject)] for subject in ("photo", "trip")}
    assert names["photo"] == ["html", "geojson", "kml", "csv", "parquet"]
    assert names["trip"] == [
        "html", "pdf", "md", "geojson", "kml", "jsonl", "csv", "parquet",
    ]  # fmt: skip
    assert [row.name for row in formats_for("case")] == [
        "html", "pdf", "md", "geojson", "kml", "json", "jsonl", "csv", "parquet",
    ]  # fmt: skip
    endings = [row.ending for row in formats_for("case")]
    assert len(set(endings)) == len(endings)


def test_a_row_that_cannot_be_offered_is_refused() -> None:
    with pytest.raises(InputError, match="no name for a format"):
        Format("my tsv", "text/x-tsv", ".tsv", "Table", of_answers=write_tsv)
    with pytest.raises(InputError, match="give it a function"):
        Format("tsv", "text/x-tsv", ".tsv", "Table")
    with pytest.raises(InputError, match="there is a format of that name"):
        register_format(Format("kml", "text/x-tsv", ".tsv", "Table", of_answers=write_tsv))
    with pytest.raises(InputError, match="no such format"):
        named_format("tsv")


def test_answers_alone_are_enough_for_the_maps() -> None:
    for name in ("geojson", "kml"):
        write = named_format(name).of_answers
        assert write is not None
        assert "Porto" in str(write([porto_answer()]))
