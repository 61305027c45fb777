"""A recipe whose runs of the graph do not fit is refused before anything is loaded."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GraphChoice, GrpoRecipe
from geoagent_training.recipe_check import check_recipe
from geoagent_training.rollouts.conversation_budget import (
    CHOICE_TOKENS,
    PROMPT_TOKENS,
    QUESTION_TOKENS,
    RESULT_TOKENS,
    check_conversation,
    run_tokens,
)
from geoagent_training.rollouts.graph_rollouts import GraphRunner
from geoagent_training.rollouts.tools import agent_tools

from geoagent_graph.policies.model import prompts
from geoagent_graph.testing.qwen_tokenizer import qwen_tokenizer
from tests.support.paths import ROOT
from tests.support.training_graph_runs import chain_rows, teacher_of

RECIPES = sorted((ROOT / "training/recipes").glob("grpo_graph_*.yaml"))
GRAPH = GraphChoice(draft_tokens=512, turn_tokens=128)


def recipe(**changes: Any) -> GrpoRecipe:
    given = {"model": "m", "data": {"path": "p"}, "rollouts": "graph", "graph": GRAPH}
    return GrpoRecipe(**{**given, **changes})


def arguments(**changes: Any) -> Any:
    return SimpleNamespace(
        **{"max_completion_length": 4096, "vllm_max_model_length": 8192} | changes
    )


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_recipes_over_the_graph_have_room_for_whole_runs(path: Path) -> None:
    assert check_recipe(path)


def test_a_run_that_does_not_fit_is_refused_with_the_number_that_does() -> None:
    check_conversation(recipe(), arguments())
    needed = run_tokens(GRAPH)
    check_conversation(recipe(), arguments(max_completion_length=needed))
    with pytest.raises(ConfigError, match=rf"max_completion_length is 2048.* take {needed} tok"):
        check_conversation(recipe(), arguments(max_completion_length=2048))
    check_conversation(
        recipe(rollouts="single", graph=GraphChoice()), arguments(max_completion_length=9)
    )


def test_photo_question_and_run_fit_into_the_context(tmp_path: Path) -> None:
    big = recipe(max_pixels=4_000_000, vllm={"mode": "server"})
    with pytest.raises(ConfigError, match=r"model_length is 8192 tokens: a photo of max_p"):
        check_conversation(big, arguments())
    (tmp_path / "config.json").write_text(
        json.dumps({"text_config": {"max_position_embeddings": 4096}})
    )
    with pytest.raises(ConfigError, match=r"the context of .* is 4096 tokens"):
        check_conversation(recipe(model=str(tmp_path)), arguments())
    (tmp_path / "config.json").write_text("[]")
    check_conversation(recipe(model=str(tmp_path)), arguments())


def test_what_the_graph_says_takes_no_more_than_is_reckoned_with(kit: Path) -> None:
    tokenizer = qwen_tokenizer()

    def tokens(text: str) -> int:
        return len(tokenizer(text)["input_ids"])

    agent = agent_tools()
    row, picture = chain_rows(kit)[0]
    runner = GraphRunner(agent, GraphChoice(steps=14))
    exchanges = asyncio.run(runner.run(picture, teacher_of(agent, row))).chat.exchanges
    most = {"draft": PROMPT_TOKENS, "turn": QUESTION_TOKENS, "choice": CHOICE_TOKENS}
    for one in exchanges:
        limit = RESULT_TOKENS if one.is_result else most[one.purpose.partition(".")[0]]
        assert tokens(one.told or "") < limit
    first = tokens(prompts.DRAFT_SYSTEM) + tokens(prompts.DRAFT_QUESTION)
    assert first < PROMPT_TOKENS
