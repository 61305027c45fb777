"""Actors of Ray: what ends one, what an error of Ray is about; where Ray is installed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from geoagent_graph.workers.block_actors import words_of

OURS = """ray::MapWorker.submit() (pid=1)
  File "embed_blocks.py", line 120, in open_block_maker
geoagent_graph.errors.ToolError: The encoder broke.

The above exception was the direct cause of the following exception:

ray.exceptions.UserCodeException: UDF failed to process a data block.
To change retry attempts configure the context.
"""


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        (OURS, "The encoder broke."),
        ("The node died.\n  Look at its logs.\n", "Ray gave up: Look at its logs."),
        ("", "Ray gave up: it says no reason"),
    ],
)
def test_the_words_of_an_error_are_ours_or_its_last(trace: str, words: str) -> None:
    assert words_of(trace) == words


DEADLY = """
import json, os, signal, sys
import pyarrow as pa
import ray
from geoagent_graph.batch.local_engine import fail_photo, open_locator
from geoagent_graph.batch.options import BatchOptions
from geoagent_graph.errors import GeoAgentError, InputError
from geoagent_graph.workers.block_actors import map_on_ray
from geoagent_graph.workers.block_processes import BlockWork
from geoagent_graph.workers.worker_count import count_cpus

def open_deadly():
    locate = open_locator(BatchOptions())
    def answer(chunk):
        for photo in chunk["photo"].to_pylist():
            if photo.endswith("2.jpg"):
                os.kill(os.getpid(), signal.SIGKILL)
            if photo.endswith("4.jpg"):
                raise ValueError("a fault of ours")
        return locate(chunk)
    return answer

def open_nothing():
    raise InputError("there are no weights")

out, *photos = sys.argv[1:]
chunk = pa.RecordBatch.from_pydict({"photo": photos, "row": list(range(len(photos)))})
chunks = (chunk.slice(start, 3) for start in range(0, len(photos), 3))
ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)
found = {"cpus": count_cpus("ray"), "rows": []}
for answers in map_on_ray(chunks, BlockWork(open_deadly, fail_photo), 2):
    names = ["row", "photo", "level", "error", "error_kind"]
    found["rows"] += answers.select(names).to_pylist()
try:
    list(map_on_ray(iter([chunk]), BlockWork(open_nothing, fail_photo), 2))
except GeoAgentError as error:
    found["words"] = str(error)
with open(out, "w") as file:
    json.dump(found, file)
"""


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")
def test_a_photo_that_ends_its_actor_takes_no_other_with_it(tmp_path: Path) -> None:
    photos = [tmp_path / f"{number}.jpg" for number in range(6)]
    for number, photo in enumerate(photos):
        Image.new("RGB", (64, 48), (40 * number, 90, 120)).save(photo)
    done = subprocess.run(
        [sys.executable, "-c", DEADLY, str(tmp_path / "found.json"), *map(str, photos)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "found.json").read_text())
    rows = sorted(found["rows"], key=lambda row: row["row"])
    assert [row["row"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert {row["row"]: row["error_kind"] for row in rows if row["error"]} == {
        2: "ToolError",
        4: "ToolError",
    }
    assert "2.jpg: ended the process that located it (LostActorError)" in rows[2]["error"]
    assert "4.jpg: ended the process that located it (RayTaskError" in rows[4]["error"]
    assert rows[0]["level"] == "none"  # it was located: a plain photo shows no place
    assert found["cpus"] == 3
    assert found["words"] == "there are no weights"
