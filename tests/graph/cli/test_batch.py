"""`geoagent batch`: shards, counts on stdout, progress on stderr, and the exit status."""

import csv
import json
from pathlib import Path

import pytest

from geoagent_graph.cli.batch_progress import BatchProgress
from tests.support.batches import kept_rows, locate_here, make_photos, use_tools
from tests.support.scripted_cli import run


@pytest.fixture
def photos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    use_tools(monkeypatch)
    locate_here(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return make_photos(tmp_path / "photos", 4)


def test_a_folder_becomes_shards_and_a_table(
    capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    (photos / "=1+1.jpg").write_text("good 2")
    (photos / "notes.txt").write_text("no photo")
    assert run("batch", "photos", "--out", "out", "--csv") == 0
    out, err = capsys.readouterr()
    assert out.startswith("out: 5 photos in 1 shard, 4 located in")
    assert "5 to a city; 1 came more than once" in out
    assert "geoagent: 5 photos, 1 with the bytes of another" in err
    assert "left out 1 file that is no photo (.txt: 1)" in err
    with Path("out/answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["photo"] for row in rows] == [row["photo"] for row in kept_rows(Path("out"))]
    assert {row["city"] for row in rows} == {"Lisbon"}


def test_counts_are_json_and_a_failure_is_an_exit_status(
    capsys: pytest.CaptureFixture[str], photos: Path
) -> None:
    (photos / "z.jpg").write_text("bad")
    assert run("batch", "photos", "--out", "out", "--json", "--quiet", "--no-traces") == 1
    out, err = capsys.readouterr()
    counts = json.loads(out)
    assert (counts["rows"], counts["levels"]) == (5, {"city": 4})
    assert counts["failures"] == {"PhotoError": 1}
    assert err == ""
    assert list(Path("out/traces").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--max-calls", "5"], "does not count over its processes"),
        (["--engine", "cloud"], "cloud"),
        (["--workers", "0"], "workers"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    capsys: pytest.CaptureFixture[str], photos: Path, arguments: list[str], words: str
) -> None:
    assert run("batch", "photos", "--out", "out", *arguments) == 2
    assert words in capsys.readouterr().err


def test_progress_says_pace_time_left_failures_and_copies() -> None:
    now = [0.0]
    lines: list[str] = []
    progress = BatchProgress(lines.append, lambda: now[0])
    progress.begin(rows=1000, done=200, copies=3)
    now[0] = 5.0
    progress.add([], 20)
    now[0] = 10.0
    progress.add(["PhotoError", "PolicyError", "PhotoError"], 20)
    assert lines == [
        "1,000 photos, 3 with the bytes of another, 200 done already",
        "240 of 1,000 (4.0/s, 3 min left), 3 failed (no readable photo: 2, the model failed: 1)",
    ]
