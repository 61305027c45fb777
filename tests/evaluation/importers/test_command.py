import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.contract.read_predictions import read_predictions
from geoagent_evaluation.importers import command
from geoagent_evaluation.importers.places import FoundPlace


class TwoPlaces:
    """A gazetteer of Lyon and France."""

    def find(self, name: str) -> FoundPlace | None:
        """Return one of the two, None for all others."""
        known = {
            "Lyon, France": FoundPlace(45.75, 4.85, "city", "FR"),
            "France": FoundPlace(46.6, 2.2, "country", "FR"),
        }
        return known.get(name)


@pytest.fixture(autouse=True)
def two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer for the agent's gazetteer."""
    monkeypatch.setattr(command, "_open_gazetteer", TwoPlaces)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def imported(path: Path, *options: str) -> list[dict[str, Any]]:
    out = path.with_name("predictions.jsonl")
    assert main(["import", str(path), "--out", str(out), *options]) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


ANSWERS = [
    {"image": "/data/im/a.jpg", "raw_response": '{"FinalAnswer": "France; Lyon"}'},
    {"image": "b.jpg", "raw_response": "Nowhereville, France"},
    {"image": "c.jpg", "raw_response": "(48.85, 2.35)"},
    {"image": "d.jpg", "raw_response": "I'm sorry, I can't help with that."},
    {"image": "e.jpg", "raw_response": "", "error": "timed out"},
    {"image": "f.jpg", "raw_response": "(98.85, 2.35)"},
]


def test_every_answer_becomes_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "answers.jsonl", ANSWERS)
    rows = imported(path)
    assert [row["id"] for row in rows] == list("abcdef")
    assert rows[0] == {
        "id": "a", "lat_deg": 45.75, "lon_deg": 4.85, "level": "city", "country": "FR",
        "named": "Lyon, France",
    }  # fmt: skip
    assert [row.get("failure") for row in rows] == [
        None, "no place is known as 'Nowhereville, France'", None, None, "error: timed out",
        "98.85, 2.35 is no point on Earth",
    ]  # fmt: skip
    assert rows[3]["abstained"] is True
    told = capsys.readouterr().out
    assert "6 rows of 6 answers; 1 points, 1 place names found, 1 abstentions, 3 failures" in told
    assert "place names: 1 of 2 could not be resolved" in told


def test_failures_are_failures_for_the_score(tmp_path: Path) -> None:
    imported(write(tmp_path / "answers.jsonl", ANSWERS))
    table = read_predictions(tmp_path / "predictions.jsonl", lenient=True)[0]
    assert len(table) == 6
    assert table.failed.tolist() == [False, True, False, False, True, True]


def test_answers_are_matched_with_the_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = write(tmp_path / "truth.jsonl", [{"id": name} for name in ("x-123456", "b", "gone")])
    answers = [{"id": "s123456", "lat": 1, "lon": 2}, {"id": "images/b.png", "lat": 3, "lon": 4},
               {"id": "other", "lat": 5, "lon": 6}]  # fmt: skip
    rows = imported(write(tmp_path / "a.jsonl", answers), "--truth", str(truth))
    assert [(row["id"], row.get("lat_deg")) for row in rows] == [
        ("x-123456", 1.0), ("b", 3.0), ("gone", None),
    ]  # fmt: skip
    told = capsys.readouterr().out
    assert "1 answers are for no photo of the truth: other" in told
    assert "1 photos have no answer and count as failures: gone" in told


def test_logs_of_other_harnesses_are_read(tmp_path: Path) -> None:
    reply = '{"latitude": 1.5, "longitude": 2.5}'
    output = {"choices": [{"message": {"content": reply}}], "completion": reply}
    sample = {"id": "a", "input": "at 9.5, 9.5", "target": "9.5, 9.5", "output": output}
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"version": 2, "samples": [sample]}))
    expected = [{"id": "a", "lat_deg": 1.5, "lon_deg": 2.5}]
    assert imported(log) == imported(log, "--format", "inspect") == expected
    with zipfile.ZipFile(tmp_path / "log.eval", "w") as packed:
        packed.writestr("samples/a_epoch_1.json", json.dumps(sample))
    assert imported(tmp_path / "log.eval") == expected
    lines = [{"doc_id": 0, "doc": {"id": "a", "lat_deg": 9.5, "lon_deg": 9.5}, "target": "9.5, 9.5",
              "resps": [[reply]], "filtered_resps": [reply]}]  # fmt: skip
    assert imported(write(tmp_path / "s.jsonl", lines), "--format", "lmms-eval") == expected


def test_a_log_that_cannot_be_unpacked_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.eval"
    path.write_bytes(b"no zip")
    assert main(["import", str(path), "--out", str(tmp_path / "out.jsonl")]) == 2
    assert "inspect log convert log.eval --to json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"lat": 1, "lon": 2}], "row 1: has no identifier; it has lat, lon"),
        ([{"id": "a", "lat": 1, "lon": 2}] * 2, "row 2: 'a' is the id of row 1 too"),
    ],
)
def test_what_cannot_be_matched_is_refused(
    tmp_path: Path, rows: list[dict[str, Any]], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.jsonl", rows)
    assert main(["import", str(path), "--out", str(tmp_path / "out.jsonl")]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_swapped_predictions_are_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    towns = ((2.35, 48.85), (-3.70, 40.41), (13.40, 52.52), (12.50, 41.90), (18.07, 59.33))
    rows = [{"id": str(n), "lat": lat, "lon": lon} for n, (lat, lon) in enumerate(towns)]
    imported(write(tmp_path / "a.jsonl", rows))
    assert "look swapped in this file; nothing was exchanged" in capsys.readouterr().out


def test_without_a_gazetteer_names_are_failures(tmp_path: Path) -> None:
    rows = imported(write(tmp_path / "a.jsonl", ANSWERS[:1]), "--no-gazetteer")
    assert rows[0]["failure"] == "no place is known as 'Lyon, France'"
