"""Rows that are written whole or not at all."""

from pathlib import Path

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.runs.journal import (
    JournalError,
    append_row,
    read_rows,
    replace_file,
    replace_rows,
)


def test_a_row_without_its_end_was_never_written(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    assert list(read_rows(file)) == []
    append_row(file, {"id": "a"})
    append_row(file, {"id": "\ud800 \u2028"})
    with file.open("a") as stream:
        stream.write('{"id": "c"}')
    assert [row["id"] for row in read_rows(file)] == ["a", "\ud800 \u2028"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', "[" * 100_000])
def test_what_is_no_row_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"id": "a"}\n' + line + "\n")
    with pytest.raises(JournalError, match="line 2"):
        list(read_rows(file))


def test_a_file_is_replaced_whole_or_stays(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    replace_rows(file, [{"id": "a"}])

    def broken() -> object:
        yield "half"
        raise ValueError

    with pytest.raises(ValueError):
        replace_file(file, broken())  # type: ignore[arg-type]
    assert [row["id"] for row in read_rows(file)] == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be written"):
        replace_rows(tmp_path / "file" / "rows.jsonl", [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--in-flight", "0"], "give 1 to 1024"),
        (["--budget", "x"], "give 6 to 1000"),
        (["--dollars-per-million", "nan", "1"], "give a number of dollars"),
        (["--policy", "nobody"], "no such policy"),
        (["--without-source", "nothing"], "no such source of evidence"),
    ],
)
def test_wrong_options_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["run", str(tmp_path / "m.jsonl"), "--out", str(tmp_path / "o"), *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_folder_that_is_no_run_has_no_baselines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baselines", str(tmp_path)]) == 2
    assert "name a run's folder" in capsys.readouterr().err
