"""`geoagent locate`: results on stdout, steps on stderr, and the exit status."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Never
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError, StorageError
from geoagent_graph.protocols import TextLine
from geoagent_graph.types import Answer, ImageRef
from tests.support.paths import ROOT
from tests.support.scripted_cli import Photos, install, run


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


class Interrupting:
    """A text reader during which the person presses Ctrl-C, once."""

    def __init__(self) -> None:
        self._pressed = threading.Lock()

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        if self._pressed.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGINT)
        return []


def test_the_result_is_on_stdout_and_the_steps_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch)
    assert run("locate", photos / "a.jpg") == 0
    out, err = capsys.readouterr()
    assert "Lisbon, Portugal" in out
    assert "GeoNames" in out
    assert "observe" not in out
    assert "geoagent: observe: read 1 line of text" in err
    assert "\x1b" not in out + err


def test_locate_may_be_left_out_and_quiet_shows_no_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch)
    assert run("-q", photos / "a.jpg") == 0
    assert capsys.readouterr().err == ""


def test_json_is_the_answer_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch)
    assert run("--json", photos / "a.jpg") == 0
    text = capsys.readouterr().out
    answer = json.loads(text)
    assert Answer.model_validate_json(text).place.city == "Lisbon"
    assert set(answer) >= {
        "image", "place", "lat_deg", "lon_deg", "radius_km", "level", "probability", "levels",
        "clues", "excluded", "references", "tools", "warnings", "policy", "seconds", "trace",
    }  # fmt: skip
    assert set(answer["image"]) >= {"sha256", "width", "height", "name"}
    assert set(answer["place"]) == {"continent", "country", "country_code", "region", "city"}
    best = answer["levels"]["country"][0]
    assert best["place"]["country_code"] == "PT"
    assert best["probability"] > best["prior"]
    assert best["evidence"][0]["log_lr"] == 3.0
    assert answer["clues"][0]["text"] == "Rua das Flores"


def test_several_photos_are_one_array_in_order_and_a_bad_one_keeps_its_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch)
    status = run("--json", photos / "a.jpg", photos / "no.jpg", photos / "b.jpg")
    out, err = capsys.readouterr()
    first, failed, last = json.loads(out)
    assert status == 1
    assert first["image"]["name"].endswith("a.jpg")
    assert last["image"]["name"].endswith("b.jpg")
    assert set(failed) == {"photo", "error"}
    assert [line for line in err.splitlines() if line.startswith("geoagent: error: ")] == [
        f"geoagent: error: {photos / 'no.jpg'}: no such file. Check the path."
    ]


def test_jsonl_is_one_line_per_photo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch)
    assert run("--jsonl", *sorted(photos.iterdir())) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["image"]["name"][-5:] for line in lines] == ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.parametrize("how", ["--json", "--jsonl"])
def test_every_answer_names_the_file_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path, how: str
) -> None:
    install(monkeypatch)
    (photos / "x y").mkdir()
    second = photos / "x y" / "a.jpg"
    second.write_bytes(b"another")
    given = [f"{photos}/./a.jpg", second.as_uri(), str(photos / "gone.jpg")]
    assert run("-q", how, *given) == 1
    out = capsys.readouterr().out
    items = [json.loads(line) for line in out.splitlines()] if how == "--jsonl" else json.loads(out)
    assert [item.get("photo") or item["image"]["name"] for item in items] == given
    assert run("-q", how, given[1]) == 0
    assert json.loads(capsys.readouterr().out)["image"]["name"] == given[1]


def test_a_kept_answer_of_a_zip_names_the_photo_in_it_and_is_found_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path, out: Path
) -> None:
    install(monkeypatch)
    packed, kept = photos / "trip.zip", out / "kept.jsonl"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("day/a.jpg", b"a")
        file.writestr("b.jpg", b"b")
    for _ in range(2):
        assert run("-q", "--jsonl", "--keep", kept, packed) == 0
        lines = capsys.readouterr().out.splitlines()
        named = [json.loads(line)["image"]["name"] for line in lines]
        assert named == [f"{packed}/b.jpg", f"{packed}/day/a.jpg"]
        entries = [json.loads(line) for line in kept.read_text().splitlines()]
        assert [entry["photo"] for entry in entries] == named
        assert [entry["answer"]["image"]["name"] for entry in entries] == named


def test_one_bad_photo_is_one_line_and_nothing_on_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch)
    assert run("--json", photos / "no.jpg") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("geoagent: error: ")
    assert "Traceback" not in err


def test_no_claim_is_status_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch, abstain=True)
    assert run(photos / "a.jpg") == 3
    assert "No claim" in capsys.readouterr().out
    assert run("--jsonl", photos / "a.jpg", photos / "b.jpg") == 3
    assert run("--jsonl", photos / "a.jpg", photos / "no.jpg") == 1


def test_a_photo_comes_in_on_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a photo")))
    assert run("--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["image"]["name"] == "standard input"


def test_standard_input_is_bounded_and_not_empty(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch)
    monkeypatch.setenv("GEOAGENT_MAX_BYTES", "1000")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 1001)))
    assert run("-") == 1
    assert "more than 1,000 bytes" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run("-") == 1
    assert "is empty" in capsys.readouterr().err
    assert run("-", "-") == 2


def test_files_are_written_for_all_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path, out: Path
) -> None:
    install(monkeypatch)
    given = sorted(photos.iterdir())
    geojson, kml, html = out / "a.geojson", out / "a.kml", out / "reports"
    assert run(*given, "--geojson", geojson, "--kml", kml, "--html", html, "-q") == 0
    features = json.loads(geojson.read_text("utf-8"))["features"]
    answers = [f for f in features if f["properties"]["role"] == "answer"]
    assert [f["properties"]["photo"] for f in answers] == ["a.jpg", "b.jpg", "c.jpg"]
    assert ElementTree.parse(kml).getroot().tag.endswith("kml")
    assert sorted(path.name for path in html.iterdir()) == ["a.html", "b.html", "c.html"]
    assert sorted(path.name for path in out.iterdir()) == ["a.geojson", "a.kml", "reports"]
    assert "Lisbon" in (html / "a.html").read_text("utf-8")


def test_one_photo_gives_one_report_with_the_photo_in_it(
    monkeypatch: pytest.MonkeyPatch, photos: Path, out: Path
) -> None:
    install(monkeypatch)
    assert run(photos / "a.jpg", "--html", out / "r.html", "-q") == 0
    assert "data:image/jpeg;base64," in (out / "r.html").read_text("utf-8")


def test_photos_of_one_name_get_reports_of_their_own(
    monkeypatch: pytest.MonkeyPatch, photos: Path, out: Path
) -> None:
    install(monkeypatch)
    (photos / "below").mkdir()
    (photos / "below" / "A.jpg").write_bytes(b"another")
    assert run(photos / "a.jpg", photos / "below" / "A.jpg", "--html", out, "-q") == 0
    assert sorted(path.name for path in out.iterdir()) == ["A-2.html", "a.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policy", "oracle"], "no such policy; there is: evidence"),
        (["--json", "--jsonl"], "exclude each other"),
        (["--budget", "1"], "--budget"),
        (["--budget", "many"], "--budget"),
        (["--nonsense"], "No such option"),
        (["--geojson", "/no/such/folder/a.geojson"], "its folder does not exist"),
        (["--html", "/no/such/folder/a.html"], "its folder does not exist"),
        (["--kml", "/tmp"], "is a folder"),
    ],
)
def test_wrong_usage_is_status_2_and_one_line_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    photos: Path,
    arguments: list[str],
    words: str,
) -> None:
    asked = install(monkeypatch)
    assert run(photos / "a.jpg", *arguments) == 2
    out, err = capsys.readouterr()
    assert asked == []
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("geoagent: error: ")
    assert words in err


def test_one_report_file_for_several_photos_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path, out: Path
) -> None:
    install(monkeypatch)
    (out / "r.html").write_text("old")
    assert run(photos / "a.jpg", photos / "b.jpg", "--html", out / "r.html") == 2
    assert "several photos need a folder" in capsys.readouterr().err
    assert (out / "r.html").read_text() == "old"


def test_a_full_disk_is_one_line_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path, out: Path
) -> None:
    install(monkeypatch)

    def full(number: int) -> Never:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert run(photos / "a.jpg", "--geojson", out / "a.geojson", "-q") == 1
    assert capsys.readouterr().err.startswith("geoagent: error: ")
    assert list(out.iterdir()) == []


def test_what_was_asked_for_reaches_the_tools(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    asked = install(monkeypatch)
    assert run(photos / "a.jpg", "--index", "refs", "--no-exif", "--budget", "9", "--json") == 0
    assert str(asked[0]["index"]) == "refs"
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["trace"]) <= 9
    assert any("budget" in warning for warning in answer["warnings"])


@pytest.mark.parametrize("option", ["--online", "--offline"])
def test_options_that_did_nothing_are_gone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path, option: str
) -> None:
    install(monkeypatch)
    assert run(photos / "a.jpg", option, "-q") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("count", [1, 2])
def test_an_interrupt_is_status_130_and_leaves_nothing_half_written(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    photos: Path,
    out: Path,
    count: int,
) -> None:
    install(monkeypatch, reader=Interrupting())
    given = sorted(photos.iterdir())[:count]
    assert run(*given, "--json", "--geojson", out / "a.geojson", "--html", out / "r") == 130
    written, err = capsys.readouterr()
    assert written == ""
    assert err.splitlines()[-1] == "geoagent: interrupted"
    assert list(out.iterdir()) == []


def test_an_error_of_the_tools_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    install(monkeypatch)

    def broken(*arguments: object, **options: object) -> Never:
        raise StorageError("the cache cannot be written;\nset GEOAGENT_CACHE_DIR")

    monkeypatch.setattr(sys.modules["geoagent_graph.default_tools"], "open_toolbox", broken)
    assert run(photos / "a.jpg") == 1
    error = "geoagent: error: the cache cannot be written; set GEOAGENT_CACHE_DIR\n"
    assert capsys.readouterr().err == error


@pytest.mark.parametrize(("form", "count"), [([], 1), (["--jsonl"], 3)])
def test_a_full_standard_output_is_one_line(
    tmp_path: Path, photos: Path, form: list[str], count: int
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    code = (
        "import pytest; from tests.support.scripted_cli import install; "
        "install(pytest.MonkeyPatch()); from geoagent_graph.cli.app import main; main()"
    )
    given = [str(path) for path in sorted(photos.iterdir())[:count]]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, "-q", *form, *given],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "geoagent: error: standard output: cannot be written (No space left on device)\n"
    )


def test_a_photo_that_the_store_let_go_costs_its_report_only_the_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photos: Path, out: Path
) -> None:
    install(monkeypatch)

    def gone(self: Photos, image: ImageRef, max_side: int | None = None) -> Never:
        raise PhotoError(f"{image.name}: no longer in memory.")

    real = Photos.pixels
    monkeypatch.setattr(Photos, "pixels", lambda *a: real(*a) if a[-1] == 1600 else gone(*a))
    assert run(photos / "a.jpg", "--html", out / "r.html", "-q") == 0
    assert "goes without the picture" in capsys.readouterr().err
    assert "data:image" not in (out / "r.html").read_text("utf-8")
