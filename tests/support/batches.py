"""Batches of small files with scripted tools, in this process or in one that is killed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from geoagent_graph.batch.listing import open_input
from geoagent_graph.batch.local_engine import with_row_numbers
from geoagent_graph.batch.locate_rows import locate_batch
from geoagent_graph.batch.options import BatchOptions
from geoagent_graph.batch.run import BatchReport, BatchRequest, run_batch
from geoagent_graph.batch.shards import ShardFolder
from geoagent_graph.errors import PhotoError
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.testing import MemoryImages, ScriptedPolicy, scripted_toolbox
from geoagent_graph.toolbox import Toolbox


class SmallPhotos(MemoryImages):
    """Photos by their bytes; those that begin with `bad` are none."""

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        """Return the reference of a photo."""
        content = source.read_bytes() if isinstance(source, Path) else source
        if content.startswith(b"bad"):
            raise PhotoError(f"{name}: not a photo")
        return super().open(content, name)


def use_tools(monkeypatch: pytest.MonkeyPatch, **parts: Any) -> Toolbox:
    """Let batches open scripted tools, and return them."""
    chosen = {"policy": ScriptedPolicy.towards_lisbon(), "images": SmallPhotos(), **parts}
    toolbox = scripted_toolbox(**chosen)
    monkeypatch.setattr("geoagent_graph.batch.options._OPENED", {})
    monkeypatch.setattr(
        "geoagent_graph.default_tools.open_toolbox", lambda *_args, **_options: toolbox
    )
    return toolbox


def locate_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let batches locate in this process: what a policy counts is seen, and nothing is started."""

    def locate_chunks(
        chunks: Iterator[pa.RecordBatch], options: BatchOptions, workers: int
    ) -> Iterator[pa.RecordBatch]:
        del workers
        return (with_row_numbers(locate_batch(chunk, options), chunk) for chunk in chunks)

    monkeypatch.setattr("geoagent_graph.batch.run._engine_of", lambda _name: locate_chunks)


def make_photos(folder: Path, count: int) -> Path:
    """Return a folder of small files in which every hundredth is no photo."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        kind = "bad" if number % 100 == 50 else "good"
        (folder / f"{number:04d}.jpg").write_text(f"{kind} {number}")
    return folder


def run(source: Path | str, out: Path, **choices: Any) -> BatchReport:
    """Run a batch with one process, or with what is chosen."""
    roots = choices.pop("roots", ())
    request = BatchRequest(
        source=open_input(str(source), roots), out=out, options=BatchOptions(), **choices
    )
    return run_batch(request)


def kept_rows(out: Path) -> list[dict[str, Any]]:
    """Return the rows of all shards of a batch, in the order of the shards."""
    shards = ShardFolder(out)
    numbers = range(len(list((out / "shards").glob("part-*.parquet"))))
    tables = [shards.read(number) for number in numbers]
    return [row for table in tables if table is not None for row in table.to_pylist()]
