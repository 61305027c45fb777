import json
from pathlib import Path

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.scoring.left_out import GROUP, read_left_out


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_copies_and_placeholders_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    marks = [
        {"id": "a", "kind": "placeholder", "placeholder": True},
        {"id": "b", "kind": "near copy", "duplicate_of": "c", "placeholder": False},
        {"id": "d", "kind": "unreadable", "placeholder": False},
    ]
    assert read_left_out(write(tmp_path / "marks.jsonl", list(marks))) == {"a", "b"}
    truth = [
        {"id": "a", "lat_deg": 1, "lon_deg": 2},
        {"id": "b", "lat_deg": 1, "duplicate_of": "a"},
    ]
    assert read_left_out(write(tmp_path / "truth.jsonl", list(truth))) == {"b"}
    assert read_left_out(write(tmp_path / "ids.jsonl", [{"id": "z"}])) == {"z"}


def test_figures_are_given_with_and_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"id": name, "lat_deg": 10.0, "lon_deg": 20.0} for name in "abcd"]
    truth = write(tmp_path / "truth.jsonl", list(rows))
    wrong = [{**row, "lat_deg": -10.0} if row["id"] == "d" else row for row in rows]
    predictions = write(tmp_path / "predictions.jsonl", list(wrong))
    marks = write(tmp_path / "marks.jsonl", [{"id": "a", "duplicate_of": "b"}, {"id": "c"}])
    args = ["score", str(predictions), str(truth), "--without", str(marks), "--json"]
    assert main(args) == 0
    score = json.loads(capsys.readouterr().out)
    near = {
        figure["group"]: (figure["value"], figure["n"])
        for figure in score["figures"]
        if figure["metric"] == "within_25_km" and figure["group"] in {"all", GROUP}
    }
    assert near == {"all": (0.75, 4), GROUP: (0.5, 2)}
    assert any("2 of 4 photos are copies or placeholders" in note for note in score["notes"])
