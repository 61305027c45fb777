"""LangGraph's checkpointer for one case: parts are stored before what refers to them."""

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from geoagent_graph.cases.serializer import PlainSerializer
from geoagent_graph.errors import CheckpointError

if TYPE_CHECKING:
    import aiosqlite
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import (
        ChannelVersions,
        Checkpoint,
        CheckpointMetadata,
        CheckpointTuple,
    )


class CaseSaver(AsyncSqliteSaver):
    """Stores what a run hands it; a state's large values go into the table `parts`."""

    def __init__(self, connection: "aiosqlite.Connection", case: str) -> None:
        self.plain = PlainSerializer(case)
        super().__init__(connection, serde=self.plain)
        self._case = case
        self._storing = asyncio.Lock()

    async def load_parts(self) -> None:
        """Read the parts that are in the file."""
        rows = await self.conn.execute_fetchall("SELECT digest, content FROM parts")
        self.plain.parts.load((digest, content) for digest, content in rows)

    async def store_parts(self) -> None:
        """Store the parts that are not in the file yet, durable when this returns."""
        parts = self.plain.parts
        async with self._storing:
            new = list(parts.unstored.items())
            if new:
                async with self.lock:
                    await self.conn.executemany("INSERT OR IGNORE INTO parts VALUES (?, ?)", new)
                    await self.conn.commit()
                parts.note_stored(digest for digest, _ in new)

    async def aput(
        self,
        config: "RunnableConfig",
        checkpoint: "Checkpoint",
        metadata: "CheckpointMetadata",
        new_versions: "ChannelVersions",
    ) -> "RunnableConfig":
        """Store a checkpoint after its parts; see the base class."""
        with self.plain.prepare([checkpoint]):
            await self.store_parts()
            return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: "RunnableConfig",
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Store what a task wrote after its parts; see the base class."""
        with self.plain.prepare([value for _, value in writes]):
            await self.store_parts()
            await super().aput_writes(config, writes, task_id, task_path)

    async def aget_tuple(self, config: "RunnableConfig") -> "CheckpointTuple | None":
        """Return a checkpoint; see the base class.

        Raises:
            CheckpointError: its row is damaged.
        """
        try:
            return await super().aget_tuple(config)
        except (json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
            raise CheckpointError(f"{self._case}: holds a damaged row") from error
