"""The manifest of an index: what it vouches for, and what it refuses."""

import hashlib
import io
import json
from pathlib import Path

import pytest

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.index_format import (
    MAX_MANIFEST_BYTES,
    FileRecord,
    HashingFile,
    check_file,
    is_index,
    parse_manifest,
    read_manifest,
)

RECORD = {"sha256": "0" * 64, "size_bytes": 6}
MANIFEST = {
    "format": "geoagent-reference-index",
    "format_version": 1,
    "encoder_id": "e/1",
    "dimension": 3,
    "count": 2,
    "metric": "inner_product",
    "index_kind": "IndexFlat",
    "created": "2026-01-02T03:04:05Z",
    "files": {"index.faiss": RECORD, "references.parquet": RECORD},
}


def data_of(**changes: object) -> bytes:
    return json.dumps(MANIFEST | changes).encode()


def test_a_manifest_comes_back_as_it_was() -> None:
    manifest = parse_manifest(data_of(), Path("ix"))
    assert json.loads(manifest.model_dump_json(by_alias=True, exclude_none=True)) == MANIFEST
    names = ("index.faiss", "references.parquet", "classifier.npz", "places.bin")
    grown = {
        "format_version": 3,
        "files": dict.fromkeys(names, RECORD),
        "place_encoder": {"encoder_id": "p/1", "dimension": 2},
    }
    newer = parse_manifest(data_of(**grown), Path("ix"))
    assert json.loads(newer.model_dump_json(by_alias=True, exclude_none=True)) == MANIFEST | grown
    assert newer.classified_dimension == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is damaged .not JSON."),
        (b"[" * (MAX_MANIFEST_BYTES + 1), "larger than any real one"),
        (b"[" * (MAX_MANIFEST_BYTES - 1), "not JSON"),
        (b"[]", "of another program"),
        (data_of(format="other"), "of another program"),
        (data_of(format_version=99), "written by a newer version .format 99"),
        (data_of(count=0), "the index is empty"),
        (data_of(dimension=0), "dimension: "),
        (data_of(code="import os"), "code: is not known here"),
        (data_of(count=3), "3 vectors do not fit into index.faiss"),
        (
            data_of(place_encoder={"encoder_id": "p/1", "dimension": 2}),
            "places.bin and its encoder are not both there",
        ),
        (data_of(encoder_id="e\x1b[2J\n1"), "encoder_id: .*cannot be shown"),
        (data_of(encoder_id="e\u202e1"), "encoder_id: .*cannot be shown"),
        (data_of(**{"\x1b[2J\u202e" + "k" * 5000: 1}), "k…"),
        (data_of(format_version=10**4000), "newer version .format 1000000"),
        (data_of(files={"index.faiss": RECORD}), "references.parquet"),
    ],
)
def test_what_is_no_manifest_is_refused_in_one_line(data: bytes, words: str) -> None:
    with pytest.raises(ReferenceIndexError, match=words) as caught:
        parse_manifest(data, Path("ix"))
    assert str(caught.value).startswith("ix: ")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_a_folder_is_an_index_by_its_manifest(tmp_path: Path) -> None:
    assert not is_index(tmp_path)
    with pytest.raises(ReferenceIndexError, match=r"manifest\.json is missing"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_bytes(data_of())
    assert is_index(tmp_path)
    assert read_manifest(tmp_path).count == 2
    with pytest.raises(ReferenceIndexError, match="does not exist"):
        read_manifest(tmp_path / "none")


def test_a_writer_remembers_size_and_digest_of_what_went_through_it() -> None:
    buffer = io.BytesIO()
    sink = HashingFile(buffer)
    assert (sink.write(b"abc"), sink.write(b"de")) == (3, 2)
    expected = FileRecord(sha256=hashlib.sha256(b"abcde").hexdigest(), size_bytes=5)
    assert sink.record() == expected
    assert buffer.getvalue() == b"abcde"


def test_a_file_is_the_one_in_the_manifest_or_refused() -> None:
    record = FileRecord(sha256=hashlib.sha256(b"abcde").hexdigest(), size_bytes=5)
    file = io.BytesIO(b"abcde")
    check_file(file, record, Path("ix"), "index.faiss")
    assert file.tell() == 0
    with pytest.raises(ReferenceIndexError, match="4 bytes instead of 5"):
        check_file(io.BytesIO(b"abcd"), record, Path("ix"), "index.faiss")
    with pytest.raises(ReferenceIndexError, match="is damaged"):
        check_file(io.BytesIO(b"abcdx"), record, Path("ix"), "index.faiss")
