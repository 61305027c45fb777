"""Recipes refuse what would do nothing or cannot work; their defaults are the paper's."""

from typing import Any

import pytest
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from pydantic import ValidationError

START: dict[str, Any] = {"model": "m", "data": {"path": "rows.jsonl"}}


def test_the_defaults_are_those_of_the_paper() -> None:
    sft, grpo = SftRecipe(**START), GrpoRecipe(**START)
    assert (sft.max_pixels, grpo.max_pixels) == (285_043, 200_000)
    weights = {choice.function: choice.weight for choice in grpo.rewards}
    # `geo_similarity` holds 1.5 spatial and 1.0 semantic
    assert weights["geo_similarity"] == 1.0
    assert weights["consistency"] == 0.5
    assert not grpo.train_vision


@pytest.mark.parametrize("generations", [1, 0, "8"])
def test_a_group_of_one_answer_is_refused(generations: object) -> None:
    with pytest.raises(ValidationError, match="write a whole number from 2 on"):
        GrpoRecipe(**START, trainer={"num_generations": generations})
    assert GrpoRecipe(**START, trainer={"num_generations": 2})


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (SftRecipe, {"index": "i"}, "index: it is of no use with target: think_answer"),
        (SftRecipe, {"graph": {"steps": 9}}, "graph: it is of no use with target: think_answer"),
        (SftRecipe, {"target": "environment", "graph": {"steps": 9}}, "graph: it is of no use"),
        (GrpoRecipe, {"index": "i"}, "index: it is of no use with rollouts: single"),
        (
            GrpoRecipe,
            {"rollouts": "environment", "graph": {"steps": 9}},
            "graph: it is of no use with rollouts: environment",
        ),
    ],
)
def test_keys_that_would_do_nothing_are_refused(kind: Any, given: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        kind(**START, **given)


def test_the_same_keys_are_taken_where_they_are_of_use() -> None:
    assert SftRecipe(**START, target="graph", index="i", graph={"steps": 9}).graph.steps == 9
    assert SftRecipe(**START, target="environment", index="i").index is not None
    assert GrpoRecipe(**START, rollouts="environment", index="i").index is not None
    assert GrpoRecipe(**START, rollouts="graph", index="i", graph={"steps": 9}).graph.steps == 9


@pytest.mark.parametrize(
    "given",
    [{"max_pixels": 0}, {"graph": {"steps": 4}}, {"rewards": ()}, {"lora": {"dropout": 1}}],
)
def test_values_out_of_bounds_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given))):
        GrpoRecipe(**START, rollouts="graph", **given)
