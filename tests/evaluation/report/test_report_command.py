"""`report` as it is typed: its files, its drawings, several folders, what it refuses."""

import argparse
import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from geoagent_evaluation.errors import EvaluationError
from geoagent_evaluation.report import report_command
from geoagent_evaluation.scoring.figures import Figure, ScoreFile

from tests.evaluation.report.test_page import checked_outline
from tests.evaluation.support.score_folders import (
    drawn_rows,
    drawn_score,
    write_run,
    write_score_folder,
)


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    report_command.add_arguments(parser)
    return report_command.run(parser.parse_args([str(argument) for argument in arguments]))


def test_it_writes_page_table_figures_and_drawings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = Figure("within_25_km", 0.5, "share", 9, "locatability==cmd|'/C calc'!A0", 0.2, 0.8)
    other = Figure("nll", float("nan"), "nats", 9)
    score = ScoreFile("=SUM(A1)", (figure, other), (), {})
    folder = write_score_folder(tmp_path / "score", drawn_rows(9), score)
    assert run(folder, "--figures", tmp_path / "drawings", "--html") == 0
    listed = capsys.readouterr().out.split()
    assert all(Path(path).is_file() for path in listed)
    assert sorted(path.name for path in folder.iterdir()) == [
        "figures.csv", "figures.json", "report.html", "rows.parquet", "score.json",
    ]  # fmt: skip
    head, row = csv.reader((folder / "figures.csv").read_text().splitlines())
    assert dict(zip(head, row, strict=True)) == {
        "scored": "'=SUM(A1)", "system": "", "metric": "within_25_km",
        "group": "locatability==cmd|'/C calc'!A0", "value": "0.5", "unit": "share", "low": "0.2",
        "high": "0.8", "interval": "", "n": "9",
    }  # fmt: skip
    (system,) = json.loads((folder / "figures.json").read_text())["scored"]
    assert system["system"] == "=SUM(A1)"
    assert [one["metric"] for one in system["figures"]] == ["within_25_km"]
    for name in ("map", "histogram"):
        svg = (tmp_path / "drawings" / f"{name}.svg").read_bytes()
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert (tmp_path / "drawings" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_several_folders_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = drawn_rows(40)
    folders = [
        write_score_folder(tmp_path / name, rows, drawn_score(rows, system), sources=())
        for name, system in (("a", "one"), ("b", "two"), ("c", "two"))
    ]
    write_score_folder(tmp_path / "d", rows, drawn_score(rows, "predictions"))
    monkeypatch.chdir(tmp_path)
    assert run(*folders, "d", write_score_folder(tmp_path / "e", drawn_rows(30))) == 0
    words = checked_outline((tmp_path / "comparison" / "report.html").read_text()).words()
    assert "one , two (b) , two (c) , d and 1 more" in words
    assert "The systems were not scored on the same photos" in words
    assert "population prior" in words
    assert "The systems cannot be compared photo by photo" in words
    lines = (tmp_path / "comparison" / "figures.csv").read_text().splitlines()
    listed = list(csv.DictReader(lines))
    assert {row["scored"] for row in listed} == {"one", "two", "predictions", "evidence policy"}


def test_the_run_may_lie_elsewhere(tmp_path: Path) -> None:
    rows = drawn_rows(4)
    folder = write_score_folder(tmp_path / "score", rows, ScoreFile("none", (), (), {}))
    (tmp_path / "run").mkdir()
    write_run(tmp_path / "run", rows["id"])
    assert run(folder, "--run", tmp_path / "run") == 0
    words = checked_outline((folder / "report.html").read_text()).words()
    assert "streets.jsonl" in words
    assert "judge · country accepts Brazil" in words
    with pytest.raises(EvaluationError, match="--run goes with one DIR"):
        run(folder, folder, "--run", tmp_path / "run")


def test_a_folder_that_holds_no_score_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"score\.json"):
        run(tmp_path)
    score = ScoreFile("none", (), (), {})
    folder = write_score_folder(tmp_path / "score", drawn_rows(3), score)
    write_score_folder(folder, {**drawn_rows(3), "distance_km": ["far", "near", "far"]}, score)
    with pytest.raises(EvaluationError, match="distance_km holds string"):
        run(folder)
    (folder / "rows.parquet").write_bytes(b"PAR1 no table PAR1")
    with pytest.raises(EvaluationError, match=r"rows\.parquet"):
        run(folder)
    (folder / "score.json").write_text('{"schema": "geoagent-score/9"}')
    with pytest.raises(EvaluationError, match=r"score\.json"):
        run(folder)
