"""What a model was taught travels with it, and a recipe that rewards another form is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.data.chat_rows import conversation
from geoagent_training.data.rows import ChainOfThought
from geoagent_training.models.taught_form import (
    evaluation_warnings,
    form_warnings,
    read_form,
    system_of_model,
    write_form,
)
from geoagent_training.recipe import GrpoRecipe, SftRecipe

from geoagent_graph.policies.model.prompts import BARE_CHAIN_SYSTEM, DRAFT_SYSTEM

DATA = {"path": "x"}
LEVEL = {"Clues": [], "Reasoning": "r", "Conclusion": "c", "Uncertainty": "u"}
CHAIN = ChainOfThought.model_validate(
    {
        "CountryIdentification": LEVEL,
        "RegionalGuess": LEVEL,
        "PreciseLocalization": LEVEL,
        "FinalAnswer": "a; b",
    }
)


def test_each_form_is_asked_for_in_the_words_that_want_it() -> None:
    tagged = json.loads(conversation(CHAIN, "think_answer"))
    bare = json.loads(conversation(CHAIN, "json"))
    assert tagged[0]["content"] == DRAFT_SYSTEM
    assert tagged[-1]["content"].startswith("<think>{")
    assert bare[0]["content"] == BARE_CHAIN_SYSTEM
    assert "<think>" not in BARE_CHAIN_SYSTEM
    assert SftRecipe(model="m", data=DATA).target == "think_answer"


@pytest.mark.parametrize(
    ("sft", "grpo", "said"),
    [
        ({}, {}, []),
        ({"target": "json"}, {}, ["bare JSON"]),
        ({"target": "json"}, {"rewards": [{"function": "spatial"}]}, []),
        ({"system_prompt": "Where?"}, {}, ["'Where?'"]),
        ({"system_prompt": "Where?"}, {"system_prompt": "Where?"}, []),
        ({"target": "graph"}, {"rollouts": "graph"}, []),
        ({"target": "environment"}, {"rollouts": "environment"}, []),
    ],
)
def test_a_recipe_that_rewards_another_form_is_told(
    tmp_path: Path, sft: dict[str, Any], grpo: dict[str, Any], said: list[str]
) -> None:
    write_form(SftRecipe(model="m", data=DATA, **sft), tmp_path)
    warnings = form_warnings(GrpoRecipe(model=str(tmp_path), data=DATA, **grpo))
    assert len(warnings) == len(said)
    assert all(part in warning for part, warning in zip(said, warnings, strict=True))


def test_a_model_from_elsewhere_says_nothing_and_is_asked_in_our_words(tmp_path: Path) -> None:
    assert read_form(tmp_path) is None
    assert form_warnings(GrpoRecipe(model=str(tmp_path), data=DATA)) == []
    assert system_of_model(str(tmp_path)) is None
    write_form(SftRecipe(model="m", data=DATA, target="json", max_pixels=5000), tmp_path)
    assert system_of_model(str(tmp_path)) == BARE_CHAIN_SYSTEM
    assert read_form(tmp_path) is not None
    (tmp_path / "geoagent_form.json").write_text("{")
    assert read_form(tmp_path) is None


@pytest.mark.parametrize("rollouts", ["environment", "graph"])
def test_who_evaluates_a_model_of_conversations_is_told(tmp_path: Path, rollouts: str) -> None:
    recipe = GrpoRecipe.model_validate({"model": "m", "data": DATA, "rollouts": rollouts})
    write_form(recipe, tmp_path)
    (warning,) = evaluation_warnings(str(tmp_path))
    assert f"was taught conversations with tools ({rollouts})" in warning
    write_form(GrpoRecipe(model="m", data=DATA), tmp_path)
    assert evaluation_warnings(str(tmp_path)) == evaluation_warnings("somewhere/else") == []
