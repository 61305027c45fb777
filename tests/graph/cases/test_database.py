"""A damaged, foreign or crafted file is refused in one line."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

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
