"""The public calls: one photo, one photo step by step, many photos."""

import asyncio
import contextlib
import functools
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.errors import GeoAgentError, InputError
from geoagent_graph.images.given import given_name, photo_source
from geoagent_graph.images.source import MAX_PATH_CHARS, display_name
from geoagent_graph.settings import load_settings, prepare_process
from geoagent_graph.state import AgentInput, RunOptions, answer_of, dump
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer, Step

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from geoagent_graph.graph import AgentGraph
    from geoagent_graph.images.given import GivenPhoto as Photo

MAX_OPEN_FILE_BYTES = 2_000_000_000  # the highest that GEOAGENT_MAX_BYTES can be
WAITING_PER_PLACE = 4  # so that one slow photo does not leave the others' places empty


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photo of many: an answer or the error that stopped it."""

    index: int
    name: str
    answer: Answer | None
    error: GeoAgentError | None


async def locate(
    photo: "Photo",
    *,
    toolbox: Toolbox | None = None,
    options: RunOptions | None = None,
    name: str | None = None,
) -> Answer:
    """Return where a photo was taken, with the evidence and the steps that led there.

    Args:
        photo: a path, a `file:` or `data:` URI, the bytes of an image file, a file opened with
            'rb', a Pillow image, or an array of uint8, height x width x 3 (RGB).
        toolbox: tools and policy; None opens the default ones, which hold no connections, once
            per process. Tools of your own stay open: see `Toolbox.aclose`.
        options: choices for this run; None takes the settings' defaults.
        name: what to call the photo in messages and in the answer; None takes the file's name.

    Raises:
        PhotoError: the photo is missing, unreadable, too large or not a photo.
        GeoAgentError: any other failure; see `geoagent_graph.errors`.
    """
    tools = toolbox if toolbox is not None else await asyncio.to_thread(default_toolbox)
    inputs = await _graph_inputs(photo, name, tools, options)
    with _without_tracing():
        state = await _agent_graph().ainvoke(inputs, _run_config(inputs), context=tools.for_run())
    return answer_of(state)  # type: ignore[arg-type]


def locate_sync(
    photo: "Photo",
    *,
    toolbox: Toolbox | None = None,
    options: RunOptions | None = None,
    name: str | None = None,
) -> Answer:
    """Return what `locate` returns, for callers without an event loop.

    The connections that the policy opened for it are closed.

    Raises:
        InputError: called where an event loop runs already; `await locate(...)` there.
        GeoAgentError: as `locate` does.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_locate_and_close(photo, toolbox or default_toolbox(), options, name))
    raise InputError("locate_sync() inside a running event loop: use `await locate(...)` instead")


async def _locate_and_close(
    photo: "Photo", toolbox: Toolbox, options: RunOptions | None, name: str | None
) -> Answer:
    async with contextlib.aclosing(toolbox):
        return await locate(photo, toolbox=toolbox, options=options, name=name)


async def investigate(
    photo: "Photo",
    *,
    toolbox: Toolbox | None = None,
    options: RunOptions | None = None,
    name: str | None = None,
) -> AsyncIterator[Step | Answer]:
    """Yield every step as it finishes and at last the answer; arguments and errors as `locate`."""
    tools = toolbox if toolbox is not None else await asyncio.to_thread(default_toolbox)
    inputs = await _graph_inputs(photo, name, tools, options)
    run = _agent_graph().astream(
        inputs, _run_config(inputs), context=tools.for_run(), stream_mode="updates"
    )
    async with contextlib.aclosing(cast("AsyncGenerator[dict[str, Any], None]", run)) as updates:
        while True:
            with _without_tracing():
                update = await anext(updates, None)
            if update is None:
                return
            for change in update.values():
                for step in change.get("steps", []):
                    yield Step.model_validate(step)
                if change.get("done"):
                    yield Answer.model_validate(change["answer"])


async def locate_many(
    photos: "Iterable[Photo]",
    *,
    toolbox: Toolbox | None = None,
    options: RunOptions | None = None,
    concurrency: int = 2,
    names: Sequence[str] | None = None,
) -> AsyncIterator[Outcome]:
    """Yield the outcome of every photo in the order given; one that fails stops no other.

    Answers and errors call a photo as it was given, or by its name in `names`: two folders may hold
    files of one name. At most `concurrency` photos are worked on at a time; the tools are loaded
    once.

    Raises:
        InputError: `concurrency` is below 1.
        GeoAgentError: the tools themselves cannot be opened.
    """
    if concurrency < 1:
        raise InputError(f"concurrency is {concurrency}, it must be at least 1")
    tools = toolbox if toolbox is not None else await asyncio.to_thread(default_toolbox)
    options = options or RunOptions(budget=load_settings().budget)  # once: reading them is slow
    places = asyncio.Semaphore(concurrency)
    running: deque[asyncio.Task[Outcome]] = deque()
    try:
        with tools.keep_memory():
            for index, photo in enumerate(photos):
                name = given_name(photo) if names is None else names[index]
                run = _outcome_of(index, photo, name, tools, options, places)
                running.append(asyncio.create_task(run))
                if len(running) >= WAITING_PER_PLACE * concurrency:
                    yield await running.popleft()
            while running:
                yield await running.popleft()
    finally:
        for task in running:
            task.cancel()


async def _outcome_of(
    index: int,
    photo: "Photo",
    name: str,
    tools: Toolbox,
    options: RunOptions | None,
    places: asyncio.Semaphore,
) -> Outcome:
    try:
        async with places:
            answer = await locate(photo, toolbox=tools, options=options, name=name)
    except GeoAgentError as error:
        return Outcome(index, name, None, error)
    return Outcome(index, name, answer, None)


def name_answer(answer: Answer, name: str) -> Answer:
    """Return an answer that calls its photo by another name, such as the path it was given by."""
    image = answer.image.model_copy(update={"name": display_name(name, MAX_PATH_CHARS)})
    return answer.model_copy(update={"image": image})


@functools.cache
def default_toolbox() -> Toolbox:
    """Return the tools of the process's settings with the `evidence` policy, opened once."""
    from geoagent_graph.default_tools import open_toolbox

    return open_toolbox(load_settings())


async def _graph_inputs(
    photo: "Photo", name: str | None, tools: Toolbox, options: RunOptions | None
) -> AgentInput:
    given = await run_in_thread(photo_source, photo, MAX_OPEN_FILE_BYTES)
    opened = await run_in_thread(tools.images.open, given.source, name or given.name)
    image = opened.image
    if name is not None:  # whole: it is how the caller finds the photo again
        image = image.model_copy(update={"name": display_name(name, MAX_PATH_CHARS)})
    chosen = options or RunOptions(budget=load_settings().budget)
    if chosen.ask != "never":
        raise InputError("ask: a question needs a case that can wait for its answer")
    return AgentInput(image=dump(image), options=dump(chosen), warnings=list(opened.warnings))


@functools.lru_cache(maxsize=1)
def _agent_graph() -> "AgentGraph":
    prepare_process()
    from geoagent_graph.graph import build_graph

    return build_graph()


def _run_config(inputs: AgentInput) -> "RunnableConfig":
    # LangGraph's own limit only backs up the step budget: a step is at most two supersteps.
    return {"recursion_limit": 2 * int(inputs["options"]["budget"]) + 10}


def _without_tracing() -> Any:
    """Keep LangSmith from uploading the run, whatever the environment says."""
    from langsmith import tracing_context

    return tracing_context(enabled=False)
