"""Marks of runs: kept over a restart, harmless where they cannot be written or make no sense."""

from pathlib import Path

from geoagent_graph.serve.run_marks import RunMarks


def test_a_mark_is_there_until_its_run_has_ended(tmp_path: Path) -> None:
    marks = RunMarks(tmp_path / "serving")
    assert marks.found() == []
    for pair in (("b", "main"), ("a", "two"), ("a", "main")):
        marks.add(*pair)
    marks.remove("a", "two")
    marks.remove("a", "three")
    assert RunMarks(tmp_path / "serving").found() == [("a", "main"), ("b", "main")]


def test_other_files_are_no_marks(tmp_path: Path) -> None:
    for name in (".hidden", "a", "A.main", "a.b.c", "a.", "x.main"):
        (tmp_path / name).touch()
    assert RunMarks(tmp_path).found() == [("x", "main")]


def test_what_cannot_be_written_stops_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    marks = RunMarks(tmp_path / "file" / "serving")
    marks.add("a", "main")
    marks.remove("a", "main")
    assert marks.found() == []
