"""Waiting for the end of a run, so that one request can be asked for its answer."""

import asyncio
from typing import Annotated, Final

from fastapi import Query

from geoagent_graph.serve.feed import wait_for
from geoagent_graph.serve.schemas import CaseState
from geoagent_graph.serve.service import Service

POLL_SECONDS: Final = 1.0  # another process may write the trace
MAX_WAIT_SECONDS: Final = 600.0
GOING_ON: Final = frozenset({"queued", "running"})
WaitSeconds = Annotated[
    float,
    Query(ge=0, le=MAX_WAIT_SECONDS, description="Longest wait for the end of the run, in s."),
]


async def wait_until_ended(service: Service, name: str, branch: str, seconds: float) -> CaseState:
    """Return a branch once its run has ended, or as it stands after some seconds.

    Whoever waits counts as watching.

    Raises:
        HTTPException: 404, there is no such case or branch; 429, as many wait or listen as may.
        CheckpointError: its trace is damaged or was changed.
    """
    runner, now = service.runner, asyncio.get_running_loop().time
    state, ends = await service.state(name, branch), now() + seconds
    if state.status not in GOING_ON or seconds <= 0:
        return state
    feed = runner.feed(name, branch)
    with runner.subscribers.listen((name, branch)):
        while not runner.closing.is_set() and now() < ends:
            next_change = feed.next_change()
            if runner.status(name, branch) is None:
                break
            await wait_for(next_change, min(POLL_SECONDS, ends - now()))
    return await service.state(name, branch)
