"""Vectors that places are learnt from, in files: what is written is read, the rest is refused."""

import io
from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval import place_vectors
from geoagent_graph.retrieval.index_format import HashingFile
from geoagent_graph.retrieval.manifest_rows import ManifestRow
from geoagent_graph.retrieval.place_vectors import (
    PlaceVectors,
    choose_lines,
    join_vectors,
    read_place_vectors,
    write_place_vectors,
)


def vectors(*rows: int) -> PlaceVectors:
    found = np.array([[row, row + 0.5] for row in rows], np.float16)
    return PlaceVectors("p/1", np.array(rows, np.int64), found)


def written(places: PlaceVectors) -> bytes:
    sink = io.BytesIO()
    write_place_vectors(places, HashingFile(sink))
    return sink.getvalue()


def read(data: bytes, count: int = 10) -> PlaceVectors:
    return read_place_vectors(io.BytesIO(data), len(data), "p/1", 2, count)


def test_what_is_written_is_read() -> None:
    found = read(written(vectors(1, 4, 9)))
    assert found.rows.tolist() == [1, 4, 9]
    assert found.vectors.tolist() == vectors(1, 4, 9).vectors.tolist()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (written(vectors(1, 4, 10)), "rows are not in order"),
        (written(vectors(4, 4)), "rows are not in order"),
        (written(vectors(5, 4)), "rows are not in order"),
        (written(vectors(1))[:-1], "size does not fit"),
        (written(vectors(1))[:-2] + b"\x00\x7e", "not finite"),
    ],
)
def test_what_does_not_fit_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ReferenceIndexError, match=words):
        read(data)


def manifest_rows(count: int) -> list[ManifestRow]:
    return [
        ManifestRow(line, Path("a.jpg"), None, 0.0, 0.0, "", "", "", "", "")
        for line in range(count)
    ]


def test_they_stay_bounded_and_evenly_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_lines(manifest_rows(8), held=1) is None
    monkeypatch.setattr(place_vectors, "MAX_PLACE_VECTORS", 4)
    assert choose_lines(manifest_rows(4), held=0) is None
    lines = choose_lines(manifest_rows(6), held=6)
    assert lines is not None
    assert len(lines) == 2
    joined = join_vectors(vectors(0, 2, 4, 6), vectors(3, 5))
    assert len(joined.rows) == 4
    assert {3, 5} < set(joined.rows.tolist())
    assert joined.vectors[:, 0].tolist() == joined.rows.tolist()
