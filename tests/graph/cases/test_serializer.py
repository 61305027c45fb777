"""Crafted checkpoints execute nothing."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import ormsgpack
import pytest

from geoagent_graph.cases.serializer import PlainSerializer
from geoagent_graph.errors import CheckpointError
from tests.support.cases import (
    go_on,
    photo_bytes,
    store_in,
    tools,
)


def attacks(mark: Path) -> list[tuple[str, bytes]]:
    """Return rows that make a file, each in another way, where they are believed."""
    command = f"touch {mark}"
    calls: list[Any] = [
        ("os", "system", command),
        ("os", "system", [command]),
        ("subprocess", "call", {"args": command, "shell": True}),
        ("builtins", "eval", f"open({str(mark)!r}, 'w')"),
        ("pathlib", "Path", str(mark), "touch"),
        ("geoagent_graph.types", "Box", {"left": 0}, "model_validate_json"),
    ]
    rows = []
    for code in range(9):
        for call in calls:
            inner = ormsgpack.packb(call)
            rows.append(("msgpack", ormsgpack.packb(ormsgpack.Ext(code, inner))))
            nested = ormsgpack.packb(
                ["langgraph.types", "Send", ["score", ormsgpack.Ext(code, inner)]]
            )
            rows.append(("msgpack", ormsgpack.packb({"a": [ormsgpack.Ext(1, nested)]})))
    envelope = {"lc": 2, "type": "constructor", "id": ["os", "system"], "args": [command]}
    rows.append(("json", json.dumps(envelope).encode()))
    loader = {"lc": 1, "type": "constructor", "id": ["langchain_core", "x"], "kwargs": {}}
    rows.append(("json", json.dumps(loader).encode()))
    rows.append(("pickle", f"cos\nsystem\n(S'{command}'\ntR.".encode()))
    rows.append(("bytes", b"x"))
    return rows


def test_no_crafted_value_is_believed(tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    for row in attacks(mark):
        with pytest.raises(CheckpointError, match="one: "):
            PlainSerializer("one").loads_typed(row)
    assert not mark.exists()


def test_what_a_run_stores_comes_back() -> None:
    from langgraph.types import Interrupt, Send

    serializer = PlainSerializer("one")
    for value in (
        {"a": [1, 2.5, None, True, "é"]},
        [Send("score", {"round": 1})],
        [Interrupt(value={"level": "city"}, id="0" * 32)],
        None,
    ):
        assert serializer.loads_typed(serializer.dumps_typed(value)) == value


@pytest.mark.parametrize("table", ["checkpoints", "writes"])
async def test_no_crafted_row_is_believed(tmp_path: Path, table: str) -> None:
    mark = tmp_path / "owned"
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        async for _ in case.run(one_step=True):
            pass
    path = store.database_path("one")
    whole = path.read_bytes()
    rows = attacks(mark)
    for kind, blob in [*rows[::9], *rows[-4:]]:
        path.write_bytes(whole)
        column = "checkpoint" if table == "checkpoints" else "value"
        with sqlite3.connect(path) as database:
            database.execute(f"UPDATE {table} SET type = ?, {column} = ?", (kind, blob))
            if table == "writes":  # let them belong to the step that comes next
                database.execute(
                    "UPDATE writes SET checkpoint_id = (SELECT max(checkpoint_id) FROM checkpoints)"
                )
        database.close()
        with pytest.raises(CheckpointError):
            await go_on(tmp_path)
    assert not mark.exists()
