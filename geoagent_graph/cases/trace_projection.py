"""A branch's trace out of its checkpoints and its journal: the only place where events are made.

The same checkpoints always give the same events, so a run that was killed, resumed or retried has
the trace of one that was not: what is stored once stands in it once.
"""

from geoagent_graph.cases.database import CaseDatabase, StoredCheckpoint
from geoagent_graph.cases.events import FIRST_PREV, FORMAT, event_of, link
from geoagent_graph.cases.rows import photo_of
from geoagent_graph.errors import CheckpointError
from geoagent_graph.types import Json


class TraceProjection:
    """Makes a branch's events, in order, each once; `seq` and `prev` are the next event's."""

    def __init__(self, database: CaseDatabase, branch: str) -> None:
        self._database = database
        self._branch = branch
        self._checkpoint = ""
        self._time = ""
        self._journal_id = 0
        self._state: Json = {}
        self._seq = 0
        self._prev = FIRST_PREV

    @property
    def state(self) -> Json:
        """The newest state whose events were returned; empty before the first."""
        return self._state

    @property
    def checkpoint(self) -> str:
        """The id of that state's checkpoint; empty before the first."""
        return self._checkpoint

    @property
    def head(self) -> str:
        """The hash of the last event that was returned; zeros before the first."""
        return self._prev

    @property
    def time(self) -> str:
        """When that checkpoint was stored; empty before the first."""
        return self._time

    async def new_events(self) -> list[Json]:
        """Return the events that were stored since the last call."""
        database, branch = self._database, self._branch
        events = [] if self._seq else [self._link_event(await self._header_body())]
        journal = await database.journal(branch, self._journal_id)
        events += self._note_events(journal)
        async for checkpoint in database.checkpoints(branch, self._checkpoint):
            try:
                bodies = _event_bodies(self._state, checkpoint)
            except (TypeError, KeyError, AttributeError) as error:
                raise CheckpointError(f"{self._database.case}: holds a damaged row") from error
            events += [self._link_event(body) for body in bodies]
            self._state, self._checkpoint = checkpoint.state, checkpoint.id
            self._time = checkpoint.time
            events += self._note_events(journal)
        return events

    async def _header_body(self) -> Json:
        about = await self._database.about()
        if about is None:
            raise CheckpointError(f"{self._database.case}: was never begun")
        branches = await self._database.branches()
        branch = branches[self._branch]
        left_out = {"schema_version", "request"} | ({"person"} if about.person is None else set())
        kept = about.model_dump(mode="json", exclude=left_out)
        photo = photo_of(about, branches, self._branch).model_dump(mode="json")
        time = {"time": branch["time"]} if "time" in branch else {}
        fixed = {"event": "case", "format": FORMAT, "branch": self._branch}
        return {**kept, **photo, **fixed, **time, "forked_from": branch.get("forked_from")}

    def _note_events(self, journal: list[tuple[int, str, Json]]) -> list[Json]:
        events = []
        for number, checkpoint, content in journal:
            if checkpoint == self._checkpoint and number > self._journal_id:
                events.append(self._link_event(content))
                self._journal_id = number
        return events

    def _link_event(self, body: Json) -> Json:
        try:
            event = link(body, self._seq, self._prev)
            event_of(event)
        except (ValueError, TypeError, RecursionError) as error:  # ValidationError is a ValueError
            raise CheckpointError(f"{self._database.case}: holds a damaged row") from error
        self._seq, self._prev = self._seq + 1, event["hash"]
        return event


def _event_bodies(before: Json, checkpoint: StoredCheckpoint) -> list[Json]:
    """Return the bodies of the events between two states."""
    after = checkpoint.state
    bodies: list[Json] = []
    for act in after.get("human", [])[len(before.get("human", [])) :]:
        bodies.append({"event": "human", "input": act})
    for step in after.get("steps", [])[len(before.get("steps", [])) :]:
        bodies.append({"event": "step", "step": step})
    question = after.get("question")
    if question and question != before.get("question"):
        bodies.append({"event": "question", "question": question})
    if after.get("done") and not before.get("done"):
        answer = {k: v for k, v in after["answer"].items() if k not in ("tools", "trace")}
        bodies.append({"event": "answer", "answer": answer})
    return [{**body, "time": checkpoint.time} for body in bodies]
