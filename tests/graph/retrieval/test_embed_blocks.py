"""Photos embedded in other processes, or by Ray: the same index, whoever did what and when."""

import dataclasses
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from benchmarks.index_kills import contents
from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.retrieval import embed_blocks
from geoagent_graph.retrieval.embed_blocks import DigestList, embed_elsewhere
from geoagent_graph.retrieval.index_build import IndexReport, build_index
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.testing import MeanColourEncoder
from geoagent_graph.workers.block_processes import BlockWork
from tests.graph.retrieval.test_index_build import decode, draw, job, write_manifest
from tests.support.paths import ROOT


class Colours(MeanColourEncoder):
    """The mean colour of a photo; places are learnt from the darkest colour of each channel."""

    @property
    def place_encoder(self) -> "Darkest":
        """What an index learns places with."""
        return Darkest()


class Darkest:
    """The least of each channel."""

    encoder_id = "darkest/1"
    dimension = 3

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors of photos."""
        least = np.stack([photo.min(axis=(0, 1)) for photo in photos]).astype(np.float32)
        return np.asarray(least / np.linalg.norm(least, axis=1, keepdims=True), np.float32)


def open_embedder() -> PhotoEmbedder:
    return PhotoEmbedder(Colours(), decode, 1_000_000)


def open_deadly() -> PhotoEmbedder:
    def decode_or_die(data: bytes, name: str) -> NDArray[np.uint8]:
        if name.endswith("/9.png"):
            os.kill(os.getpid(), signal.SIGKILL)
        return decode(data, name)

    return dataclasses.replace(open_embedder(), decode=decode_or_die)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return a table of 30 photos, of which one is none, one missing, and two are the same."""
    manifest = draw(tmp_path, 30)
    (tmp_path / "11.png").write_bytes(b"no photo")
    (tmp_path / "12.png").unlink()
    shutil.copy(tmp_path / "3.png", tmp_path / "27.png")
    return manifest


def build(manifest: Path, name: str, **changes: Any) -> IndexReport:
    chosen = {"keypoints": True, **changes}
    return build_index(manifest, manifest.parent / name, job(Colours(), **chosen))


def elsewhere(name: embed_blocks.EngineName) -> Any:
    return embed_elsewhere(name, open_embedder, Colours().encoder_id, 2)


def backwards(
    blocks: Iterator[pa.RecordBatch], work: BlockWork, workers: int
) -> Iterator[pa.RecordBatch]:
    """Answer in this process, the last block first."""
    return map(work.open_answer(), reversed(list(blocks)))


def backwards_by_ray(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(embed_blocks, "import_ray", lambda: None)
    monkeypatch.setattr(embed_blocks, "map_on_ray", backwards)
    return elsewhere("ray")


def test_the_index_is_the_same_wherever_photos_are_embedded(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = build(manifest, "here")
    assert (here.indexed, len(here.problems)) == (27, 3)
    wanted = contents(manifest.parent / "here")
    engines = {"processes": elsewhere("local"), "ray": backwards_by_ray(monkeypatch)}
    for name, engine in engines.items():
        report = build(manifest, name, engine=engine)
        assert report.problems == here.problems
        assert contents(manifest.parent / name) == wanted


def test_what_a_stopped_build_embedded_is_not_embedded_again(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_after_16(done: int, total: int) -> None:
        if done == 16:
            raise KeyboardInterrupt

    wanted = build(manifest, "here")
    with pytest.raises(KeyboardInterrupt):
        build(manifest, "stopped", on_photo=stop_after_16)
    report = build(manifest, "stopped", engine=backwards_by_ray(monkeypatch))
    assert report.resumed >= 14
    assert report.indexed == wanted.indexed
    assert contents(manifest.parent / "stopped") == contents(manifest.parent / "here")


@pytest.mark.skipif(sys.platform != "linux", reason="the end of a process is seen in a fork")
def test_a_photo_that_ends_its_process_is_a_problem_of_its_row(tmp_path: Path) -> None:
    engine = embed_elsewhere("local", open_deadly, Colours().encoder_id, 2)
    report = build(draw(tmp_path, 20), "ix", engine=engine)
    assert report.indexed == 19
    [problem] = report.problems
    assert (problem.line, "ended the process" in problem.problem) == (10, True)


def test_a_file_whose_name_is_no_text_is_found(tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    try:
        Path(folder).mkdir()
    except OSError:
        pytest.skip("this file system takes no such names")
    (Path(folder) / "0.png").write_bytes(b"")
    draw(Path(folder), 3)
    (Path(folder) / "2.png").write_bytes(b"no photo")
    report = build(Path(folder) / "manifest.jsonl", "ix", engine=elsewhere("local"))
    assert (report.indexed, len(report.problems)) == (2, 1)


def test_another_encoder_elsewhere_is_refused(manifest: Path) -> None:
    engine = embed_elsewhere("local", open_embedder, "another/1", 1)
    with pytest.raises(ToolError, match="mean-colour/1 where photos are embedded"):
        build(manifest, "ix", engine=engine)


def test_without_ray_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"install geoagent-graph\[ray\]"):
        elsewhere("ray")


def test_a_list_of_digests_knows_its_own_and_no_other() -> None:
    known = [f"{number:064x}" for number in (7, 2, 900)] + ["f" * 64]
    digests = DigestList.of(iter(known))
    assert all(digest in digests for digest in known)
    others = [f"{number:064x}" for number in (0, 3, 901)]
    assert not any(digest in digests for digest in others)
    assert others[0] not in DigestList.of(iter(()))


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")
def test_ray_itself_makes_the_same_index(tmp_path: Path) -> None:
    lines = [{"file": f"{n}.png", "lat": 1, "lon": n, "country": "PT"} for n in range(20)]
    draw(tmp_path, 20)
    (tmp_path / "4.png").write_bytes(b"no photo")
    manifest = write_manifest(tmp_path, lines, "photos.jsonl")
    for engine in ("local", "ray"):
        command = ["index", "build", manifest, "--out", tmp_path / engine, "--engine", engine]
        subprocess.run(
            [sys.executable, "-m", "geoagent_graph.cli", *map(str, command), "--workers", "1"],
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
