"""A trace file is known by its name, or by its first line where the name says too little."""

from pathlib import Path

import pytest

from geoagent_graph.cases.handed_on import file_kind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("bridge", None),
        ("bridge/main", None),
        ("gone.jsonl", "case"),
        ("gone.geotrace.jsonl", "case"),
        ("gone.geojoint.jsonl", "trip"),
    ],
)
def test_a_name_says_what_a_file_holds(words: str, kind: str | None) -> None:
    assert file_kind(words, lambda _: False) == kind


@pytest.mark.parametrize(
    ("first_line", "kind"),
    [
        ('{"event":"trip"}', "trip"),
        ('{"event":"case"}', "case"),
        ("[]", "case"),
        ("no JSON \xff", "case"),
        ("[" * 100_000, "case"),
        ("", "case"),
    ],
)
def test_the_first_line_decides_where_the_name_does_not(
    tmp_path: Path, first_line: str, kind: str
) -> None:
    path = tmp_path / "handed.jsonl"
    path.write_text(first_line + "\n", encoding="latin-1")
    assert file_kind(str(path), lambda _: False) == kind


@pytest.mark.parametrize("name", ["out", "trace.txt", "Out 1", "report.html"])
def test_whatever_a_trace_was_exported_as_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text('{"event":"case"}\n')
    assert file_kind(name, lambda _: False) == "case"
    assert file_kind("x" * 5000, lambda _: False) is None
    assert file_kind("nul\0", lambda _: False) is None


def test_a_case_comes_before_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bridge").write_text("")
    assert file_kind("bridge", lambda name: name == "bridge") is None
