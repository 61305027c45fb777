"""The events of a case as they happen."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from geoagent_graph.cases.names import MAIN
from geoagent_graph.errors import GeoAgentError
from geoagent_graph.serve.feed import wait_for
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.schemas import CaseState
from geoagent_graph.serve.service import Branch, CaseId, Service, TheService

router = APIRouter(prefix="/v1/cases/{case}", tags=["cases"])
POLL_SECONDS = 1.0  # another process may write the trace
ABORT = "geoagent.abort"  # in an ASGI scope: what cuts the connection off
_log = logging.getLogger(__name__)


class EventStream(EventSourceResponse):
    """A stream that counts as a listener, and whose client is cut off when it does not read."""

    listening: AbstractContextManager[None] = nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the stream ends or its client goes."""
        try:
            with self.listening:
                await super().__call__(scope, receive, send)
        except SendTimeoutError:
            _log.info("a client did not read its events; the connection is cut off")
            abort = scope.get("extensions", {}).get(ABORT)
            if abort is not None:
                abort()
                while (await receive())["type"] != "http.disconnect":
                    pass


@router.get(
    "/events",
    summary="The events as they happen",
    response_class=EventStream,
    responses={
        200: {"description": "Server-sent events", "content": {"text/event-stream": {}}},
        **problem_responses(404, 409),
    },
)
async def events(
    service: TheService,
    case: CaseId,
    branch: Branch = MAIN,
    after: Annotated[
        int | None, Query(ge=-1, le=10_000_000, description="Leave out events up to this `seq`.")
    ] = None,
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,8}$")] = None,
) -> EventStream:
    """Every event of the trace once, in order, then every new one; `state` where it changes.

    `id` is the event's `seq`, `event` its kind, `data` its line of the trace. `Last-Event-ID` or
    `after` resumes. `state` events have no `id`; their `data` is the case without candidates. The
    stream stays open after the answer; the server ends it after an hour.
    """
    await service.note_view(case, branch)
    await service.view(case, branch)  # a trace that does not hold is refused here
    seen = int(last_event_id) if last_event_id is not None else after
    limits = service.about.limits
    stream = EventStream(
        _event_lines(service, case, branch, -1 if seen is None else seen),
        ping=15,
        send_timeout=limits.send_seconds,
        sep="\n",
    )
    stream.listening = service.runner.subscribers.listen((case, branch))
    return stream


async def _event_lines(
    service: Service, case: str, branch: str, seen: int
) -> AsyncIterator[ServerSentEvent]:
    runner, now = service.runner, asyncio.get_running_loop().time
    ends = now() + service.about.limits.stream_seconds
    await runner.resume_abandoned(case, branch)
    feed, shown, marked = runner.feed(case, branch), None, None
    while not runner.closing.is_set() and now() < ends:
        next_change = feed.next_change()
        try:
            mark = service.state_mark(case, branch)
            if mark == marked:  # most of the time: hundreds of streams look once a second
                await wait_for(next_change, min(POLL_SECONDS, max(0.0, ends - now())))
                continue
            marked = mark
            state = await service.state(case, branch)
            # The lines after the state, so that it is never ahead of them.
            for seq, kind, text in feed.lines_from(seen + 1):
                yield ServerSentEvent(id=str(seq), event=kind, data=text)
                seen = seq
        except (GeoAgentError, HTTPException) as error:
            _log.warning("%s/%s: a stream of events ends: %s", case, branch, error)
            return
        standing = _state_key(state)
        if standing != shown:
            shown = standing
            yield ServerSentEvent(event="state", data=_state_text(state))
        await wait_for(next_change, min(POLL_SECONDS, max(0.0, ends - now())))


def _state_key(state: CaseState) -> object:
    """Return what must change for a new `state` event."""
    return state.status, state.problem, [(b.branch, b.status) for b in state.branches]


def _state_text(state: CaseState) -> str:
    return state.model_copy(update={"candidates": {}}).model_dump_json()
