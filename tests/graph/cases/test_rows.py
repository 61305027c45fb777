"""Every stored row is checked before anything works with it."""

import json
import sqlite3
from pathlib import Path

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from geoagent_graph.cases.serializer import PlainSerializer
from geoagent_graph.errors import CheckpointError
from geoagent_graph.state import GRAPH_VERSION
from tests.support.cases import begin, go_on, photo_bytes, store_in, tools


@pytest.mark.parametrize("key", ["schema_version", "graph_version"])
async def test_another_version_is_refused_clearly(tmp_path: Path, key: str) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).database_path("one")
    with sqlite3.connect(path) as database:
        about = json.loads(database.execute("SELECT content FROM about").fetchone()[0])
        assert about["graph_version"] == GRAPH_VERSION
        database.execute("UPDATE about SET content = ?", (json.dumps({**about, key: 999}),))
    database.close()
    with pytest.raises(CheckpointError, match="is 999, this version works with"):
        await go_on(tmp_path)
    assert store_in(tmp_path).read("one").status == "answered"  # its trace can still be read


async def test_every_value_of_a_state_is_checked(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        for _ in range(6):
            async for _ in case.run(one_step=True):
                pass
    path, serializer = store.database_path("one"), PlainSerializer("one")
    whole, trace = path.read_bytes(), store.trace_text("one")
    with sqlite3.connect(path) as database:
        newest, *row = database.execute(
            "SELECT checkpoint_id, type, checkpoint FROM checkpoints "
            "ORDER BY checkpoint_id DESC LIMIT 1"
        ).fetchone()
        serializer.parts.load(database.execute("SELECT digest, content FROM parts"))
    database.close()
    checkpoint = serializer.loads_typed((row[0], row[1]))
    keys = [key for key in checkpoint["channel_values"] if not key.startswith(("branch:", "__"))]
    assert {"steps", "image", "accepted", "levels", "clues"} <= set(keys)
    for key in [*keys, None]:
        for value in (7, "x", [{"a": [1]}], {"level": "moon"}, float("nan")):
            if key is None:
                changed = {**checkpoint, "channel_values": value}
            else:
                changed = {
                    **checkpoint,
                    "channel_values": {**checkpoint["channel_values"], key: value},
                }
            path.write_bytes(whole)
            with sqlite3.connect(path) as database:
                crafted = JsonPlusSerializer().dumps_typed(changed)  # whole, without parts
                statement = (
                    "UPDATE checkpoints SET type = ?, checkpoint = ? WHERE checkpoint_id = ?"
                )
                database.execute(statement, (*crafted, newest))
            database.close()
            if key in ("done", "round", "attempt", "counted_from") and value == 7:
                continue  # a number where a number may be
            with pytest.raises(CheckpointError):
                await go_on(tmp_path)
            assert store.trace_text("one") == trace


@pytest.mark.parametrize("table", ["about", "branches", "journal"])
@pytest.mark.parametrize(
    "content", ["", "[]", "7", '{"a": 1}', '{"event": "os.system"}', "{" * 9999]
)
async def test_every_row_beside_the_checkpoints_is_checked(
    tmp_path: Path, table: str, content: str
) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.note("x")
    with sqlite3.connect(store_in(tmp_path).database_path("one")) as database:
        database.execute(f"UPDATE {table} SET content = ?", (content,))
    database.close()
    if table == "branches" and content in ('{"a": 1}', '{"event": "os.system"}'):
        return  # nothing that is looked at
    with pytest.raises(CheckpointError, match="one"):
        await go_on(tmp_path)
