"""The agent as LangGraph's own tools open it: a photo in, an answer out, nothing else to fill in.

`langgraph.json` names `make_graph`, so that `langgraph dev`, its HTTP API and Studio work in this
folder. The state machine of `geoagent_graph.graph` runs inside, with the default tools.
"""

import asyncio
import functools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

from pydantic import BaseModel, ConfigDict, Field

from geoagent_graph.errors import InputError
from geoagent_graph.questions import Ask
from geoagent_graph.settings import load_settings, prepare_process
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer, Json

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph

    from geoagent_graph.state import AgentInput


class PhotoInput(BaseModel):
    """What a person gives: a photo, by path or in base64, and choices for the run."""

    model_config = ConfigDict(extra="forbid")

    photo_path: str | None = Field(
        None,
        max_length=4096,
        description="A photo below the folder that the server was started in.",
    )
    photo_base64: str | None = Field(
        None, description="Or the photo's file in base64; a data: URL is taken too."
    )
    photo_name: str | None = Field(None, max_length=500, description="What to call the photo.")
    use_exif: bool = Field(True, description="False ignores what the file claims about itself.")
    ask: Ask = Field(
        "never", description="After which verdicts to stop with a question; resume with a reply."
    )


class PhotoAnswer(BaseModel):
    """What comes out."""

    answer: Answer


class RefusedInput(InputError, ValueError):
    """An `InputError` in a form whose words LangGraph's server shows: only those of built-ins."""


class _State(TypedDict, total=False):
    photo_path: str | None
    photo_base64: str | None
    photo_name: str | None
    use_exif: bool
    ask: Ask
    run: Json  # what the state machine starts from
    answer: Json


class _Run(TypedDict):
    run: Json


def make_graph() -> "CompiledStateGraph[Any, Any, Any, Any]":
    """Return the graph for LangGraph's tools; opens nothing until a photo comes in."""
    return photo_graph(_open_tools)


def photo_graph(open_tools: Any) -> "CompiledStateGraph[Any, Any, Any, Any]":
    """Return the graph; `open_tools` returns its `Toolbox`, called in a worker thread."""
    prepare_process()
    from langgraph.graph import END, START, StateGraph

    from geoagent_graph.graph import build_graph

    inner = build_graph()

    async def open_photo(state: PhotoInput) -> _State:
        try:
            run = await asyncio.to_thread(_open_photo_input, state, open_tools)
        except InputError as error:
            raise RefusedInput(str(error)) from error
        return _State(run=run, photo_base64=None)

    async def investigate(state: _Run) -> _State:
        from langsmith import tracing_context

        tools = await asyncio.to_thread(open_tools)
        start = cast("AgentInput", state["run"])
        config: RunnableConfig = {"recursion_limit": 2 * int(start["options"]["budget"]) + 20}
        try:
            with tracing_context(enabled=False):
                ended = await inner.ainvoke(start, config, context=tools.for_run())
        except InputError as error:  # a question where nothing can wait for its reply
            raise RefusedInput(str(error)) from error
        return _State(answer=ended["answer"])

    graph = StateGraph(_State, input_schema=PhotoInput, output_schema=PhotoAnswer)
    graph.add_node("open_photo", open_photo)
    graph.add_node("investigate", investigate)
    graph.add_edge(START, "open_photo")
    graph.add_edge("open_photo", "investigate")
    graph.add_edge("investigate", END)
    return graph.compile(name="geoagent")


def _open_photo_input(given: PhotoInput, open_tools: Any) -> Json:
    from geoagent_graph.images.allowed import AllowedFolders
    from geoagent_graph.images.incoming import IncomingPhoto, read_photo
    from geoagent_graph.state import RunOptions, dump

    settings = load_settings()
    photo = IncomingPhoto(given.photo_path, given.photo_base64, given.photo_name)
    name, data = read_photo(photo, AllowedFolders([Path()]), settings.max_bytes)
    opened = open_tools().images.open(data, name)
    options = RunOptions(use_exif=given.use_exif, ask=given.ask, budget=settings.budget)
    return {"image": dump(opened.image), "options": dump(options), "warnings": [*opened.warnings]}


@functools.cache
def _open_tools() -> Toolbox:
    """Return the default tools; photos are kept, so that a run outlives the server."""
    from geoagent_graph.api import default_toolbox
    from geoagent_graph.images.store import PhotoStore

    settings = load_settings()
    return replace(default_toolbox(), images=PhotoStore(settings, settings.home / "photos"))
