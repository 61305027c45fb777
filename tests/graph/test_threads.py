"""One LangGraph thread, one photo after the other: each answer comes from its own photo alone."""

import asyncio
import contextlib
import importlib
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send
from typing_extensions import TypedDict

from geoagent_graph import AgentInput, InputError, RunOptions, build_graph
from geoagent_graph.protocols import TextLine
from geoagent_graph.state import dump
from geoagent_graph.testing import (
    FixedEvidence,
    FixedTextReader,
    MemoryImages,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Box, Evidence
from tests.support.postgres import postgres_server

IMAGES = MemoryImages()
WHOLE = Box(left=0, top=0, right=1, bottom=1)
REJECT = {"kind": "reject", "place": "continent:AF", "reason": "no"}
THREAD: Any = {"configurable": {"thread_id": "one"}}


class Killed(Exception):
    """The process ends here."""


@dataclass
class FailingPolicy(ScriptedPolicy):
    """A scripted policy that ends the process in one of its calls."""

    fails_in: str = ""

    async def draft(self, *args: Any) -> Any:
        self._fail_in("draft")
        return await super().draft(*args)

    async def propose(self, *args: Any) -> Any:
        self._fail_in("propose")
        return await super().propose(*args)

    async def judge(self, *args: Any) -> Any:
        self._fail_in("judge")
        return await super().judge(*args)

    def _fail_in(self, call: str) -> None:
        if call == self.fails_in:
            raise Killed(call)


@dataclass(frozen=True)
class FailingEvidence(FixedEvidence):
    """A scripted evidence model that ends the process in one of its calls."""

    fails_in: str = ""

    def score(self, *args: Any) -> list[Evidence]:
        if self.fails_in == "score":
            raise Killed("score")
        return super().score(*args)

    def locate(self, *args: Any) -> Any:
        if self.fails_in == "locate":
            raise Killed("locate")
        return super().locate(*args)


@dataclass(frozen=True)
class SlowEvidence(FixedEvidence):
    """Scores Europe at once; every other candidate waits, so that its task is in flight."""

    waits: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def score(self, candidate: Any, *args: Any) -> list[Evidence]:
        if candidate.id != "continent:EU":
            self.waits.set()
            self.may_end.wait(10)
        return super().score(candidate, *args)


def tools_for(photo: str, fails_in: str = "") -> Toolbox:
    """Return tools that read the photo's name in it; one call may end the process."""
    return scripted_toolbox(
        images=IMAGES,
        text_reader=FixedTextReader([TextLine(photo, WHOLE, 0.9, "Latn", "pt", 0.8, "x")]),
        policy=FailingPolicy.towards_lisbon(fails_in=fails_in),
        evidence=FailingEvidence(fails_in=fails_in),
    )


def given(photo: str, **more: Any) -> Any:
    """Return the input of a run about a photo."""
    return {"image": dump(IMAGES.open(photo.encode(), photo).image), **more}


def timeless(value: Any) -> Any:
    """Return JSON without what differs from run to run: how long it took."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key != "seconds"}
    return [timeless(item) for item in value] if isinstance(value, list) else value


async def state_of(graph: Any, config: Any = THREAD) -> Any:
    """Return all that a thread knows, without the times."""
    return timeless((await graph.aget_state(config)).values)


async def fresh_state(photo: str, **more: Any) -> Any:
    """Return what a thread knows that has seen this photo alone."""
    graph = build_graph(checkpointer=InMemorySaver())
    await graph.ainvoke(given(photo, **more), THREAD, context=tools_for(photo))
    return await state_of(graph)


@contextlib.asynccontextmanager
async def open_saver(kind: str, folder: Path, address: str) -> AsyncIterator[Any]:
    """Yield a checkpointer of LangGraph's."""
    if kind == "memory":
        yield InMemorySaver()
    elif kind == "sqlite":
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

        async with AsyncSqliteSaver.from_conn_string(str(folder / "threads.sqlite")) as sqlite:
            yield sqlite
    else:
        module = importlib.import_module("langgraph.checkpoint.postgres.aio")  # of the dev extra
        async with module.AsyncPostgresSaver.from_conn_string(address) as postgres:
            await postgres.setup()
            yield postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def saver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    kind = request.param
    address = request.getfixturevalue("postgres") if kind == "postgres" else ""
    async with open_saver(kind, tmp_path, address) as opened:
        yield opened


def thread(name: str) -> Any:
    return {"configurable": {"thread_id": name}}


async def test_a_second_photo_is_answered_as_on_a_thread_of_its_own(
    saver: BaseCheckpointSaver[Any],
) -> None:
    graph = build_graph(checkpointer=saver)
    first = given("one", warnings=["damaged", "small"], options={"use_exif": False, "budget": 6})
    await graph.ainvoke(first, thread("a"), context=tools_for("one"))
    for photo, more in (("two", {"warnings": ["small"]}), ("two", {}), ("one", {})):
        await graph.ainvoke(given(photo, **more), thread("a"), context=tools_for(photo))
        assert await state_of(graph, thread("a")) == await fresh_state(photo, **more)


async def kill_twice_and_resume(saver: Any, fails_in: str) -> None:
    """Kill a run about each of two photos, and go on with the second."""
    graph, config = build_graph(checkpointer=saver), thread(f"killed in {fails_in}")
    for photo in ("one", "two"):
        with pytest.raises(Killed):
            await graph.ainvoke(
                given(photo, warnings=[photo]), config, context=tools_for(photo, fails_in)
            )
        assert not (await graph.aget_state(config)).values.get("done")
    await graph.ainvoke(None, config, context=tools_for("two"))
    assert await state_of(graph, config) == await fresh_state("two", warnings=["two"])


@pytest.mark.parametrize("fails_in", ["draft", "propose", "score", "judge", "locate"])
async def test_a_run_that_was_killed_leaves_nothing_and_can_be_resumed(fails_in: str) -> None:
    await kill_twice_and_resume(InMemorySaver(), fails_in)


async def test_so_it_is_in_every_store(saver: BaseCheckpointSaver[Any]) -> None:
    await kill_twice_and_resume(saver, "score")


async def start_and_cancel(graph: Any, config: Any) -> None:
    """Run until one scoring task has ended and another is in flight; then end it."""
    slow = SlowEvidence()
    tools = scripted_toolbox(images=IMAGES, text_reader=tools_for("one").text_reader, evidence=slow)
    run = asyncio.create_task(graph.ainvoke(given("one"), config, context=tools))
    await asyncio.to_thread(slow.waits.wait, 10)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    slow.may_end.set()


async def test_tasks_in_flight_are_of_the_photo_that_they_were_sent_for(
    saver: BaseCheckpointSaver[Any],
) -> None:
    graph = build_graph(checkpointer=saver)
    await start_and_cancel(graph, thread("in flight"))
    assert "score" in (await graph.aget_state(thread("in flight"))).next
    await graph.ainvoke(given("two"), thread("in flight"), context=tools_for("two"))
    assert await state_of(graph, thread("in flight")) == await fresh_state("two")
    await start_and_cancel(graph, thread("resumed"))
    await graph.ainvoke(None, thread("resumed"), context=tools_for("one"))
    assert await state_of(graph, thread("resumed")) == await fresh_state("one")


async def test_what_a_person_said_of_one_photo_is_not_said_of_the_next(
    saver: BaseCheckpointSaver[Any],
) -> None:
    graph, config = build_graph(checkpointer=saver), thread("asked")
    ask = dump(RunOptions(ask="always"))
    tools = tools_for("one")
    await graph.ainvoke(given("one", options=ask), config, context=tools)
    asked: Any = await graph.ainvoke(Command(resume=REJECT), config, context=tools)
    assert (await state_of(graph, config))["excluded"]

    alone = build_graph(checkpointer=InMemorySaver())
    for each, where in ((graph, config), (alone, THREAD)):
        asked = await each.ainvoke(given("two", options=ask), where, context=tools_for("two"))
        assert len(asked["__interrupt__"]) == 1
        for _ in range(3):
            asked = await each.ainvoke(
                Command(resume={"kind": "accept"}), where, context=tools_for("two")
            )
        assert asked["done"]
    assert await state_of(graph, config) == await state_of(alone)
    await graph.ainvoke(given("two"), config, context=tools_for("two"))
    assert await state_of(graph, config) == await fresh_state("two")


class Chat(TypedDict, total=False):
    """The state of an application around the agent."""

    image: dict[str, Any]
    options: dict[str, Any]
    done: bool
    answer: dict[str, Any]


def chat_around(agent: Any, saver: Any) -> Any:
    """Return a parent graph with the agent as its second node."""
    graph = StateGraph(Chat, context_schema=Toolbox)
    graph.add_node("read", lambda _: {})
    graph.add_node("where", agent)
    graph.add_edge(START, "read")
    graph.add_edge("read", "where")
    graph.add_edge("where", END)
    return graph.compile(checkpointer=saver)


MEMORIES = pytest.mark.parametrize("memory", [True, None], ids=["own memory", "no memory"])


@MEMORIES
async def test_a_parent_without_a_checkpointer_asks_about_any_number(memory: bool | None) -> None:
    chat = chat_around(build_graph(checkpointer=memory), None)
    for photo in ("one", "two"):
        ended = await chat.ainvoke(given(photo), context=tools_for(photo))
        assert timeless(ended["answer"]) == (await fresh_state(photo))["answer"]


@MEMORIES
@pytest.mark.parametrize("first", ["ended", "killed", "asked"])
async def test_in_a_parent_only_the_run_of_this_input_is_resumed(
    saver: BaseCheckpointSaver[Any], memory: bool | None, first: str
) -> None:
    chat = chat_around(build_graph(checkpointer=memory), saver)
    config = thread(f"{first} {memory}")
    options = {"ask": "always"} if first == "asked" else {}
    with pytest.raises(Killed) if first == "killed" else contextlib.nullcontext():
        await chat.ainvoke(
            given("one", options=options),
            config,
            context=tools_for("one", "judge" if first == "killed" else ""),
        )
    for photo in ("two", "one")[: 1 if memory is None else 2]:  # it stops before the agent began
        inputs = given(photo, options={})
        await chat.ainvoke(inputs, config, context=tools_for(photo), interrupt_before=["where"])
        ended = await chat.ainvoke(None, config, context=tools_for(photo))
        assert timeless(ended["answer"]) == (await fresh_state(photo))["answer"]


@MEMORIES
async def test_in_a_parent_a_run_goes_on_after_a_kill_and_after_a_reply(
    memory: bool | None,
) -> None:
    chat = chat_around(build_graph(checkpointer=memory), InMemorySaver())
    await chat.ainvoke(given("one"), THREAD, context=tools_for("one"))
    with pytest.raises(Killed):
        await chat.ainvoke(given("two"), THREAD, context=tools_for("two", "judge"))
    before = tools_for("two", "draft")  # what was read is not read again
    ended = await chat.ainvoke(None, THREAD, context=before)
    assert timeless(ended["answer"]) == (await fresh_state("two"))["answer"]
    options = {"ask": "always"}
    asked = await chat.ainvoke(given("one", options=options), THREAD, context=tools_for("one"))
    for _ in range(3):
        assert asked["__interrupt__"]
        asked = await chat.ainvoke(Command(resume={"kind": "accept"}), THREAD, context=before)
    assert asked["answer"]["place"]["city"] == "Lisbon"
    assert [clue["text"] for clue in asked["answer"]["clues"]] == ["one"]


@MEMORIES
async def test_photos_that_a_parent_sends_at_once_have_an_answer_each(memory: bool | None) -> None:
    class Photo(TypedDict):
        image: Any

    class Photos(TypedDict):
        photos: list[Photo]

    agent = build_graph(checkpointer=memory)
    answers: dict[str, Any] = {}

    async def where(state: Any) -> Any:
        ended: Any = await agent.ainvoke(state)
        answers[ended["answer"]["image"]["name"]] = ended["answer"]

    graph = StateGraph(Photos, context_schema=Toolbox)
    graph.add_node("where", where, input_schema=Photo)
    graph.add_conditional_edges(
        START, lambda state: [Send("where", photo) for photo in state["photos"]], ["where"]
    )
    parent: Any = graph.compile(checkpointer=InMemorySaver())
    for photos in (["one", "two", "three"], ["two", "four"]):
        answers.clear()
        inputs = {"photos": [given(photo) for photo in photos]}
        await parent.ainvoke(inputs, THREAD, context=tools_for("same"))
        assert sorted(answers) == sorted(photos)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, "image: is missing"),
        ("photo.jpg", "image: is a str"),
        ({"image": b"bytes"}, "image: is a bytes"),
        ({"image": {"name": "a", "sha256": "b"}}, "an object with name, sha256"),
        ({"options": {"budgets": 3}}, "options.budgets: "),
        ({"options": {"ask": "always"}}, "options.ask: a question needs a graph that can wait"),
        ({"warnings": 3}, "warnings: give a list"),
    ],
)
async def test_what_is_no_input_is_refused_and_does_not_stick(inputs: Any, says: str) -> None:
    if isinstance(inputs, dict) and inputs and "image" not in inputs:
        inputs = given("one", **inputs)
    with pytest.raises(InputError, match=says) as refused:
        await build_graph().ainvoke(inputs, context=tools_for("one"))
    assert "\n" not in str(refused.value)
    graph = build_graph(checkpointer=InMemorySaver())
    with contextlib.suppress(InputError):
        await graph.ainvoke(inputs, THREAD, context=tools_for("one"))
    await graph.ainvoke(given("two"), THREAD, context=tools_for("two"))
    assert await state_of(graph) == await fresh_state("two")


async def test_nouns_are_taken_as_they_are() -> None:
    image = IMAGES.open(b"one", "one").image
    graph = build_graph(checkpointer=InMemorySaver())
    inputs: Any = {"image": image, "options": RunOptions()}
    await graph.ainvoke(inputs, THREAD, context=tools_for("one"))
    assert await state_of(graph) == await fresh_state("one")


def test_people_see_the_documented_input() -> None:
    assert build_graph().builder.input_schema is AgentInput


@pytest.mark.parametrize(("context", "says"), [(None, "no context"), (object(), "a object as")])
async def test_a_run_without_its_tools_says_how_to_give_them(context: Any, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        await build_graph().ainvoke(given("one"), context=context)
    assert "context=open_toolbox()" in str(refused.value)


def test_without_an_event_loop_the_graph_says_how_to_run_it() -> None:
    with pytest.raises(InputError, match="nodes are async: use"):
        build_graph().invoke(given("one"), context=tools_for("one"))
    with pytest.raises(InputError, match="in a parent graph too"):
        chat_around(build_graph(), None).invoke(given("one"), context=tools_for("one"))


async def test_a_parent_hears_of_every_step_as_it_is_done() -> None:
    chat = chat_around(build_graph(), None)
    steps, nodes = [], []
    async for namespace, mode, chunk in chat.astream(
        given("one"), context=tools_for("one"), stream_mode=["updates", "custom"], subgraphs=True
    ):
        if mode == "custom":
            steps.append(chunk["geoagent"])
        elif namespace:  # of the agent, not of the parent
            nodes += [name for name in chunk if name != "score"]
    assert [step["node"] for step in steps] == nodes
    assert [step["index"] for step in steps] == list(range(len(steps)))
    assert {"node", "level", "summary", "seconds"} <= set(steps[0])
    assert (steps[0]["node"], steps[-1]["node"]) == ("observe", "answer")
