"""Graphs that take every photo on a thread as a run of its own.

A LangGraph thread keeps the state of the run before. Here an input writes the whole state of a new
run before the first node works, so that nothing of before is left; and as a subgraph with a memory
of its own (`checkpointer=True`) the graph goes on only with a run that this very call of its parent
began: LangGraph itself would hand out the answer of the call before where the parent was stopped
between its input and this graph.
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from langchain_core.runnables.config import ensure_config
from langgraph.graph import START
from langgraph.graph.state import CompiledStateGraph

from geoagent_graph.errors import InputError
from geoagent_graph.state import AgentInput, AgentOutput, AgentState, begin_run
from geoagent_graph.toolbox import Toolbox

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
    from langgraph.graph import StateGraph

# What a parent graph tells the graphs in it; LangGraph has no public names for these.
_RESUMING: Final = "__pregel_resuming"
_REPLAYED: Final = "__pregel_replay_state"
_SAVER: Final = "__pregel_checkpointer"
_PARENTS: Final = "checkpoint_map"
_NAMESPACE: Final = "checkpoint_ns"


class AgentGraph(CompiledStateGraph[AgentState, Toolbox, AgentInput, AgentOutput]):
    """The compiled agent."""

    def astream(
        self,
        input: Any,  # noqa: A002  # LangGraph's own name
        config: "RunnableConfig | None" = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        """Return what `CompiledStateGraph.astream` does, of the run that this call is about."""
        if self.checkpointer is not True:
            return super().astream(input, config, **options)
        return self._astream_in_parent(input, ensure_config(config), **options)

    def stream(
        self,
        input: Any,  # noqa: A002  # LangGraph's own name
        config: "RunnableConfig | None" = None,
        **options: Any,
    ) -> Iterator[Any]:
        """Refuse to run without an event loop: the nodes are async.

        Raises:
            InputError: always.
        """
        del input, config, options
        raise InputError(
            "the graph's nodes are async: use `await graph.ainvoke(...)` or `graph.astream(...)`, "
            "in a parent graph too; without an event loop `locate_sync(photo)`"
        )

    async def _astream_in_parent(
        self, given: Any, config: "RunnableConfig", **options: Any
    ) -> AsyncIterator[Any]:
        config = await _without_stale_resume(config)
        stream = cast("AsyncGenerator[Any, None]", super().astream(given, config, **options))
        async with contextlib.aclosing(stream) as chunks:
            async for chunk in chunks:
                yield chunk


def compile_agent(graph: "StateGraph[AgentState, Toolbox, Any, AgentOutput]") -> AgentGraph:
    """Return the compiled graph, whose start writes the whole state of a new run.

    LangGraph lets an input write the keys of the input schema alone; the schema that people see
    stays the one the graph was given.
    """
    seen_schema = graph.input_schema
    graph.input_schema = AgentState
    compiled = graph.compile(name="geoagent")
    graph.input_schema = seen_schema
    compiled.nodes[START] = compiled.nodes[START].copy({"mapper": begin_run})
    return AgentGraph(**{k: v for k, v in vars(compiled).items() if k != "__orig_class__"})


async def _without_stale_resume(config: "RunnableConfig") -> "RunnableConfig":
    """Return the config, which no longer says "resume" where there is no run to go on with."""
    told = config.get("configurable", {})
    if not told.get(_RESUMING) or told.get(_REPLAYED) or not told.get(_SAVER):
        return config
    if not await _is_run_of_before(told):
        return config
    return {**config, "configurable": {**told, _RESUMING: False}}


async def _is_run_of_before(told: dict[str, Any]) -> bool:
    """Return whether the last run in this namespace was begun by an earlier call of the parent."""
    parts = str(told.get(_NAMESPACE, "")).split("|")
    last = await _checkpoint_in(told, "|".join(part.split(":")[0] for part in parts))
    if last is None:
        return False
    while parts and parts.pop().isdigit():  # a task that calls this graph again numbers the calls
        pass
    parent = "|".join(parts)
    before = last.metadata.get("parents", {}).get(parent)
    now = told.get(_PARENTS, {}).get(parent)
    if before == now:
        return False
    if last.checkpoint["channel_values"].get("done"):
        return True
    return await _input_version(told, parent, before) != await _input_version(told, parent, now)


async def _input_version(told: dict[str, Any], namespace: str, checkpoint_id: str | None) -> object:
    """Return which input of a graph a checkpoint of it belongs to."""
    found = await _checkpoint_in(told, namespace, checkpoint_id) if checkpoint_id else None
    return found.checkpoint["channel_versions"].get(START) if found else None


async def _checkpoint_in(
    told: dict[str, Any], namespace: str, checkpoint_id: str | None = None
) -> "CheckpointTuple | None":
    saver: BaseCheckpointSaver[Any] = told[_SAVER]
    where = {"thread_id": told["thread_id"], _NAMESPACE: namespace}
    if checkpoint_id:
        where["checkpoint_id"] = checkpoint_id
    return await saver.aget_tuple({"configurable": where})
