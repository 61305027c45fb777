"""What tools changed: measured against the same choice without what they said."""

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.models.loading import load_processor
from geoagent_training.rollouts.graph_rollouts import GraphRun, GraphRunner
from geoagent_training.rollouts.tokens import TokenSpeaker, TurnWords
from geoagent_training.rollouts.tool_effects import blank_result
from geoagent_training.rollouts.tools import AgentTools, agent_tools
from geoagent_training.rollouts.turn_batches import GeneratedTurn, TurnBatches, WantedTurn

from tests.support.training_graph_runs import (
    CHOICE,
    chain_rows,
    prompt_with,
    rendered_tokens,
    teacher_of,
)


@pytest.fixture(scope="module")
def agent() -> AgentTools:
    return agent_tools()


def test_only_what_a_tool_said_is_left_blank() -> None:
    told = "Result of verify:\n- Lisbon, Lisbon, Portugal\n- Lisbon, Ohio\nChoose the next action."
    assert blank_result(told) == "Result of verify:\nnothing\nChoose the next action."


class Believing:
    """Generates what the teacher says; believes in a place only where a tool's result names it."""

    def __init__(self, processor: Any, replies: list[str]) -> None:
        self.processor, self.replies = processor, replies
        self.controls: list[str] = []

    def __call__(self, wanted: list[WantedTurn]) -> list[GeneratedTurn]:
        return [self._turn(one) for one in wanted]

    def _turn(self, wanted: WantedTurn) -> GeneratedTurn:
        text = self.processor.tokenizer.decode(wanted.tokens)
        blank = "Result of verify:\nnothing" in text
        self.controls += [text] if blank else []
        share = 0.4 if blank else 0.9
        letters = len(wanted.letters)
        rest = (1.0 - share) / max(1, letters - 1)
        reply = self.replies[0] if blank else self.replies.pop(0)
        tokens = self.processor.tokenizer(reply, add_special_tokens=False)["input_ids"]
        found = tuple(math.log(share if one == tokens[0] else rest) for one in wanted.letters)
        end = [] if letters else [self.processor.tokenizer.eos_token_id]
        return GeneratedTurn([*tokens, *end], None, found)


def test_a_choice_after_a_tool_is_also_made_without_what_it_said(
    kit: Path, agent: AgentTools
) -> None:
    processor = load_processor(str(kit / "agent_model"))
    row, picture = chain_rows(kit)[0]
    taught = asyncio.run(GraphRunner(agent, CHOICE).run(picture, teacher_of(agent, row)))
    believing = Believing(processor, [exchange.reply for exchange in taught.chat.exchanges])
    turns = TurnBatches(believing, 1)  # type: ignore[arg-type]
    prompt = rendered_tokens(processor, prompt_with(picture), add_generation_prompt=True)
    speaker = TokenSpeaker(0, prompt, 8192, TurnWords(processor), turns)
    runner = GraphRunner(agent, CHOICE, measure_tools=True)
    run: GraphRun = asyncio.run(runner.run(picture, speaker))
    assert run.answer is not None
    assert run.trajectory() == taught.trajectory()  # what is measured leaves no trace
    assert len(believing.controls) == 1
    (control,) = believing.controls
    assert "Lisbon, Portugal\n" not in control.rpartition("Result of verify:")[2]
    assert control.count("Result of verify") == 1
    (effect,) = run.effects()
    assert effect["level"] == "city"
    right = effect["after"].index(max(effect["after"]))
    assert effect["after"][right] == pytest.approx(0.9)
    assert effect["before"][right] == pytest.approx(0.4)
    assert effect["countries"][right] == row.country
    assert effect["points"][right] == pytest.approx((row.lat_deg, row.lon_deg), abs=0.3)
