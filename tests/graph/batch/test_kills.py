"""A batch that is killed at every file it writes, before and after: nothing lost, nothing twice."""

import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from geoagent_graph import whole_files
from geoagent_graph.batch.local_engine import with_row_numbers
from geoagent_graph.batch.locate_rows import batch_of_rows, locate_batch
from geoagent_graph.batch.options import BatchOptions
from tests.support.batches import kept_rows, make_photos, run, use_tools

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks what is scripted")
_ROWS = 40


def _run_and_die(photos: Path, out: Path, moment: int) -> None:
    """Run a batch and end this process at the so manyth moment before or after a rename."""
    moments = itertools.count()
    whole = Path.replace

    def replace(path: Path, target: Path) -> Any:
        for is_done in (False, True):
            if next(moments) == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            if not is_done:
                whole(path, target)
        return target

    vars(whole_files)["Path"].replace = replace
    run(photos, out, shard_rows=16)


def _answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every photo have the answer of one, so that a run costs its files alone."""
    one = pa.RecordBatch.from_pydict({"photo": ["one"], "bytes": [b"good"]})
    [answer] = locate_batch(one).to_pylist()

    def answer_chunks(
        chunks: Iterator[pa.RecordBatch], options: BatchOptions, workers: int
    ) -> Iterator[pa.RecordBatch]:
        del options, workers
        for chunk in chunks:
            rows = [{**answer, "photo": name} for name in chunk["photo"].to_pylist()]
            yield with_row_numbers(batch_of_rows(rows), chunk)

    monkeypatch.setattr("geoagent_graph.batch.run._engine_of", lambda _name: answer_chunks)


def _is_killed(run_batch: Callable[..., None], *arguments: object) -> bool:
    process = multiprocessing.get_context("fork").Process(target=run_batch, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode == -signal.SIGKILL


def _untimed(out: Path) -> list[dict[str, Any]]:
    return [{key: row[key] for key in row if key != "seconds"} for row in kept_rows(out)]


def test_a_killed_batch_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_tools(monkeypatch)
    _answer_at_once(monkeypatch)
    photos = make_photos(tmp_path / "photos", _ROWS)
    (photos / "0030.jpg").write_text("good 3")
    run(photos, tmp_path / "unbroken", shard_rows=16)
    for moment in (1, 4):  # each again and again, until it has gone beyond the end
        out = tmp_path / f"killed-{moment}"
        kills = 0
        while _is_killed(_run_and_die, photos, out, moment) and kills < 20:
            kills += 1
            done = kept_rows(out) if (out / "shards").is_dir() else []
            assert [row["row"] for row in done] == list(range(len(done)))
        run(photos, out)
        assert _untimed(out) == _untimed(tmp_path / "unbroken")
        assert list(out.rglob("*.part")) == []
        assert kills > 0
