"""What happens when a run ends: it is counted, and told to the webhook."""

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoagent_graph.errors import GeoAgentError
from geoagent_graph.serve.metrics import Metrics

if TYPE_CHECKING:
    from geoagent_graph.serve.service import Service
    from geoagent_graph.serve.webhook import Webhook

MAX_WAITING = 10_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run that ended, and how many seconds it took."""

    name: str
    branch: str
    seconds: float


class RunEnds:
    """Takes ended runs from the runner at once, and works through them beside it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[RunEnd] = asyncio.Queue(MAX_WAITING)

    def add(self, end: RunEnd) -> None:
        """Take a run that ended; where too many wait, the log says that one is lost."""
        try:
            self._queue.put_nowait(end)
        except asyncio.QueueFull:
            _log.warning("%s/%s: its end was neither counted nor told", end.name, end.branch)

    async def work(self, service: "Service", metrics: Metrics, webhook: "Webhook | None") -> None:
        """Count and tell the runs that end, for as long as this is awaited."""
        while True:
            end = await self._queue.get()
            try:
                state = await service.unwatched_state(end.name, end.branch)
            except GeoAgentError as error:
                _log.warning("%s/%s: its end was not told: %s", end.name, end.branch, error)
                continue
            metrics.count_run(state.status, end.seconds)
            if webhook is not None:
                webhook.add(state)
