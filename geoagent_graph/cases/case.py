"""Runs a case, steps it, answers it, vetoes, notes and forks.

Whoever has a `Case` has its lock; everything that returns is stored.
"""

import asyncio
import contextlib
import functools
import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from geoagent_graph.cases import interventions
from geoagent_graph.cases.database import CaseDatabase, check_clock, now
from geoagent_graph.cases.environment import environment_of
from geoagent_graph.cases.events import TraceEvent, event_of
from geoagent_graph.cases.forks import branch_name, checkpoint_after_step, fork_point
from geoagent_graph.cases.key_store import KeyStore
from geoagent_graph.cases.observer import RunObserver
from geoagent_graph.cases.rows import About, check_state, photo_of
from geoagent_graph.cases.storage import storage_errors
from geoagent_graph.cases.summary import BranchSummary, SummaryInProgress
from geoagent_graph.cases.sun_check import read_measurable_reply
from geoagent_graph.cases.trace_file import SUFFIX, append_events, bring_up_to_date
from geoagent_graph.cases.trace_projection import TraceProjection
from geoagent_graph.cases.view import Pixels, read_view
from geoagent_graph.display import html_of
from geoagent_graph.errors import CheckpointError, InputError, PolicyError, ToolError
from geoagent_graph.questions import Question
from geoagent_graph.state import AgentInput, AgentState, dump
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Json, Level

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from geoagent_graph.graph import AgentGraph

MAX_STALLS = 3
MAX_NOTE_CHARS = 10_000


class Case:
    """One branch of a case, locked for this process; made by `CaseStore.hold` and `create`."""

    def __init__(
        self,
        name: str,
        branch: str,
        folder: Path,
        database: CaseDatabase,
        open_tools: Callable[[], Toolbox],
        pixels: Pixels | None = None,
        observer: RunObserver | None = None,
    ) -> None:
        self.name = name
        self.branch = branch
        self.folder = folder
        self.database = database
        self._open_tools = functools.cache(open_tools)
        self._pixels = pixels
        self._observer = observer
        self._projection = TraceProjection(database, branch)
        self._stream: AsyncGenerator[Any, None] | None = None
        self._summary = SummaryInProgress()
        self._append_lock = asyncio.Lock()  # a note may come while a run goes on

        self._cases_by_branch: dict[str, Case] = {branch: self}

    async def at(self, branch: str) -> "Case":
        """Return another branch of this case, under the same lock.

        Raises:
            InputError: there is no such branch.
            CheckpointError: its trace says something else than its checkpoints.
        """
        if branch not in self._cases_by_branch:
            branches = await self.database.branches()
            if branch not in branches:
                raise InputError(
                    f"{self.name}/{branch}: no such branch; there is: {', '.join(branches)}"
                )
            parts = (self.folder, self.database, self._open_tools, self._pixels, self._observer)
            case = Case(self.name, branch, *parts)
            case._cases_by_branch = self._cases_by_branch
            await case.catch_up()
            self._cases_by_branch[branch] = case
        return self._cases_by_branch[branch]

    @property
    def trace_path(self) -> Path:
        """The file of this branch's trace."""
        return self.folder / f"{self.branch}{SUFFIX}"

    @property
    def is_done(self) -> bool:
        """Whether the run has ended with an answer."""
        return bool(self._projection.state.get("done"))

    @property
    def done(self) -> bool:
        """What `is_done` is, under its name before."""
        warnings.warn("Case.done is now Case.is_done", DeprecationWarning, stacklevel=2)
        return self.is_done

    @property
    def question(self) -> Question | None:
        """The question that waits for a person, None where there is none."""
        asked = self._projection.state.get("question")
        return Question.model_validate(asked) if asked else None

    def _repr_html_(self) -> str:
        """Return the branch as a notebook shows it: photo, map, where it stands."""
        return html_of(read_view(self.trace_path, self._pixels))

    async def catch_up(self) -> None:
        """Bring the trace file up to what is stored, after a kill for instance.

        Raises:
            CheckpointError: the file says something else than the checkpoints.
        """
        events = await self._projection.new_events()
        self._summary.take(events)
        check_state(self._projection.state, self.name)
        bring_up_to_date(self.trace_path, events)

    async def tools(self) -> Toolbox:
        """Return the tools of the case, opened once for all its branches."""
        return await asyncio.to_thread(self._open_tools)

    @property
    def keys(self) -> KeyStore:
        """The keys of the home that the case lies in."""
        return KeyStore(self.folder.parent.parent)

    def summary(self) -> BranchSummary | None:
        """Return what a list says of this branch."""
        return self._summary.summary()

    def opened_branches(self) -> "list[Case]":
        """Return the branches that were opened under this lock, this one among them."""
        return list(self._cases_by_branch.values())

    async def stop(self) -> None:
        """End runs whose events nobody takes any more; what is stored stays."""
        for case in self._cases_by_branch.values():
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
        events = self._run_events(reply, one_step)
        if self._observer is None:
            return events
        return self._observer.watch_run(self.trace_path, events)

    async def _run_events(self, reply: object | None, one_step: bool) -> AsyncIterator[TraceEvent]:
        if self._stream is not None:
            raise InputError(f"{self.name}: is being run already")
        with storage_errors(self.name):
            answered = self._check_reply(reply)
            if self.is_done:
                return
            check_clock(self.name, self._projection.time)
            tools = await self.tools()
            for event in await self._note_environment(tools):
                yield event
            async for event in self._advance_run(tools, answered, one_step):
                yield event

    async def veto(
        self, place: str, reason: str = "", *, because: str | None = None
    ) -> list[TraceEvent]:
        """Exclude a place for a reason and go back to its level; `run` goes on from there.

        Args:
            place: the id or the name of a place that the run has looked at.
            reason: why; it stands in the report.
            because: the old name of `reason`.

        Raises:
            InputError: there is no such place, or no reason.
        """
        if because is not None:
            warnings.warn("veto(because=...) is now reason=...", DeprecationWarning, stacklevel=2)
            reason = because
        update = interventions.veto(self.state_with_steps(), place, reason)
        return await self.apply_update(update)

    async def apply_update(self, update: AgentState) -> list[TraceEvent]:
        """Store what a person changes as if `judge` had said it; `run` goes on from there."""
        with storage_errors(self.name):
            check_clock(self.name, self._projection.time)
            await self._write_update(self.branch, update)
            return await self._append_new_events()

    async def note(self, text: str, person: str | None = None) -> list[TraceEvent]:
        """Add a person's note to the trace.

        Raises:
            InputError: it is empty or longer than 10,000 characters.
        """
        if not text.strip() or len(text) > MAX_NOTE_CHARS:
            raise InputError(f"note: write 1 to {MAX_NOTE_CHARS:,} characters")
        named = {} if person is None else {"person": person}
        return await self.append_to_journal({"event": "note", "text": text, **named})

    async def fork(
        self, at_step: int, wanted: Mapping[Level, str] | None = None, name: str | None = None
    ) -> str:
        """Return the name of a new branch that leaves this one after a step.

        `wanted` sets places by level, on a person's word. This branch stays as it is.

        Raises:
            InputError: there is no such step, the name is taken, or a place is unknown.
        """
        branches = await self.database.branches()
        branch = branch_name(name, wanted or {}, branches)
        checkpoint = await checkpoint_after_step(self.database, self.branch, at_step)
        update = None
        if wanted:
            state = cast("AgentState", checkpoint.state)
            update = await self._update_that_sets(state, wanted)
        point = await fork_point(self.database, self.branch, at_step)
        with storage_errors(self.name):
            await self.database.copy_thread(self.branch, checkpoint.id, branch)
            if update is not None:
                await self._write_update(branch, update)
            await self.database.add_branch(branch, {"forked_from": point, "time": now()})
            derived = await TraceProjection(self.database, branch).new_events()
        bring_up_to_date(self.folder / f"{branch}{SUFFIX}", derived)
        return branch

    def state_with_steps(self) -> AgentState:
        """Return where the run stands; an error where nothing has run yet."""
        if not self._projection.state.get("steps"):
            raise InputError(f"{self.name}: has no step yet. Run: geoagent resume {self.name}")
        return cast("AgentState", self._projection.state)

    def _check_reply(self, reply: object | None) -> Json | None:
        if reply is None:
            return None
        question = self.question
        if question is None:
            raise InputError(f"{self.name}: no question is open")
        return dump(read_measurable_reply(reply, question, self.state_with_steps()))

    async def _note_environment(self, tools: Toolbox) -> list[TraceEvent]:
        known = (await self._read_about()).environment.model_dump(mode="json")
        for _, _, content in await self.database.journal(self.branch):
            known = content.get("environment", known)
        current = environment_of(tools).model_dump(mode="json")
        if current == known:
            return []
        return await self.append_to_journal({"event": "environment", "environment": current})

    async def _advance_run(
        self, tools: Toolbox, reply: Json | None, one_step: bool
    ) -> AsyncIterator[TraceEvent]:
        tools = tools.for_run()
        # A reply may have been stored already and its step killed: it is carried out first.
        inputs: Any = None if self._projection.checkpoint else await self._graph_inputs()
        before = self.question
        stalls = 0
        while True:
            count = 0
            async for event in self._stream_supersteps(inputs, tools, one_step):
                count += 1
                yield event
            if reply is not None and before is not None and self.question == before:
                from langgraph.types import Command

                inputs, reply = Command(resume=reply), None
                continue
            if self.is_done or self.question is not None or (one_step and count):
                return
            inputs = None
            stalls = 0 if count else stalls + 1
            if stalls > MAX_STALLS:
                raise CheckpointError(f"{self.name}: its run cannot be continued")

    async def _stream_supersteps(
        self, inputs: Any, tools: Toolbox, one_step: bool
    ) -> AsyncIterator[TraceEvent]:
        """Run the graph once and yield what gets stored."""
        from langsmith import tracing_context

        run = (await self._compile_graph()).astream(
            inputs,
            await self._run_config(self.branch),
            context=tools,
            stream_mode="tasks",  # a task that begins: the superstep before is stored
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
                        for event in await self._append_new_events():
                            yield event
        except (PolicyError, ToolError) as error:
            for event in await self._append_new_events():
                yield event
            failure = {"event": "failure", "error": type(error).__name__, "text": str(error)}
            await self.append_to_journal(failure)
            raise
        finally:
            self._stream = None
        for event in await self._append_new_events():
            yield event

    async def _append_new_events(self) -> list[TraceEvent]:
        async with self._append_lock:
            return await self._append_under_lock()

    async def _append_under_lock(self) -> list[TraceEvent]:
        events = await self._projection.new_events()
        self._summary.take(events)
        append_events(self.trace_path, events)
        return [event_of(event) for event in events]

    async def append_to_journal(
        self, *bodies: Json | Callable[[str], Json | None]
    ) -> list[TraceEvent]:
        """Add events that stand beside the run; a function makes one of the hash before it.

        Raises:
            StorageError: they cannot be stored.
        """
        with storage_errors(self.name):
            async with self._append_lock:
                added = await self._append_under_lock()
                for body in bodies:
                    content = body(self._projection.head) if callable(body) else body
                    if content is not None:
                        await self.database.note(self.branch, self._projection.checkpoint, content)
                        added += await self._append_under_lock()
                return added

    async def _write_update(self, branch: str, update: AgentState) -> None:
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            # As if `judge` had said so: its router decides where the run goes on.
            await (await self._compile_graph()).aupdate_state(
                await self._run_config(branch), cast("Json", update), as_node="judge"
            )

    async def _update_that_sets(self, state: AgentState, wanted: Mapping[Level, str]) -> AgentState:
        """Return the update that sets places; the gazetteer is opened only for unknown ones."""
        seen = read_view(self.trace_path).hypotheses
        try:
            return interventions.set_places(state, wanted, seen, None)
        except interventions.UnknownPlace:
            tools = await self.tools()
            return await asyncio.to_thread(
                interventions.set_places, state, wanted, seen, tools.geocoder
            )

    async def _read_about(self) -> About:
        about = await self.database.about()
        if about is None:
            raise CheckpointError(f"{self.name}: was never begun")
        return about

    async def _graph_inputs(self) -> AgentInput:
        about = await self._read_about()
        photo = photo_of(about, await self.database.branches(), self.branch)
        return AgentInput(
            image=dump(photo.image), options=dump(about.options), warnings=list(photo.warnings)
        )

    async def _compile_graph(self) -> "AgentGraph":
        from geoagent_graph.graph import build_graph

        return build_graph(self.database.saver)

    async def _run_config(self, branch: str) -> "RunnableConfig":
        limit = 2 * (await self._read_about()).options.budget + 20
        return {"recursion_limit": limit, "configurable": {"thread_id": branch}}
