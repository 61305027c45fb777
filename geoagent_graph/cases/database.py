"""The file of one case, `case.sqlite`: LangGraph's checkpoints beside what the case is.

`about` holds one JSON object, see `rows.About`. `branches` names the
LangGraph threads that count; a branch that is not listed was never finished. The first branch
of every further photo holds that photo. `journal` holds what is said beside the run: notes,
failures, changed versions, each after the checkpoint it followed; and under `*` what is said of
several photos together. `parts` holds what is large in checkpoints and writes, each once, see
`parts.Parts`. Every change is one transaction, durable when it returns.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.cases.rows import SCHEMA_VERSION, About, about_of, json_object
from geoagent_graph.cases.storage import read_address, storage_errors, write_address
from geoagent_graph.errors import CheckpointError
from geoagent_graph.types import Json

if TYPE_CHECKING:
    import aiosqlite

    from geoagent_graph.cases.saver import CaseSaver

_log = logging.getLogger(__name__)
TRIP = "*"
"""In the journal, the branch of what is said of all photos of a case together."""
_TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS about (id INTEGER PRIMARY KEY CHECK (id = 1), content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS branches (name TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    branch TEXT NOT NULL,
    after_checkpoint TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS parts (digest BLOB PRIMARY KEY, content BLOB NOT NULL);
COMMIT;
"""
_KNOWN = frozenset(
    {"about", "branches", "journal", "checkpoints", "writes", "parts", "sqlite_sequence"}
)
_STATE_TABLES = (("checkpoints", "checkpoint"), ("writes", "value"))
_COPY_CHECKPOINTS = """
INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type,
    checkpoint, metadata)
SELECT ?, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata
FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id <= ?
"""
_COPY_WRITES = """
INSERT INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type,
    value)
SELECT ?, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value
FROM writes WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id < ?
"""


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """One row of LangGraph's checkpoints: the state after a superstep."""

    id: str
    parent: str | None
    time: str
    state: Json


class CaseDatabase:
    """An open `case.sqlite`; `saver` is what the graph is compiled with."""

    def __init__(self, saver: "CaseSaver", case: str) -> None:
        self.saver = saver
        self.case = case

    async def about(self) -> About | None:
        """Return what the case is, None where it never began.

        Raises:
            CheckpointError: it was made by a newer or an incompatible version, or is damaged.
        """
        rows = await self._fetch_rows("SELECT content FROM about WHERE id = 1")
        return about_of(rows[0][0], self.case) if rows else None

    async def begin(
        self, about: About, photos: Sequence[tuple[str, Json]], said: list[Json]
    ) -> None:
        """Store what the case is, the first branch of each photo, and what is said of them."""
        await self._execute_all(
            ("INSERT INTO about (id, content) VALUES (1, ?)", (about.model_dump_json(),)),
            *_photo_rows(photos, said),
        )

    async def add_photos(self, photos: Sequence[tuple[str, Json]], said: list[Json]) -> None:
        """Store the first branch of more photos, and what is said of them."""
        await self._execute_all(*_photo_rows(photos, said))

    async def migrate(self, about: About) -> None:
        """Let a case of an earlier schema be one of this version; all its rows stay.

        What they hold is written anew, large values apart; the file becomes smaller.
        """
        if about.schema_version == SCHEMA_VERSION:
            return
        current = about.model_copy(update={"schema_version": SCHEMA_VERSION})
        rewritten = [await self._rewrite_rows(*table) for table in _STATE_TABLES]
        await self.saver.store_parts()
        await self._execute_all(
            *itertools.chain(*rewritten),
            ("UPDATE about SET content = ? WHERE id = 1", (current.model_dump_json(),)),
        )
        await self._give_back_space()

    async def _give_back_space(self) -> None:
        try:
            await self.saver.conn.execute("VACUUM")
        except sqlite3.OperationalError as error:  # somebody reads, or there is no room for a copy
            _log.warning(
                "%s: is migrated, but its file stays as large as it was (%s); what is free in it "
                "is used as the case grows",
                self.case,
                error,
            )

    async def _rewrite_rows(self, table: str, column: str) -> list[tuple[str, tuple[Any, ...]]]:
        """Return what writes the states of a table, one of ours, as this version does."""
        rows = await self._fetch_rows(f"SELECT rowid, type, {column} FROM {table}")  # noqa: S608
        update = f"UPDATE {table} SET type = ?, {column} = ? WHERE rowid = ?"  # noqa: S608
        serializer = self.saver.plain
        return [
            (update, (*serializer.dumps_typed(serializer.loads_typed((kind, content))), rowid))
            for rowid, kind, content in rows
        ]

    async def branches(self) -> dict[str, Json]:
        """Return the branches that count, the first one first."""
        rows = await self._fetch_rows("SELECT name, content FROM branches ORDER BY rowid")
        return {name: json_object(content, self.case) for name, content in rows}

    async def add_branch(self, branch: str, content: Json) -> None:
        """Let a branch count whose checkpoints are all there."""
        await self._execute_all(
            ("INSERT INTO branches VALUES (?, ?)", (branch, json.dumps(content)))
        )

    async def copy_thread(self, source: str, upto: str, branch: str) -> None:
        """Copy a branch's checkpoints up to one of them, and what was noted on the way.

        Who had that branch in hand, and signed it, is said of that branch alone.
        """
        await self._execute_all(
            ("DELETE FROM checkpoints WHERE thread_id = ?", (branch,)),
            ("DELETE FROM writes WHERE thread_id = ?", (branch,)),
            ("DELETE FROM journal WHERE branch = ?", (branch,)),
            (_COPY_CHECKPOINTS, (branch, source, upto)),
            (_COPY_WRITES, (branch, source, upto)),
            (
                "INSERT INTO journal (branch, after_checkpoint, content) SELECT ?, "
                "after_checkpoint, content FROM journal WHERE branch = ? AND after_checkpoint < ? "
                "AND json_extract(content, '$.event') NOT IN ('custody', 'signature') ORDER BY id",
                (branch, source, upto),
            ),
        )

    async def note(self, branch: str, after_checkpoint: str, content: Json) -> None:
        """Add to the journal what was said after a checkpoint; empty for before the first."""
        await self._execute_all(_journal_row(branch, after_checkpoint, content))

    async def journal(self, branch: str, after_id: int = 0) -> list[tuple[int, str, Json]]:
        """Return (id, checkpoint, content) of what was said beside a branch, in order."""
        rows = await self._fetch_rows(
            "SELECT id, after_checkpoint, content FROM journal WHERE branch = ? AND id > ? "
            "ORDER BY id",
            (branch, after_id),
        )
        return [
            (number, checkpoint, json_object(content, self.case))
            for number, checkpoint, content in rows
        ]

    async def checkpoints(self, branch: str, after: str = "") -> AsyncIterator[StoredCheckpoint]:
        """Yield a branch's checkpoints after one of them, in order.

        Raises:
            CheckpointError: they are no unbroken chain, or damaged.
        """
        rows = await self._fetch_rows(
            "SELECT checkpoint_id, parent_checkpoint_id, type, checkpoint FROM checkpoints "
            "WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id > ? "
            "ORDER BY checkpoint_id",
            (branch, after),
        )
        expected = after or None
        for checkpoint_id, parent, kind, blob in rows:
            if parent != expected:
                raise CheckpointError(f"{self.case}: its checkpoints are no unbroken chain")
            expected = checkpoint_id
            value = self.saver.plain.loads_shared((kind, blob))
            try:
                state = value["channel_values"]
                yield StoredCheckpoint(checkpoint_id, parent, str(value["ts"]), dict(state))
            except (KeyError, TypeError, ValueError) as error:
                raise CheckpointError(f"{self.case}: holds a damaged checkpoint") from error

    async def last_checkpoint(self, branch: str) -> str:
        """Return the id of a branch's newest checkpoint, empty where there is none."""
        rows = await self._fetch_rows(
            "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ''",
            (branch,),
        )
        return rows[0][0] or ""

    async def _fetch_rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        async with self.saver.lock, self.saver.conn.execute(query, values) as cursor:
            return list(await cursor.fetchall())

    async def _execute_all(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        async with self.saver.lock:
            try:
                for statement, values in statements:
                    await self.saver.conn.execute(statement, values)
                await self.saver.conn.commit()
            except BaseException:
                await self.saver.conn.rollback()
                raise


def _photo_rows(
    photos: Sequence[tuple[str, Json]], said: list[Json]
) -> list[tuple[str, tuple[Any, ...]]]:
    rows: list[tuple[str, tuple[Any, ...]]] = [
        ("INSERT INTO branches VALUES (?, ?)", (branch, json.dumps(content)))
        for branch, content in photos
    ]
    return rows + [_journal_row(TRIP, "", content) for content in said]


def _journal_row(branch: str, after: str, content: Json) -> tuple[str, tuple[Any, ...]]:
    timed = json.dumps({**content, "time": now()})
    return (
        "INSERT INTO journal (branch, after_checkpoint, content) VALUES (?, ?, ?)",
        (branch, after, timed),
    )


@contextlib.asynccontextmanager
async def open_database(
    path: Path, case: str, *, read_only: bool = False
) -> AsyncIterator[CaseDatabase]:
    """Yield the database of a case; `read_only` leaves the file as it is.

    Raises:
        StorageError: it cannot be opened, read or written.
        CheckpointError: it is no case, or damaged.
    """
    import aiosqlite

    from geoagent_graph.cases.saver import CaseSaver

    reading = read_address(path) if read_only else contextlib.nullcontext(write_address(path))
    with storage_errors(case, path), reading as address:
        async with aiosqlite.connect(address, uri=True, timeout=5.0) as connection:
            await connection.execute("PRAGMA trusted_schema = OFF")
            await connection.execute("PRAGMA synchronous = FULL")
            tables = await _own_tables(connection, case)
            if read_only and "about" not in tables:
                raise CheckpointError(f"{case}: was never begun")
            saver = CaseSaver(connection, case)
            try:
                if read_only:
                    saver.is_setup = True
                else:
                    await saver.setup()
                    await connection.executescript(_TABLES)
                if not read_only or "parts" in tables:
                    await saver.load_parts()
                yield CaseDatabase(saver, case)
            finally:
                await _end_transaction(saver)


async def _end_transaction(saver: "CaseSaver") -> None:
    """Take back what a cancelled write left undone, before the file is closed.

    SQLite keeps the lock of an open transaction for as long as anything refers to one of its
    statements, even after `close`: the cancelled task's traceback does, until it is collected.
    """

    async def roll_back() -> None:
        async with saver.lock:  # a write that has begun in another task comes first
            await saver.conn.rollback()

    await asyncio.shield(roll_back())


async def _own_tables(connection: "aiosqlite.Connection", case: str) -> set[str]:
    """Return a case's tables; others are refused: a trigger or a view would run with ours."""
    rows = await connection.execute_fetchall("SELECT type, tbl_name FROM sqlite_master")
    if any(kind not in ("table", "index") or table not in _KNOWN for kind, table in rows):
        raise CheckpointError(f"{case}: case.sqlite was not made by this program; it is not read")
    return {table for _, table in rows}


def now() -> str:
    """Return the time as a trace writes it."""
    return datetime.now(UTC).isoformat()


def check_clock(case: str, last: str) -> None:
    """Refuse to go on before the time of the last checkpoint: they are ordered by time.

    Raises:
        CheckpointError: this machine's clock is behind it.
    """
    if last and datetime.fromisoformat(last) > datetime.fromisoformat(now()):
        raise CheckpointError(
            f"{case}: its last step is of {last}, and this machine's clock is behind "
            "that. Set the clock."
        )
