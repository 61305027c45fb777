"""The public calls on a toolbox of fakes: one photo, many, and what they refuse."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.api import investigate, locate, locate_many, locate_sync
from geoagent_graph.errors import InputError, PolicyError
from geoagent_graph.protocols import Situation, TextLine
from geoagent_graph.state import RunOptions
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox
from geoagent_graph.types import Answer, Hypothesis, Step, Verdict


@dataclass
class ClosingPolicy(ScriptedPolicy):
    """A policy that counts how often it was closed and fails where it is told to."""

    closed: int = 0
    failure: str = ""

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Fail, or do what is scripted."""
        if self.failure:
            raise PolicyError(self.failure)
        return await super().judge(situation, candidates)

    async def aclose(self) -> None:
        """Count."""
        self.closed += 1


class KeepingReader:
    """Reads nothing, and notes what happens to it."""

    def __init__(self) -> None:
        self.events: list[str] = []

    @contextlib.contextmanager
    def keep_memory(self) -> Iterator[None]:
        """Note from when to when memory is kept."""
        self.events.append("keep")
        yield
        self.events.append("give back")

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return no line."""
        self.events.append("read")
        return []


async def test_a_reader_keeps_its_memory_from_one_of_many_photos_to_the_next() -> None:
    reader = KeepingReader()
    tools = scripted_toolbox(text_reader=reader)
    photos = [b"a", b"b"]
    async for outcome in locate_many(photos, toolbox=tools, concurrency=1):
        assert outcome.error is None
    assert reader.events == ["keep", "read", "read", "give back"]
    await locate(b"c", toolbox=tools)
    assert reader.events[-1] == "read"


def test_without_a_loop_the_policy_is_closed_afterwards() -> None:
    policy = ClosingPolicy.towards_lisbon()
    answer = locate_sync(b"a photo", toolbox=scripted_toolbox(policy=policy), name="tram.jpg")
    assert (answer.place.city, answer.image.name, policy.closed) == ("Lisbon", "tram.jpg", 1)
    failing = ClosingPolicy.towards_lisbon(failure="no reply")
    with pytest.raises(PolicyError, match="no reply"):
        locate_sync(b"a photo", toolbox=scripted_toolbox(policy=failing))
    assert failing.closed == 1


async def test_inside_a_loop_one_is_told_to_await() -> None:
    with pytest.raises(InputError, match=r"use `await locate\(\.\.\.\)` instead"):
        locate_sync(b"a photo", toolbox=scripted_toolbox())
    policy = ClosingPolicy.towards_lisbon()
    await locate(b"a photo", toolbox=scripted_toolbox(policy=policy))
    assert policy.closed == 0  # tools of one's own stay open


async def test_steps_come_before_the_answer_and_are_its_trace() -> None:
    seen = [item async for item in investigate(b"a photo", toolbox=scripted_toolbox())]
    *steps, answer = seen
    assert isinstance(answer, Answer)
    assert tuple(steps) == answer.trace
    nodes = [step.node for step in steps if isinstance(step, Step)]
    assert (nodes[0], nodes[-1], len(nodes)) == ("observe", "answer", len(steps))


async def test_a_question_needs_a_case() -> None:
    with pytest.raises(InputError, match="ask: a question needs a case"):
        await locate(b"p", toolbox=scripted_toolbox(), options=RunOptions(ask="always"))


async def test_many_photos_are_named_and_numbered() -> None:
    outcomes = [outcome async for outcome in locate_many([b"a"] * 3, toolbox=scripted_toolbox())]
    assert [(outcome.index, outcome.name) for outcome in outcomes] == [
        (0, "photo"),
        (1, "photo"),
        (2, "photo"),
    ]
    failing = scripted_toolbox(policy=ClosingPolicy.towards_lisbon(failure="no reply"))
    (outcome,) = [outcome async for outcome in locate_many([b"a"], toolbox=failing)]
    assert (outcome.answer, str(outcome.error)) == (None, "no reply")


async def test_at_least_one_photo_is_worked_on() -> None:
    with pytest.raises(InputError, match="concurrency is 0, it must be at least 1"):
        await anext(locate_many([b"a"], toolbox=scripted_toolbox(), concurrency=0))
