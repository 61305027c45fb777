"""A case that is held: run it, step it, answer it, veto, note, fork.

Whoever holds a case holds its lock; everything that returns is stored.
"""

import asyncio
import contextlib
import functools
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from geoagent_graph.cases import interventions
from geoagent_graph.cases.database import CaseDatabase, naming_storage, now
from geoagent_graph.cases.environment import environment_of
from geoagent_graph.cases.events import TraceEvent, event_of
from geoagent_graph.cases.names import check_name, name_for
from geoagent_graph.cases.rows import About, check_state, photo_of
from geoagent_graph.cases.trace_file import SUFFIX, append, bring_up_to_date
from geoagent_graph.cases.trace_projection import Derivation
from geoagent_graph.cases.view import Pixels, read_view
from geoagent_graph.errors import CheckpointError, InputError, PolicyError, ToolError
from geoagent_graph.questions import Question, read_reply
from geoagent_graph.state import AgentInput, AgentState, dump
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Json, Level

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from geoagent_graph.graph import AgentGraph
    from geoagent_graph.telemetry.export import Tracing

MAX_STALLS = 3
MAX_NOTE_CHARS = 10_000


class Case:
    """One branch of a case, held by this process; made by `CaseStore.hold` and `create`."""

    def __init__(
        self,
        name: str,
        branch: str,
        folder: Path,
        database: CaseDatabase,
        open_tools: Callable[[], Toolbox],
        pixels: Pixels | None = None,
        tracing: "Tracing | None" = None,
    ) -> None:
        self.name = name
        self.branch = branch
        self.folder = folder
        self.database = database
        self._open_tools = functools.cache(open_tools)
        self._pixels = pixels
        self._tracing = tracing
        self._told = Derivation(database, branch)
        self._stream: AsyncGenerator[Any, None] | None = None
        self._telling = asyncio.Lock()  # a note may be taken while a run tells its steps

        self._beside: dict[str, Case] = {branch: self}

    async def at(self, branch: str) -> "Case":
        """Return another branch of this case, held with it.

        Raises:
            InputError: there is no such branch.
            CheckpointError: its trace says something else than its checkpoints.
        """
        if branch not in self._beside:
            branches = await self.database.branches()
            if branch not in branches:
                raise InputError(
                    f"{self.name}/{branch}: no such branch; there is: {', '.join(branches)}"
                )
            parts = (self.folder, self.database, self._open_tools, self._pixels, self._tracing)
            case = Case(self.name, branch, *parts)
            case._beside = self._beside
            await case.catch_up()
            self._beside[branch] = case
        return self._beside[branch]

    @property
    def trace_path(self) -> Path:
        """The file of this branch's trace."""
        return self.folder / f"{self.branch}{SUFFIX}"

    @property
    def done(self) -> bool:
        """Whether the run has ended with an answer."""
        return bool(self._told.state.get("done"))

    @property
    def question(self) -> Question | None:
        """The question that waits for a person, None where there is none."""
        asked = self._told.state.get("question")
        return Question.model_validate(asked) if asked else None

    def _repr_html_(self) -> str:
        """Return the branch as a notebook shows it: photo, map, where it stands."""
        from geoagent_graph.render.html.notebook import case_html

        return case_html(read_view(self.trace_path), self._pixels)

    async def catch_up(self) -> None:
        """Bring the trace file up to what is stored, after a kill for instance.

        Raises:
            CheckpointError: the file says something else than the checkpoints.
        """
        events = await self._told.new_events()
        check_state(self._told.state, self.name)
        bring_up_to_date(self.trace_path, events)

    async def tools(self) -> Toolbox:
        """Return the tools of the case, opened once for all its branches."""
        return await asyncio.to_thread(self._open_tools)

    async def stop(self) -> None:
        """End runs whose events nobody takes any more; what is stored stays."""
        for case in self._beside.values():
            if case._stream is not None:
                await case._stream.aclose()
                case._stream = None

    def run(
        self, *, reply: object | None = None, one_step: bool = False
    ) -> AsyncIterator[TraceEvent]:
        """Go on, and yield every event once it is stored; stop at the answer or a question.

        Args:
            reply: what a person replies to the open question, as JSON; see `questions.Reply`.
            one_step: stop after one node.

        Raises:
            InputError: the reply does not fit; the question stays open.
            GeoAgentError: a tool, the policy or the disk failed; run it again to resume.
        """
        events = self._running(reply, one_step)
        return events if self._tracing is None else self._tracing.watched(self, events)

    async def _running(self, reply: object | None, one_step: bool) -> AsyncIterator[TraceEvent]:
        if self._stream is not None:
            raise InputError(f"{self.name}: is being run already")
        with naming_storage(self.name):
            answered = self._check_reply(reply)
            if self.done:
                return
            self._check_clock()
            tools = await self.tools()
            for event in await self._note_environment(tools):
                yield event
            async for event in self._advance(tools, answered, one_step):
                yield event

    async def veto(self, words: str, because: str) -> list[TraceEvent]:
        """Exclude a hypothesis for a reason and go back to its level; `run` goes on from there.

        Raises:
            InputError: there is no such hypothesis, or no reason.
        """
        update = interventions.veto(self._begun(), words, because)
        with naming_storage(self.name):
            self._check_clock()
            await self._write_update(self.branch, update)
            return await self._tell()

    async def note(self, text: str) -> list[TraceEvent]:
        """Add a person's note to the trace.

        Raises:
            InputError: it is empty or longer than 10,000 characters.
        """
        if not text.strip() or len(text) > MAX_NOTE_CHARS:
            raise InputError(f"note: write 1 to {MAX_NOTE_CHARS:,} characters")
        return await self._journal({"event": "note", "text": text})

    async def fork(
        self, at_step: int, wanted: Mapping[Level, str] | None = None, name: str | None = None
    ) -> str:
        """Return the name of a new branch that leaves this one after a step.

        `wanted` sets places by level, on a person's word. This branch stays as it is.

        Raises:
            InputError: there is no such step, the name is taken, or a place is unknown.
        """
        branches = await self.database.branches()
        branch = _branch_name(name, wanted or {}, branches)
        checkpoint, state = await self._after_step(at_step)
        update = None
        if wanted:
            update = await self._setting(state, wanted)
        step_event = await self._event_of_step(at_step)
        with naming_storage(self.name):
            await self.database.copy_thread(self.branch, checkpoint, branch)
            if update is not None:
                await self._write_update(branch, update)
            point = {"branch": self.branch, "step": at_step, "hash": step_event["hash"]}
            await self.database.add_branch(branch, {"forked_from": point, "time": now()})
            derived = await Derivation(self.database, branch).new_events()
        bring_up_to_date(self.folder / f"{branch}{SUFFIX}", derived)
        return branch

    def _begun(self) -> AgentState:
        if not self._told.state.get("steps"):
            raise InputError(f"{self.name}: has no step yet. Run: geoagent resume {self.name}")
        return cast("AgentState", self._told.state)

    def _check_reply(self, reply: object | None) -> Json | None:
        if reply is None:
            return None
        question = self.question
        if question is None:
            raise InputError(f"{self.name}: no question is open")
        return dump(read_reply(reply, question))

    async def _note_environment(self, tools: Toolbox) -> list[TraceEvent]:
        known = (await self._about()).environment.model_dump(mode="json")
        for _, _, content in await self.database.journal(self.branch):
            known = content.get("environment", known)
        current = environment_of(tools).model_dump(mode="json")
        if current == known:
            return []
        return await self._journal({"event": "environment", "environment": current})

    async def _advance(
        self, tools: Toolbox, reply: Json | None, one_step: bool
    ) -> AsyncIterator[TraceEvent]:
        # A reply may have been stored already and its step killed: it is carried out first.
        inputs: Any = None if self._told.checkpoint else await self._inputs()
        before = self.question
        stalls = 0
        while True:
            count = 0
            async for event in self._superstepping(inputs, tools, one_step):
                count += 1
                yield event
            if reply is not None and before is not None and self.question == before:
                from langgraph.types import Command

                inputs, reply = Command(resume=reply), None
                continue
            if self.done or self.question is not None or (one_step and count):
                return
            inputs = None
            stalls = 0 if count else stalls + 1
            if stalls > MAX_STALLS:
                raise CheckpointError(f"{self.name}: its run cannot be continued")

    async def _superstepping(
        self, inputs: Any, tools: Toolbox, one_step: bool
    ) -> AsyncIterator[TraceEvent]:
        """Run the graph once and yield what gets stored."""
        from langsmith import tracing_context

        run = (await self._graph()).astream(
            inputs,
            await self._config(self.branch),
            context=tools,
            stream_mode="tasks",  # a task that begins tells that the superstep before is stored
            durability="sync",
            interrupt_after="*" if one_step else None,
        )
        self._stream = cast("AsyncGenerator[Any, None]", run)
        try:
            async with contextlib.aclosing(self._stream) as chunks:
                while True:
                    with tracing_context(enabled=False):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    if "input" in chunk:
                        for event in await self._tell():
                            yield event
        except (PolicyError, ToolError) as error:
            for event in await self._tell():
                yield event
            failure = {"event": "failure", "error": type(error).__name__, "text": str(error)}
            await self._journal(failure)
            raise
        finally:
            self._stream = None
        for event in await self._tell():
            yield event

    async def _tell(self) -> list[TraceEvent]:
        async with self._telling:
            return await self._tell_alone()

    async def _tell_alone(self) -> list[TraceEvent]:
        events = await self._told.new_events()
        append(self.trace_path, events)
        return [event_of(event) for event in events]

    async def _journal(self, content: Json) -> list[TraceEvent]:
        with naming_storage(self.name):
            async with self._telling:
                await self.database.note(self.branch, self._told.checkpoint, content)
                return await self._tell_alone()

    async def _write_update(self, branch: str, update: AgentState) -> None:
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            # As if `judge` had said so: its router decides where the run goes on.
            await (await self._graph()).aupdate_state(
                await self._config(branch), cast("Json", update), as_node="judge"
            )

    async def _setting(self, state: AgentState, wanted: Mapping[Level, str]) -> AgentState:
        """Return the update that sets places; the gazetteer is opened only for unknown ones."""
        seen = read_view(self.trace_path).hypotheses
        try:
            return interventions.set_places(state, wanted, seen, None)
        except interventions.UnknownPlace:
            tools = await self.tools()
            return await asyncio.to_thread(
                interventions.set_places, state, wanted, seen, tools.geocoder
            )

    async def _after_step(self, at_step: int) -> tuple[str, AgentState]:
        last = -1
        async for checkpoint in self.database.checkpoints(self.branch):
            steps = checkpoint.state.get("steps", [])
            last = len(steps) - 1
            if 0 <= at_step == last:
                return checkpoint.id, cast("AgentState", checkpoint.state)
        raise InputError(f"--at {at_step}: there is no such step; the last one is {last}")

    async def _event_of_step(self, at_step: int) -> Json:
        for event in await Derivation(self.database, self.branch).new_events():
            if event["event"] == "step" and event["step"]["index"] == at_step:
                return event
        raise CheckpointError(f"{self.name}: its step {at_step} is not in its trace")

    async def _about(self) -> About:
        about = await self.database.about()
        if about is None:
            raise CheckpointError(f"{self.name}: was never begun")
        return about

    async def _inputs(self) -> AgentInput:
        about = await self._about()
        photo = photo_of(about, await self.database.branches(), self.branch)
        return AgentInput(
            image=dump(photo.image), options=dump(about.options), warnings=list(photo.warnings)
        )

    def _check_clock(self) -> None:
        """Refuse to go on before the time of the last checkpoint: they are ordered by time."""
        last = self._told.time
        if last and datetime.fromisoformat(last) > datetime.fromisoformat(now()):
            raise CheckpointError(
                f"{self.name}: its last step is of {last}, and this machine's clock is behind "
                "that. Set the clock."
            )

    async def _graph(self) -> "AgentGraph":
        from geoagent_graph.graph import build_graph

        return build_graph(self.database.saver)

    async def _config(self, branch: str) -> "RunnableConfig":
        limit = 2 * (await self._about()).options.budget + 20
        return {"recursion_limit": limit, "configurable": {"thread_id": branch}}


def _branch_name(
    name: str | None, wanted: Mapping[Level, str], branches: Mapping[str, Json]
) -> str:
    if name is not None:
        if check_name(name, "branch") in branches:
            raise InputError(f"{name}: there is a branch of that name; choose another")
        return name
    stem = name_for("-".join(wanted.values())) if wanted else "branch"
    candidates = (stem, *(f"{stem}-{number}" for number in range(2, 10_000)))
    return next(candidate for candidate in candidates if candidate not in branches)
