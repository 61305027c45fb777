import json
from pathlib import Path

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.contract.read_truth import read_truth

from tests.support.drawn_photos import draw_photo

ROWS = (
    ("a.jpg", 48.85, 2.35), ("b.jpg", 48.85, 2.35), ("c.jpg", 52.52, 13.40),
    ("d.jpg", -23.55, -46.63),
)  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a small copy of a data set: its table, and pictures of which b repeats a."""
    lines = [f"{name},{lat},{lon}" for name, lat, lon in ROWS]
    (tmp_path / "table.csv").write_text("\n".join(["IMG_ID,LAT,LON", *lines]) + "\n")
    for name, seed in (("a", 0), ("b", 0), ("c", 1), ("d", 2)):
        draw_photo(seed).save(tmp_path / f"{name}.jpg")
    return tmp_path


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_data_sets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets"]) == 0
    listed = capsys.readouterr().out
    assert "im2gps3k  IM2GPS3K, 2997 rows" in listed
    assert "geoprivacy" in listed
    assert main(["datasets", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 8


def test_a_copy_becomes_a_truth_and_a_manifest(copy: Path) -> None:
    args = ["datasets", "convert", "im2gps", str(copy / "table.csv"), "--images", str(copy)]
    marks = copy / "duplicates.jsonl"
    out = copy / "truth.jsonl"
    assert main([*args, "--out", str(out), "--duplicates", str(marks)]) == 0
    assert read_truth(out).ids == ["a", "b", "c", "d"]
    rows = lines_of(out)
    assert rows[1]["duplicate_of"] == "a"
    assert "duplicate_of" not in rows[0]
    assert rows[0]["cluster"] == rows[1]["cluster"] != rows[2]["cluster"]
    assert lines_of(copy / "manifest.jsonl")[0] == {"id": "a", "file": "a.jpg"}
    assert [(row["id"], row["kind"]) for row in lines_of(marks)] == [("b", "identical")]


def test_a_different_count_is_a_warning_and_with_strict_an_error(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["datasets", "check", "im2gps", str(copy / "table.csv")]
    assert main(args) == 0
    assert "warning: 4 rows where IM2GPS has 237" in capsys.readouterr().out
    assert main([*args, "--strict"]) == 2


def test_wrong_rows_are_refused_or_left_out(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out = copy / "table.csv", copy / "out" / "truth.jsonl"
    table.write_text(table.read_text() + "e.jpg,99,1\n")
    assert main(["datasets", "check", "im2gps", str(table), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["faulty"][0]["row"] == 5
    args = ["datasets", "convert", "im2gps", str(table), "--out", str(out)]
    assert main(args) == 2
    assert not out.exists()
    told = capsys.readouterr().err
    assert "row 5, latitude: 99 is outside -90 to 90" in told
    assert told.count("\n") == 1
    assert main([*args, "--skip-faulty"]) == 0
    assert len(read_truth(out)) == 4


def test_what_needs_the_pictures_says_so(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["datasets", "check", "im2gps", str(copy / "table.csv"), "--references", str(copy)]
    assert main(args) == 2
    assert "need the pictures: --images FOLDER" in capsys.readouterr().err
    assert main([*args, "--images", str(copy)]) == 0
    assert "pictures: 1 identical\npictures: 3 in references" in capsys.readouterr().out
