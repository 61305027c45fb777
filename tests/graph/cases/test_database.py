"""A damaged, foreign or crafted file is refused in one line."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from geoagent_graph.cases.database import open_database
from geoagent_graph.errors import CheckpointError, InputError, StorageError
from tests.support.cases import begin, go_on, store_in


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty"])
async def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).database_path("one")
    content = path.read_bytes()
    kinds = {
        "truncated": content[: len(content) // 2],
        "garbage": b"not a database at all" * 500,
        "empty": b"",
    }
    path.write_bytes(kinds[damage])
    with pytest.raises((CheckpointError, StorageError, InputError)) as caught:
        await go_on(tmp_path)
    assert "one" in str(caught.value)


async def test_every_flipped_byte_of_the_file_is_an_error_or_harmless(tmp_path: Path) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).database_path("one")
    whole, trace = path.read_bytes(), store_in(tmp_path).trace_text("one")
    for position in range(7, len(whole), len(whole) // 60):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x5A]) + whole[position + 1 :])
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        with contextlib.suppress(CheckpointError, StorageError, InputError):
            assert await go_on(tmp_path) == []
        assert store_in(tmp_path).trace_text("one") == trace


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON checkpoints BEGIN DELETE FROM about; END",
        "CREATE VIEW v AS SELECT * FROM about",
        "CREATE TABLE evil (x)",
    ],
)
async def test_a_file_with_more_than_ours_is_refused(tmp_path: Path, statement: str) -> None:
    await begin(tmp_path)
    with sqlite3.connect(store_in(tmp_path).database_path("one")) as database:
        database.execute(statement)
    database.close()
    with pytest.raises((CheckpointError, StorageError), match="one"):
        await go_on(tmp_path)


async def test_a_write_that_was_cancelled_leaves_no_lock(tmp_path: Path) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).database_path("one")
    async with open_database(path, "one") as database:
        # what cancelled tasks leave: a change that was not stored, and rows nobody took
        await database.saver.conn.execute("INSERT INTO branches VALUES ('half', '{}')")
        kept = await database.saver.conn.execute("SELECT name FROM branches")
    async with open_database(path, "one") as database:
        await database.add_branch("whole", {})
        assert [*await database.branches()] == ["main", "whole"]
    assert kept


async def test_a_file_that_was_never_begun_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "case.sqlite"
    path.touch()
    with pytest.raises(CheckpointError, match="one: was never begun"):
        async with open_database(path, "one", read_only=True):
            pass
