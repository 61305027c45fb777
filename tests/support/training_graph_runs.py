"""Runs of the graph for tests, in which a teacher or a script speaks for the policy."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from geoagent_training.data.chat_rows import chain_text, prompt_messages
from geoagent_training.data.rows import ReasonedPhoto, read_rows
from geoagent_training.recipe import GraphChoice
from geoagent_training.rollouts.chat import Said
from geoagent_training.rollouts.graph_rollouts import GraphRun, GraphRunner
from geoagent_training.rollouts.graph_transcripts import Teacher, sure_letters
from geoagent_training.rollouts.tokens import TokenSpeaker, TurnWords
from geoagent_training.rollouts.tools import AgentTools
from geoagent_training.rollouts.turn_batches import GeneratedTurn, TurnBatches, WantedTurn
from PIL import Image

from geoagent_graph.policies.model.chain import PlaceText
from geoagent_graph.policies.model.chat import ChatRequest
from geoagent_graph.policies.model.place_lookup import PlaceLookup

CHOICE = GraphChoice(steps=14, tool_turns=1, letter_orders=1)


def chain_rows(kit: Path) -> list[tuple[ReasonedPhoto, Image.Image]]:
    rows = read_rows(kit / "chains" / "rows.jsonl", ReasonedPhoto)
    return [(row, Image.open(kit / "chains" / row.image).convert("RGB")) for row in rows]


def teacher_of(agent: AgentTools, row: ReasonedPhoto) -> Teacher:
    answer = PlaceText(row.country, row.region, row.precise)
    return Teacher(
        PlaceLookup(agent.toolbox.geocoder), answer, chain_text(row.chain, "think_answer")
    )


class Dictated:
    """A speaker whose words are a teacher's and whose tokens go through the batches."""

    def __init__(self, speaker: TokenSpeaker, teacher: Any, words: dict[int, list[Any]]) -> None:
        self.speaker, self.teacher, self.words = speaker, teacher, words

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        said = await self.teacher.say(told, request)
        tokens = self.speaker._words.tokenizer(said.text, add_special_tokens=False)["input_ids"]
        end = [] if said.cut else [self.speaker._words.end]
        turn = GeneratedTurn([*tokens, *end], None, tuple((said.letter_logprobs or {}).values()))
        self.words.setdefault(self.speaker._row, []).append(turn)
        return await self.speaker.say(told, request)

    async def say_without_results(self, told: str | None, request: ChatRequest) -> Said:
        return await self.teacher.say(told, request)  # type: ignore[no-any-return]


def prompt_with(picture: Image.Image) -> list[dict[str, Any]]:
    system, question = prompt_messages()
    text = {"type": "text", "text": question["content"]}
    return [
        {"role": "system", "content": [{"type": "text", "text": system["content"]}]},
        {"role": "user", "content": [{"type": "image", "image": picture}, text]},
    ]


def rendered_tokens(processor: Any, messages: list[dict[str, Any]], **options: Any) -> list[int]:
    batch = processor.apply_chat_template([messages], tokenize=True, return_dict=True, **options)
    tokens: list[int] = batch["input_ids"][0]
    return tokens


def dictated_runs(
    kit: Path, agent: AgentTools, processor: Any, choice: GraphChoice = CHOICE, limit: int = 4096
) -> tuple[list[GraphRun], list[TokenSpeaker], list[list[int]]]:
    """Four runs at once; the rows of every batch that was generated come with them."""
    rows = chain_rows(kit)[:4]
    words: dict[int, list[GeneratedTurn]] = {}
    batched: list[list[int]] = []

    def generate(wanted: Sequence[WantedTurn]) -> list[GeneratedTurn]:
        batched.append([turn.row for turn in wanted])
        return [words[turn.row].pop(0) for turn in wanted]

    batches = TurnBatches(generate, len(rows))
    between = TurnWords(processor)
    speakers = [
        TokenSpeaker(
            number,
            rendered_tokens(processor, prompt_with(picture), add_generation_prompt=True),
            limit,
            between,
            batches,
        )
        for number, (_, picture) in enumerate(rows)
    ]
    runner = GraphRunner(agent, choice)

    async def one(number: int) -> GraphRun:
        row, picture = rows[number]
        try:
            speaker = Dictated(speakers[number], teacher_of(agent, row), words)
            return await runner.run(picture, speaker)
        finally:
            batches.leave(number)

    async def everyone() -> list[GraphRun]:
        return list(await asyncio.gather(*(one(number) for number in range(len(rows)))))

    return asyncio.run(everyone()), speakers, batched


class Scripted:
    """A speaker that says what it was given, in turn; the last text again and again."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.told: list[str | None] = []

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        self.told.append(told)
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        return Said(text, False, sure_letters(text, request.letters))

    async def say_without_results(self, told: str | None, request: ChatRequest) -> Said:
        return await self.say(told, request)


DRAFT = "<think>x</think><answer>Portugal; Lisbon</answer>"
