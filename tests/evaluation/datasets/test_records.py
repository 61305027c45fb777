from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from geoagent_evaluation.datasets.records import read_records
from geoagent_evaluation.datasets.text_lines import bounded_lines
from geoagent_evaluation.errors import DatasetError


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,note\n1,x\n2,y\n"),
        ("a.csv", "\ufeffid,note\r\n1,x\r\n2,y\r\n"),
        ("a.csv", "id;note\n1;x\n2;y\n"),
        ("a.tsv", "id\tnote\n\n1\tx\n2\ty"),
        ("a.csv", "id,note\n1,x\n2,y\n".encode("utf-16")),
        ("a.jsonl", '{"id": "1", "note": "x"}\n\n{"id": "2", "note": "y"}\n'),
        ("a.json", '[{"id": "1", "note": "x"}, {"id": "2", "note": "y"}]'),
        ("a.json", '{"1": {"note": "x"}, "2": {"note": "y"}}'),
        ("a.json", '{"id": "1", "note": "x"}\n{"id": "2", "note": "y"}\n'),
    ],
)
def test_a_table_is_read_in_the_shapes_that_it_comes_in(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    records = list(read_records(write(tmp_path, name, content)))
    assert [record.row for record in records] == [1, 2]
    assert [record.values for record in records] == [
        {"id": "1", "note": "x"},
        {"id": "2", "note": "y"},
    ]


def test_a_line_break_inside_quotes_belongs_to_its_field(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'id,note\n1,"two\nlines"\n2,"say ""x"""\n')
    assert [r.values["note"] for r in read_records(path)] == ["two\nlines", 'say "x"']


def test_pictures_in_a_parquet_file_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["1"], "image": [b"\xff\xd8"]}), path)
    assert [record.values for record in read_records(path)] == [{"id": "1"}]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "id,id\n1,2\n", "names the column 'id' twice"),
        ("a.csv", "id,note\n1,x\n2\n", "row 2: has 1 fields where 2 are named"),
        ("a.csv", "id,note\n1,x,y\n", "row 1: has 3 fields where 2 are named"),
        ("a.csv", b"id,note\n1,\xe9t\xe9\n", "line 2: is not UTF-8"),
        ("a.csv", "id,note\n1,a\0b\n", "line 2: holds a NUL character"),
        ("a.csv", "id,note\n1," + "x" * 200_000 + "\n", "row 1: field larger than field limit"),
        ("a.csv", 'id,note\n1,"never ends\n', "row 1: unexpected end of data"),
        ("a.csv", b"\xff\xfei\x00d", "row"),
        ("a.jsonl", '{"id": "1"}\n{"id": NaN}\n', "row 2: holds NaN, which is no number"),
        ("a.jsonl", '{"id": "1"}\n[1]\n', "row 2: is not a JSON object"),
        ("a.jsonl", "[" * 100_000, "row 1: is nested too deeply"),
        ("a.json", '"text"', "is neither a list of records nor an object of them"),
        ("a.parquet", b"PAR1 and nothing", "row 1"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(DatasetError) as raised:
        list(read_records(path))
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)
    assert told in str(raised.value) or (name == "a.csv" and told == "row")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no such file"):
        list(read_records(tmp_path / "none.csv"))


def test_lines_are_bounded(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "short\n" + "x" * 100 + "\n")
    with pytest.raises(DatasetError, match="line 2: is longer than 50 bytes"):
        list(bounded_lines(path, 50))
