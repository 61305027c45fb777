"""The mode `conversation` of the served policy: the very tokens of a rollout."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.models.loading import load_processor
from geoagent_training.recipe import GraphChoice
from geoagent_training.rollouts.graph_rollouts import GraphRun, GraphRunner
from geoagent_training.rollouts.photos import png_bytes
from geoagent_training.rollouts.tokens import TokenSpeaker, TurnWords
from geoagent_training.rollouts.tools import AgentTools, agent_tools
from geoagent_training.rollouts.turn_batches import GeneratedTurn, TurnBatches

from geoagent_graph import locate
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.state import RunOptions
from geoagent_graph.testing.mock_server import MODEL, MockServer
from geoagent_graph.types import Answer
from tests.support.conversing_server import SameReplies, template_messages
from tests.support.training_graph_runs import (
    Dictated,
    chain_rows,
    prompt_with,
    rendered_tokens,
    teacher_of,
)

pytest.importorskip("openai")
CHOICE = GraphChoice(steps=14)


@pytest.fixture(scope="module")
def agent() -> AgentTools:
    return agent_tools()


def dictated_run(agent: AgentTools, processor: Any, row: Any, picture: Any) -> Any:
    words: dict[int, list[GeneratedTurn]] = {}
    turns = TurnBatches(lambda wanted: [words[one.row].pop(0) for one in wanted], 1)
    prompt = rendered_tokens(processor, prompt_with(picture), add_generation_prompt=True)
    speaker = TokenSpeaker(0, prompt, 8192, TurnWords(processor), turns)

    async def run() -> GraphRun:
        said = Dictated(speaker, teacher_of(agent, row), words)
        return await GraphRunner(agent, CHOICE).run(picture, said)

    found = asyncio.run(run())
    speaker.close()
    return found, speaker


async def served_run(agent: AgentTools, picture: Any, replies: SameReplies) -> Answer:
    async with MockServer(replies) as server:
        options = PolicyOptions(
            policy="served", mode="conversation", base_url=server.base_url, model=MODEL
        )
        toolbox = with_policy(agent.toolbox, options)
        try:
            run = RunOptions(use_exif=False, budget=CHOICE.steps)
            return await locate(png_bytes(picture), toolbox=toolbox, options=run)
        finally:
            await toolbox.aclose()


@pytest.mark.parametrize(("number", "size"), [(0, (112, 112)), (1, (301, 223)), (2, (640, 480))])
def test_serving_sends_what_a_rollout_was_trained_on_token_by_token(
    kit: Path, agent: AgentTools, number: int, size: tuple[int, int]
) -> None:
    processor = load_processor(str(kit / "agent_model"), 30_000)
    row, picture = chain_rows(kit)[number]
    picture = picture.resize(size)
    run, speaker = dictated_run(agent, processor, row, picture)
    assert run.answer is not None
    assert any(exchange.is_result for exchange in run.chat.exchanges)
    place = run.answer.place
    assert place.continent
    assert place.country
    assert place.city
    replies = SameReplies(run.chat.exchanges, [place.continent, place.country, place.city])
    answer = asyncio.run(served_run(agent, picture, replies))
    assert answer.place == run.answer.place
    whole = replies.conversations[-1]
    after = processor.tokenizer("\n", add_special_tokens=False)["input_ids"]
    served = rendered_tokens(processor, template_messages(whole))
    assert served == [*speaker.prompt, *speaker.completion, *after]
    assert len(replies.asides) == 3
    for aside in replies.asides:
        # what was said before the choice, and the question in another order
        assert aside[:-1] in [turns[: len(aside) - 1] for turns in replies.conversations]
        assert not [turns for turns in replies.conversations if turns[: len(aside)] == aside]
