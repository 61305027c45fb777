"""Building and growing an index from photos: skipped rows, resuming, order, duplicates."""

import errno
import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.errors import (
    InputError,
    PhotoError,
    ReferenceIndexError,
    StorageError,
    ToolError,
)
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.retrieval.embedding_log import EmbeddingLog
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_build import IndexJob, add_to_index, build_index
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.testing import MeanColourEncoder
from geoagent_graph.types import Reference


@dataclass
class CountingEncoder:
    """The mean colour of each photo; remembers how many it saw and can fail after some."""

    encoder_id: str = "mean-colour/1"
    dimension: int = 3
    fail_after: int | None = None
    error: BaseException = field(default_factory=KeyboardInterrupt)
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        with self.lock:
            if self.fail_after is not None and self.seen >= self.fail_after:
                raise self.error
            self.seen += len(photos)
        return MeanColourEncoder().encode(photos)


def decode(data: bytes, name: str) -> NDArray[np.uint8]:
    try:
        import io

        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    except OSError as error:
        raise PhotoError(f"{name}: damaged or incomplete. Copy it again.") from error


def job(encoder: VisualEncoder | None = None, **changes: Any) -> IndexJob:
    embedder = PhotoEmbedder(encoder or CountingEncoder(), decode, 1_000_000)
    fields = {"country_of": lambda lat, lon: "PT", "on_photo": lambda done, total: None}
    return IndexJob(embedder, **{**fields, **changes})


def colour(i: int) -> tuple[int, int, int]:
    return ((37 * i) % 200 + 20, (91 * i) % 200 + 20, (53 * i) % 200 + 20)


def draw(folder: Path, count: int, start: int = 0) -> Path:
    """Write photos of one colour each and return their manifest."""
    lines = []
    for i in range(start, start + count):
        Image.new("RGB", (8, 8), colour(i)).save(folder / f"{i}.png")
        lines.append({"file": f"{i}.png", "lat": i % 90, "lon": -i % 180, "id": f"p{i}"})
    return write_manifest(folder, lines)


def write_manifest(
    folder: Path, lines: Sequence[str | dict[str, Any]], name: str = "manifest.jsonl"
) -> Path:
    path = folder / name
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return path


def ids(folder: Path) -> list[str]:
    return sorted(FaissRetriever.load(folder, MeanColourEncoder()).table.ids())


def nearest(folder: Path, i: int, codes: frozenset[str] | None = None) -> Reference:
    query = np.array([[colour(i)]], np.uint8)
    return FaissRetriever.load(folder, MeanColourEncoder()).search(query, 1, codes)[0]


def test_every_photo_is_found_where_it_was_taken(tmp_path: Path) -> None:
    seen = []
    report = build_index(
        draw(tmp_path, 30), tmp_path / "ix", job(on_photo=lambda *a: seen.append(a))
    )
    assert (report.rows, report.indexed, report.already, report.problems) == (30, 30, 0, [])
    assert seen == [(n, 30) for n in range(1, 31)]
    for i in range(30):
        found = nearest(tmp_path / "ix", i)
        assert (found.id, found.lat_deg, found.lon_deg) == (f"p{i}", i % 90, -i % 180)
    rows = {r.id: r for r in FaissRetriever.load(tmp_path / "ix", None).table.rows()}
    assert rows["p3"].sha256 == hashlib.sha256((tmp_path / "3.png").read_bytes()).hexdigest()


def test_a_missing_country_is_asked_for_and_a_given_one_is_kept(tmp_path: Path) -> None:
    draw(tmp_path, 3)
    manifest = write_manifest(
        tmp_path,
        [
            {"file": "0.png", "lat": 40, "lon": -8, "country": "ES"},
            {"file": "1.png", "lat": 41, "lon": -8},
            {"file": "2.png", "lat": 0, "lon": -30},
        ],
    )
    asked = []

    def country_of(lat: float, lon: float) -> str:
        asked.append((lat, lon))
        return "PT" if lat else ""

    build_index(manifest, tmp_path / "ix", job(country_of=country_of))
    assert asked == [(41.0, -8.0), (0.0, -30.0)]
    assert FaissRetriever.load(tmp_path / "ix", None).country_counts() == {"": 1, "ES": 1, "PT": 1}


def test_bad_rows_are_reported_with_file_and_line_and_the_rest_go_on(tmp_path: Path) -> None:
    draw(tmp_path, 3)
    (tmp_path / "text.jpg").write_text("not a photo")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "cut.png").write_bytes((tmp_path / "0.png").read_bytes()[:40])
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "large.png").write_bytes(b"x" * 1_000_001)
    place = {"lat": 1, "lon": 2}
    lines: list[str | dict[str, Any]] = [
        {"file": "0.png", "id": "a", **place},
        "{bad json",
        {"file": "missing.png", **place},
        {"file": "text.jpg", **place},
        {"file": "empty.png", **place},
        {"file": "cut.png", **place},
        {"file": "folder.png", **place},
        {"file": "large.png", **place},
        {"file": "1.png", "lat": 91, "lon": 2},
        {"file": "1.png", "id": "a", **place},
        {"file": "2.png", **place},
        {"file": "2.png", **place},
    ]
    report = build_index(write_manifest(tmp_path, lines), tmp_path / "ix", job())
    assert report.indexed == 2
    assert sorted(p.line for p in report.problems) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    said = {p.line: p for p in report.problems}
    assert said[3].file == str(tmp_path / "missing.png")
    assert "no such file" in said[3].problem
    assert "same id as line 1" in said[10].problem
    assert "same id as line 11" in said[12].problem
    assert all("\n" not in p.problem and p.problem for p in report.problems)
    assert len(ids(tmp_path / "ix")) == 2


def test_strict_stops_at_the_first_bad_row_and_writes_nothing(tmp_path: Path) -> None:
    draw(tmp_path, 2)
    for bad in ({"file": "no.png", "lat": 1, "lon": 2}, "{bad", {"file": "1.png", "lat": 99}):
        manifest = write_manifest(tmp_path, [{"file": "0.png", "lat": 1, "lon": 2}, bad])
        with pytest.raises(ReferenceIndexError, match="line 2"):
            build_index(manifest, tmp_path / "ix", job(strict=True))
        assert not (tmp_path / "ix").exists()


def test_where_nothing_can_be_indexed_nothing_is_written(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, ["", "{bad", {"file": "no.png", "lat": 1, "lon": 2}])
    report = build_index(manifest, tmp_path / "ix", job())
    assert (report.rows, report.indexed, len(report.problems)) == (2, 0, 2)
    assert report.manifest is None
    assert {p.name for p in tmp_path.iterdir()} == {"manifest.jsonl", ".ix.lock"}


def test_a_stopped_build_goes_on_where_it_was(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 100)
    with pytest.raises(KeyboardInterrupt):
        build_index(manifest, tmp_path / "ix", job(CountingEncoder(fail_after=48)))
    assert not (tmp_path / "ix").exists()
    second = CountingEncoder()
    report = build_index(manifest, tmp_path / "ix", job(second))
    assert report.indexed == 100
    assert 24 <= report.resumed <= 48  # encoded: 48, less up to three chunks waiting for a slow one
    assert second.seen == 100 - report.resumed
    assert all(nearest(tmp_path / "ix", i).id == f"p{i}" for i in range(0, 100, 9))
    assert not (tmp_path / ".ix.embeddings").exists()


def test_embeddings_of_another_encoder_are_not_taken_over(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 60)
    with pytest.raises(KeyboardInterrupt):
        build_index(manifest, tmp_path / "ix", job(CountingEncoder("old/1", fail_after=16)))
    assert build_index(manifest, tmp_path / "ix", job()).resumed == 0


def test_a_photo_that_changed_since_is_encoded_again(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 60)
    with pytest.raises(KeyboardInterrupt):
        build_index(manifest, tmp_path / "ix", job(CountingEncoder(fail_after=16)))
    Image.new("RGB", (8, 8), colour(500)).save(tmp_path / "0.png")
    build_index(manifest, tmp_path / "ix", job())
    assert nearest(tmp_path / "ix", 500).id == "p0"


def test_a_damaged_work_file_is_cut_off_at_the_damage(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 80)
    with pytest.raises(KeyboardInterrupt):
        build_index(manifest, tmp_path / "ix", job(CountingEncoder(fail_after=40)))
    log = tmp_path / ".ix.embeddings"
    damaged = bytearray(log.read_bytes())
    damaged[512 + 10 * 48 + 20] ^= 4  # in the vector of the eleventh photo
    log.write_bytes(damaged[:-7])
    report = build_index(manifest, tmp_path / "ix", job())
    assert report.resumed == 10
    assert all(nearest(tmp_path / "ix", i).id == f"p{i}" for i in range(40))


def test_a_full_disk_while_encoding_is_one_line_and_can_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = draw(tmp_path, 40)
    append = EmbeddingLog.append
    calls = []

    def full(self: EmbeddingLog, photos: list[Any]) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, photos)

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddingLog, "append", full)
        with pytest.raises(StorageError, match="No space left"):
            build_index(manifest, tmp_path / "ix", job())
    assert not (tmp_path / "ix").exists()
    assert build_index(manifest, tmp_path / "ix", job()).resumed == 16


def test_a_broken_encoder_stops_the_build(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 10)
    with pytest.raises(ToolError, match="out of order"):
        build_index(
            manifest,
            tmp_path / "ix",
            job(CountingEncoder(fail_after=0, error=ToolError("out of order"))),
        )

    class WrongShape(CountingEncoder):
        def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
            return np.zeros((len(photos), 7), np.float32)

    with pytest.raises(ToolError, match="mean-colour/1"):
        build_index(manifest, tmp_path / "ix", job(WrongShape()))


def test_vectors_that_are_zero_or_not_finite_are_skipped(tmp_path: Path) -> None:
    class Sometimes(CountingEncoder):
        def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
            vectors = super().encode(photos)
            vectors[0], vectors[1] = 0.0, np.nan
            return vectors

    report = build_index(draw(tmp_path, 8), tmp_path / "ix", job(Sometimes()))
    assert [p.line for p in report.problems] == [1, 2]
    assert report.indexed == 6


def test_a_new_build_replaces_the_index(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 5)
    build_index(manifest, tmp_path / "ix", job())
    build_index(draw(tmp_path, 3, start=50), tmp_path / "ix", job())
    assert ids(tmp_path / "ix") == ["p50", "p51", "p52"]


def test_adding_keeps_the_old_photos_and_counts_known_ones(tmp_path: Path) -> None:
    build_index(draw(tmp_path, 10), tmp_path / "ix", job(country_of=lambda lat, lon: "PT"))
    encoder = CountingEncoder()
    report = add_to_index(
        tmp_path / "ix", draw(tmp_path, 10, start=5), job(encoder, country_of=lambda *_: "ES")
    )
    assert (report.indexed, report.already, report.problems) == (5, 5, [])
    assert encoder.seen == 5
    assert report.manifest is not None
    assert report.manifest.count == 15
    assert FaissRetriever.load(tmp_path / "ix", None).country_counts() == {"ES": 5, "PT": 10}
    for i in range(15):
        assert nearest(tmp_path / "ix", i).id == f"p{i}"
        assert nearest(tmp_path / "ix", i, frozenset({"ES"})).id in {f"p{j}" for j in range(10, 15)}


def test_adding_photos_without_ids_knows_them_by_content(tmp_path: Path) -> None:
    draw(tmp_path, 4)
    lines = [{"file": f"{i}.png", "lat": 1, "lon": 2} for i in range(4)]
    build_index(write_manifest(tmp_path, lines[:3]), tmp_path / "ix", job())
    report = add_to_index(tmp_path / "ix", write_manifest(tmp_path, lines), job())
    assert (report.indexed, report.already) == (1, 3)


def test_adding_only_known_photos_leaves_the_index_as_it_is(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 4)
    build_index(manifest, tmp_path / "ix", job())
    before = (tmp_path / "ix" / "manifest.json").read_bytes()
    report = add_to_index(tmp_path / "ix", manifest, job())
    assert (report.indexed, report.already, report.manifest) == (0, 4, None)
    assert (tmp_path / "ix" / "manifest.json").read_bytes() == before


def test_adding_with_another_encoder_or_to_nothing_is_refused(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 3)
    with pytest.raises(ReferenceIndexError, match="does not exist"):
        add_to_index(tmp_path / "ix", manifest, job())
    build_index(manifest, tmp_path / "ix", job())
    with pytest.raises(ReferenceIndexError, match="other/9"):
        add_to_index(tmp_path / "ix", manifest, job(CountingEncoder("other/9")))


def test_a_link_to_an_index_is_followed(tmp_path: Path) -> None:
    build_index(draw(tmp_path, 3), tmp_path / "ix", job())
    Path(tmp_path / "link").symlink_to("ix")
    add_to_index(tmp_path / "link", draw(tmp_path, 2, start=9), job())
    assert (tmp_path / "link").is_symlink()
    assert len(ids(tmp_path / "ix")) == 5


def test_a_missing_manifest_touches_nothing(tmp_path: Path) -> None:
    build_index(draw(tmp_path, 3), tmp_path / "ix", job())
    with pytest.raises(InputError, match=r"no\.jsonl"):
        build_index(tmp_path / "no.jsonl", tmp_path / "ix", job())
    assert len(ids(tmp_path / "ix")) == 3


def test_the_same_photo_under_two_ids_is_indexed_once(tmp_path: Path) -> None:
    manifest = draw(tmp_path, 2)
    (tmp_path / "copy.png").write_bytes((tmp_path / "1.png").read_bytes())
    line = json.dumps({"file": "copy.png", "lat": 5.0, "lon": 6.0, "id": "another"})
    manifest.write_text(f"{manifest.read_text()}\n{line}\n")
    report = build_index(manifest, tmp_path / "ix", job())
    assert (report.rows, report.indexed) == (3, 2)
    assert [problem.problem for problem in report.problems] == ["the same photo as line 2"]
