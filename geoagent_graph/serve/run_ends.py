"""The runs that have ended and are not reported yet."""

import asyncio
import logging
from dataclasses import dataclass

MAX_WAITING = 10_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run that ended, and how many seconds it took."""

    name: str
    branch: str
    seconds: float


class RunEnds:
    """Takes ended runs from the runner, which waits for nobody."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[RunEnd] = asyncio.Queue(MAX_WAITING)

    def add(self, end: RunEnd) -> None:
        """Take a run that ended; where too many wait, the log says that one is lost."""
        try:
            self._queue.put_nowait(end)
        except asyncio.QueueFull:
            _log.warning("%s/%s: its end was neither counted nor told", end.name, end.branch)

    async def next(self) -> RunEnd:
        """Return the run that ended first, once there is one."""
        return await self._queue.get()
