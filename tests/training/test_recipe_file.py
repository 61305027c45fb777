"""A recipe from its YAML file: every fault is one line with the file and the key."""

from pathlib import Path

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from geoagent_training.recipe_file import load_recipe, recipe_kind

START = "model: m\ndata: {path: rows.jsonl}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recipe.yaml"


def test_only_supervised_training_has_a_target(path: Path) -> None:
    path.write_text(START)
    assert recipe_kind(path) is GrpoRecipe
    path.write_text(START + "target: json\n")
    assert recipe_kind(path) is SftRecipe


def test_each_reward_knows_its_line(path: Path) -> None:
    path.write_text(START + "rewards:\n- function: spatial\n\n- {function: semantic, weight: 2}\n")
    rewards = load_recipe(path, GrpoRecipe).rewards
    assert [choice.where for choice in rewards] == [f"{path}:4: rewards", f"{path}:6: rewards"]
    path.write_text(START)
    assert load_recipe(path, GrpoRecipe).rewards[0].where == "rewards"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (START + "devise: cpu\n", "unknown key devise; did you mean device"),
        (START + "max_pixels: many\n", "max_pixels is 'many': write a whole number above 0"),
        ("data: {path: x}\n", "model is missing: write a text"),
        (START + "trainer: {num_generations: 1}\n", "trainer.num_generations is 1: write"),
        ("- a list\n", "a recipe is a mapping of keys to values"),
        ("", "a recipe is a mapping of keys to values"),
        ("model: [\n", ":2: it cannot be read as YAML: expected the node content"),
    ],
)
def test_a_fault_is_one_line_with_file_and_key(path: Path, text: str, said: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_recipe(path, GrpoRecipe)
    message = str(caught.value)
    assert message.startswith(f"{path}:")
    assert said in message
    assert "\n" not in message


def test_a_file_that_is_not_there_or_no_text_is_said(path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such recipe"):
        recipe_kind(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="it is no UTF-8 text"):
        recipe_kind(path)
