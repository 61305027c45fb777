"""Several photos in one case on the command line, with scripted tools and with the real ones."""

import io
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support.cases import photo_bytes
from tests.support.scripted_cli import install, printed, run


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return three photos; the command line opens scripted tools and keeps cases beside them."""
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    install(monkeypatch)
    paths = [tmp_path / f"{name}.png" for name in ("a", "b", "c")]
    for number, path in enumerate(paths):
        path.write_bytes(photo_bytes((number, 90, 150)))
    return paths


def test_a_trip_from_the_photos_to_the_report(photos: list[Path], capsys: Any) -> None:
    status, out = printed(
        capsys, "investigate", *photos[:2], "--case", "trip", "--times", "0:10,1:20"
    )
    assert status == 0
    assert "trip: 2 photos of one trip" in out
    assert "photo 2, photo-2: b.png, a person says 1:20" in out
    status, out = printed(capsys, "add", "trip", photos[2], "--time", "2:00.5", "--json")
    assert status == 0
    assert [item["branch"] for item in json.loads(out)["joint"]["inputs"]] == [
        "main", "photo-2", "photo-3",
    ]  # fmt: skip
    assert "trip, 3 photos together: Lisbon, Portugal" in printed(capsys, "cases")[1]
    assert "photo 3, photo-3" in printed(capsys, "show", "trip")[1]
    assert "  4  judge continent: accept" in printed(capsys, "show", "trip/photo-2")[1]
    assert json.loads(printed(capsys, "show", "trip", "--json")[1])["current"]
    assert "together" in printed(capsys, "compare", "trip", "together")[1]
    assert "are of different photos" in printed(capsys, "compare", "trip", "photo-2")[1]
    status, out = printed(capsys, "verify", "trip")
    assert status == 0
    assert "ok: photo-3: every event is what the checkpoints say" in out
    kinds = ("html", "geojson", "kml", "jsonl", "md")
    files = {kind: photos[0].parent / f"out.{kind}" for kind in kinds}
    assert run("export", "trip", *(f"--{kind}={path}" for kind, path in files.items())) == 0
    html = files["html"].read_text()
    assert html.count("data:image/jpeg") == 3
    assert "Content-Security-Policy" in html
    assert html.count("<script") == 1  # the package's own, which checks the traces
    assert len(json.loads(files["geojson"].read_text())["features"]) > 6
    ElementTree.fromstring(files["kml"].read_text())
    assert files["md"].read_text().startswith("# Lisbon")
    handed = photos[0].parent / "handed.geojoint.jsonl"
    handed.write_text(files["jsonl"].read_text())
    assert printed(capsys, "verify", handed)[0] == 0
    assert "photo 2, photo-2" in printed(capsys, "show", handed)[1]
    handed.write_text(handed.read_text().replace("Lisbon", "London"))
    assert printed(capsys, "verify", handed)[0] == 1


def test_one_photo_of_a_trip_is_steered_and_all_are_weighed_anew(
    photos: list[Path], capsys: Any
) -> None:
    run("investigate", *photos[:2], "--case", "trip", "-q")
    run("veto", "trip/photo-2", "Lisbon", "--because", "no tram")
    _, out = printed(capsys, "show", "trip")
    assert "an answer has changed since they were weighed together" in out
    status, out = printed(capsys, "resume", "trip", "-q")
    assert status == 0
    assert "an answer has changed" not in out
    assert "Porto" in printed(capsys, "compare", "trip", "together")[1]
    assert run("fork", "trip/photo-2", "--at", "4", "--set", "country=Spain") == 0
    assert run("resume", "trip/spain", "-q") == 0
    assert printed(capsys, "verify", "trip/spain")[0] == 0


def test_the_steps_of_a_trip_and_its_questions(photos: list[Path], capsys: Any) -> None:
    status, out = printed(
        capsys, "investigate", *photos[:2], "--case", "trip", "--ask", "always", "-q"
    )
    assert status == 4
    assert out.count("Do you agree?") == 2
    assert run("resume", "trip", "-q", "--agree") == 2
    assert "several photos wait for a reply" in capsys.readouterr().err
    for _ in range(3):
        run("resume", "trip/photo-2", "-q", "--agree")
    for _ in range(3):
        status, out = printed(capsys, "resume", "trip", "-q", "--agree")
    assert status == 0
    assert "together" in out


def test_a_trace_says_nothing_of_files_that_a_trip_cannot_be(
    photos: list[Path], capsys: Any
) -> None:
    run("investigate", *photos[:2], "--case", "trip", "-q")
    capsys.readouterr()
    assert run("export", "trip", "--md", "t.md", "--json", "t.json") == 2
    assert "--json: name one photo of the case, as in trip/main" in capsys.readouterr().err
    assert not Path("t.md").exists()
    assert "took a file" not in printed(capsys, "show", "trip")[1]


REFUSED: list[tuple[list[str], int, str]] = [
    (["investigate", "a.png", "b.png", "--times", "0:10"], 2, "1 times for 2 photos"),
    (["investigate", "a.png", "b.png", "--times", "0:10,noon"], 2, "no time"),
    (["investigate", "a.png", "b.png", "--times", "0:10,2024-05-01T10:00"], 2, "dates only"),
    (["investigate", "a.png", "a.png"], 2, "is in the case a already"),
    (["investigate", "a.png", "none.png"], 1, "none.png"),
    (["investigate", *["a.png"] * 25], 2, "a case holds at most 24"),
    (["add", "nothing", "a.png"], 2, "no such case"),
    (["add", "trip", "a.png"], 2, "is in the case trip already"),
    (["add", "trip/main", "c.png"], 2, "no name for a case"),
    (["add", "trip", "c.png", "--time", "x"], 2, "no time"),
    (["export", "trip", "--photo", "a.png", "--md", "x.md"], 2, "belongs to a trace file"),
    (["verify", "x.geojoint.jsonl", "--photo", "a.png"], 2, "belongs to a trace file"),
    (["compare", "alone", "together"], 2, "not been weighed together"),
    (["show", "no.geotrace.jsonl"], 1, "no.geotrace.jsonl"),
    (["show", "no.geojoint.jsonl"], 1, "no.geojoint.jsonl"),
    (["export", "x.geojoint.jsonl", "--md", "x.md"], 2, "a trip's trace has no photos"),
]


def test_what_cannot_be_is_one_line(photos: list[Path], capsys: Any) -> None:
    run("investigate", *photos[:2], "--case", "trip", "-q")
    run("investigate", photos[2], "--case", "alone", "-q")
    for arguments, status, words in REFUSED:
        capsys.readouterr()
        assert run(*arguments) == status, arguments
        error = capsys.readouterr().err
        assert words in error
        assert error.count("\n") == 1
        assert not (photos[0].parent / "home" / "cases" / "a").exists()


def test_a_trace_handed_on_is_shown_and_reported(photos: list[Path], capsys: Any) -> None:
    run("investigate", photos[0], "-q")
    trace, report = photos[0].parent / "x.geotrace.jsonl", photos[0].parent / "x.html"
    run("export", "a", "--jsonl", trace)
    elsewhere = ["--home", photos[0].parent / "empty"]
    assert "  4  judge continent" in printed(capsys, "show", trace, *elsewhere)[1]
    detail = printed(capsys, "show", trace, "--step", "4", "--json", *elsewhere)[1]
    assert json.loads(detail)["node"] == "judge"
    assert run("export", trace, "--html", report, *elsewhere) == 0
    assert "data:image/jpeg" not in report.read_text()
    assert run("export", trace, "--html", report, "--photo", photos[0], *elsewhere) == 0
    assert "data:image/jpeg" in report.read_text()
    capsys.readouterr()
    assert run("export", trace, "--html", report, "--photo", photos[1], *elsewhere) == 2
    assert "is not the photo in the trace" in capsys.readouterr().err


# --- with the real reader, gazetteer and evidence ---


def sign(path: Path, *lines: str, taken: str | None = None) -> Path:
    photo = Image.new("RGB", (1000, 640), (96, 120, 140))
    draw = ImageDraw.Draw(photo)
    draw.rounded_rectangle((60, 60, 940, 580), 20, fill="white", outline="black", width=6)
    font = ImageFont.load_default(58)
    for row, line in enumerate(lines):
        draw.text((110, 100 + 110 * row), line, font=font, fill="black")
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    stream = io.BytesIO()
    photo.save(stream, "JPEG", exif=exif)
    path.write_bytes(stream.getvalue())
    return path


def test_an_ambiguous_sign_is_placed_by_the_photos_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path / "home"))
    assert "geoagent_graph.default_tools" not in sys.modules or hasattr(
        sys.modules["geoagent_graph.default_tools"], "__file__"
    )
    trip = [
        sign(tmp_path / "1.jpg", "1100-053 Lisboa", "Rua Augusta", taken="2024:05:01 10:00:00"),
        sign(tmp_path / "2.jpg", "Pastelaria", "Rua da Liberdade"),
        sign(tmp_path / "3.jpg", "2710-616 Sintra", taken="2024:05:01 11:10:00"),
    ]
    assert run("investigate", trip[1], "--case", "single", "-q") in (0, 3)
    single = json.loads(printed(capsys, "show", "single", "--json")[1])["answer"]
    assert single["place"]["country_code"] != "PT"
    times = ",2024-05-01T10:35,"
    assert run("investigate", *trip, "--case", "trip", "--times", times, "-q") == 0
    found = json.loads(printed(capsys, "show", "trip", "--json")[1])
    joint = found["joint"]
    assert [item["taken"]["said_by"] for item in joint["inputs"]] == ["file", "person", "file"]
    second = joint["joined"]["photos"][1]
    assert second["place"]["country_code"] == "PT"
    assert second["alone"] < 0.5 < second["together"]
    assert abs(second["lat_deg"] - 38.75) < 0.3
    assert abs(second["lon_deg"] + 9.2) < 0.4
    assert any("35 min" in words for words in second["because"])
    assert printed(capsys, "verify", "trip")[0] == 0
    assert run("export", "trip", "--html", tmp_path / "trip.html") == 0
    assert "On the map" in (tmp_path / "trip.html").read_text()
