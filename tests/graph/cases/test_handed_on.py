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
    assert file_kind(words) == kind


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
    assert file_kind(str(path)) == kind
