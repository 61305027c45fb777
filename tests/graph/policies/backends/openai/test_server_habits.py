"""Habits of model servers, alone and in pairs: an answer, or one sentence that says why not."""

import random
from itertools import combinations

import pytest

pytest.importorskip("openai")

from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.policies.backends.openai.client import OpenAIChat
from geoagent_graph.policies.model.chat import ChatRequest, Message
from geoagent_graph.settings import load_settings
from geoagent_graph.testing.habit_list import HABITS
from geoagent_graph.testing.server_habits import HabitServer
from tests.support.habit_runs import locate_with, options_of, unexpected

SAMPLED_PAIRS = random.Random(16).sample(list(combinations(HABITS, 2)), 10)


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


@pytest.mark.parametrize("name", HABITS)
async def test_a_habit_leads_to_an_answer_or_to_its_sentence(
    name: str, geocoder: OfflineGeocoder
) -> None:
    habit = HABITS[name]
    assert unexpected([habit], await locate_with([habit], geocoder)) == ""


async def test_pairs_of_habits_do_so_too(geocoder: OfflineGeocoder) -> None:
    wrong = {}
    for pair in SAMPLED_PAIRS:
        habits = [HABITS[name] for name in pair]
        wrong[pair] = unexpected(habits, await locate_with(habits, geocoder))
    assert {pair: why for pair, why in wrong.items() if why} == {}


@pytest.mark.parametrize(
    "pair",
    [
        ("no system message", "logprobs ignored"),  # the system's words stood behind "Letter:"
        ("a stream unasked", "a mark of the byte order"),
        ("no seed, without a word", "the key in api-key"),
        ("no seed, without a word", "no system message"),
        ("no seed, without a word", "a short context"),
        ("no seed, without a word", "nothing left to spend"),
        ("no choices", "no seed, without a word"),
        ("no seed, without a word", "no pictures"),
        ("content in parts", "half a reply"),
        ("replies as tool calls", "half a reply"),
    ],
)
async def test_one_habit_does_not_hide_the_other(
    pair: tuple[str, str], geocoder: OfflineGeocoder
) -> None:
    habits = [HABITS[name] for name in pair]
    assert unexpected(habits, await locate_with(habits, geocoder)) == ""


async def test_what_was_found_out_is_kept() -> None:
    names = ("max_completion_tokens only", "no temperature", "no seed", "the key in api-key")
    question = ChatRequest("draft", (Message("user", ("where?",)),), max_tokens=9)
    async with HabitServer([HABITS[name] for name in names]) as server:
        chat = OpenAIChat(options_of(server))
        await chat.reply(question)
        asked = len(server.server.requests)
        reply = await chat.reply(question)
        await chat.aclose()
    assert asked == 5
    assert len(server.server.requests) == asked + 1
    assert set(server.server.requests[-1].body) == {"model", "messages", "max_completion_tokens"}
    assert len(reply.notes) == 2


async def test_calls_that_may_be_sent_are_counted() -> None:
    question = ChatRequest("draft", (Message("user", ("where?",)),), max_tokens=9)
    async with HabitServer([HABITS["no seed"]]) as server:
        chat = OpenAIChat(options_of(server, max_calls=2))
        await chat.reply(question)
        with pytest.raises(
            Exception, match="--max-calls 2: the calls that may be sent are used up"
        ):
            await chat.reply(question)
        await chat.aclose()
    assert len(server.server.requests) == 2
