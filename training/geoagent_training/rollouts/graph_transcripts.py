"""Runs of the graph to learn from before GRPO: a teacher who knows the place answers everything.

The tools are really run and the questions are the graph's own.
"""

import asyncio
import json
import logging
import math
import re
from collections.abc import Sequence
from typing import Any, Final

from datasets import Dataset
from PIL import Image as Pictures

from geoagent_graph.policies.model.chain import PlaceText
from geoagent_graph.policies.model.chat import ChatRequest
from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.policies.model.shortlist import ELSEWHERE
from geoagent_graph.types import Level, Place
from geoagent_training.data.chat_rows import chain_text, prompt_messages
from geoagent_training.data.rows import ReasonedPhoto
from geoagent_training.data.sources import SourceRow
from geoagent_training.data.tables import picture_cell, table_of_conversations
from geoagent_training.errors import DataError
from geoagent_training.recipe import SftRecipe
from geoagent_training.rollouts.chat import Said
from geoagent_training.rollouts.graph_rollouts import GraphRun, GraphRunner
from geoagent_training.rollouts.tools import open_agent_tools

log = logging.getLogger(__name__)

SURE_SHARE: Final = 0.9
"""What the teacher's letter counts, set by hand: enough to be accepted, not more than evidence."""

_OPTION: Final = re.compile(r"^([A-T])\. (.+?)(?:: \d+%)?$", re.MULTILINE)


class Teacher:
    """A `Speaker` who knows where the photo was taken; looks the town up before naming it."""

    def __init__(self, places: PlaceLookup, answer: PlaceText, chain: str) -> None:
        """Take the place and the first reply.

        Raises:
            ReplyError: no country has the name.
        """
        country, town = places.check(answer)
        codes = {place.continent_code: place for place in places.continents()}
        self._places: dict[Level, Place | None] = {
            "continent": codes[country.continent_code],
            "country": country,
            "city": town,
        }
        self._chain = chain
        self._looked_up = False

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        """Return what a policy that knows the place would say."""
        kind, _, level = request.purpose.removesuffix(".again").partition(".")
        if kind == "draft" or told is None:
            return Said(self._chain, cut=False)
        place = self._places[level]  # type: ignore[index]
        if kind == "choice":
            meant = _letter_of_place(told, place) or _letter_of_place(told, None) or "A"
            return Said(meant, cut=True, letter_logprobs=sure_letters(meant, request.letters))
        if kind == "turn":
            return Said(json.dumps(self._next_turn(level, place), ensure_ascii=False), cut=False)
        letter = _letter_of_place(told, place)
        verdict = {"decision": "accept" if letter else "stop", "letter": letter or "A"}
        return Said(json.dumps({"thought": ["It fits."], **verdict}), cut=False)

    async def say_without_results(self, told: str | None, request: ChatRequest) -> Said:
        """Return the same: the teacher needs no tool."""
        return await self.say(told, request)

    def _next_turn(self, level: str, place: Place | None) -> dict[str, Any]:
        if place is None:
            return {"thought": ["Nothing finer shows."], "next": {"action": "answer"}}
        if level == "city" and not self._looked_up:
            self._looked_up = True
            look = {"action": "verify", "name": place.name}
            return {"thought": ["I look the name up."], "next": look}
        named = {"action": "propose", "candidates": [place.name]}
        return {"thought": ["The signs say so."], "next": named}


async def graph_transcript(
    runner: GraphRunner,
    picture: Any,
    teacher: Teacher,
    system: str | None = None,
    question: str | None = None,
) -> dict[str, Any]:
    """Return one row for `ConversationCollator`: what the graph asked, and the teacher's replies.

    Args:
        runner: the graph and its tools.
        picture: PIL photo.
        teacher: who answers.
        system: words of the system turn; None takes those of the served policy.
        question: words of the first question; None takes those of the served policy.

    Raises:
        DataError: the run did not come to its end.
    """
    run = await runner.run(picture, teacher)
    if run.answer is None:
        raise DataError(f"the graph did not come to its end: {run.problem}")
    return {
        "conversation": json.dumps(_turns_of_run(run, system, question), ensure_ascii=False),
        "images": [picture],
    }


def transcript_table(recipe: SftRecipe, rows: Sequence[SourceRow]) -> Dataset:
    """Return conversations of runs of the graph, one per row that has a chain of thought.

    Rows whose country no gazetteer knows are left out and logged.

    Raises:
        DataError: no row is left, or the file cannot be read at all.
    """
    tools = open_agent_tools(recipe.index)
    runner = GraphRunner(tools, recipe.graph)
    places = PlaceLookup(tools.toolbox.geocoder)
    cells = []
    for row in rows:
        if isinstance(row.photo, ReasonedPhoto):
            try:
                transcript = asyncio.run(_transcript_of_row(runner, places, row, recipe))
            except (ReplyError, DataError) as error:
                log.warning("left out %s: %s", row.where, error)
            else:
                cells.append({**transcript, "images": [picture_cell(row)]})
    return table_of_conversations(cells, rows)


async def _transcript_of_row(
    runner: GraphRunner, places: PlaceLookup, row: SourceRow, recipe: SftRecipe
) -> dict[str, Any]:
    photo = row.photo
    assert isinstance(photo, ReasonedPhoto)
    answer = PlaceText(photo.country, photo.region, photo.precise)
    teacher = Teacher(places, answer, chain_text(photo.chain, "think_answer"))
    words = recipe.system_prompt, recipe.question_prompt
    with Pictures.open(row.open_photo()) as picture:
        return await graph_transcript(runner, picture, teacher, *words)


def _turns_of_run(
    run: GraphRun, system: str | None, first_question: str | None
) -> list[dict[str, Any]]:
    system_turn, question = prompt_messages(system, first_question)
    question["content"] = [{"type": "image"}, {"type": "text", "text": question["content"]}]
    turns = [system_turn, question]
    for exchange in run.chat.exchanges:
        if exchange.told is not None:
            turns.append({"role": "user", "content": exchange.told})
        turns.append({"role": "assistant", "content": exchange.reply})
    return turns


def sure_letters(chosen: str, letters: Sequence[str]) -> dict[str, float]:
    """Return log-probabilities of someone who is nearly sure of a letter."""
    rest = (1.0 - SURE_SHARE) / max(1, len(letters) - 1)
    return {letter: math.log(SURE_SHARE if letter == chosen else rest) for letter in letters}


def _letter_of_place(told: str, place: Place | None) -> str | None:
    """Return the letter of a place among the options; of "somewhere else" for None."""
    wanted = place.name if place else ELSEWHERE
    options: list[tuple[str, str]] = _OPTION.findall(told)
    for letter, name in options:
        if name == wanted or name.startswith(f"{wanted} ("):
            return letter
    return None
