"""Malformed recipes, each one sentence: the key, the value, and what to write."""

from pathlib import Path

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from geoagent_training.recipe_file import load_recipe
from geoagent_training.recipe_text import MAX_BYTES

MODEL = "model: m\n"
START = MODEL + "data: {path: rows.jsonl}\n"
GRAPH = START + "rollouts: graph\n"
WEIGHT = START + "rewards: [{function: spatial, weight: %s}]\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcde", "bcdef", strict=True)
)

CASES = [
    ("data: {path: x}\n", "model is missing: write a text"),
    ("model: 5\n", "model is 5: write a text"),
    ("model: ''\n", "model is '': write a text"),
    (MODEL + "data: rows.jsonl\n", "data is 'rows.jsonl': write a mapping with the keys path,"),
    (MODEL + "data: {}\n", "data.path is missing: write the name of a file or folder"),
    (MODEL + "data: {pth: x}\n", "unknown key data.pth; did you mean path?"),
    (MODEL + "data: {path: [a]}\n", "data.path is ['a']: write the name of a file or folder"),
    (MODEL + "data: {path: ''}\n", "data.path is '': write the name of a file or folder"),
    (MODEL + "data: {path: x, limit: 0}\n", "data.limit is 0: write a whole number above 0"),
    (MODEL + "data: {path: x, limit: '3'}\n", "data.limit is '3': write a whole number above 0"),
    (MODEL + "data: {path: x, format: coco}\n", "data.format is 'coco': write geoagent,"),
    (MODEL + "data: {path: 'hub:x'}\n", "write hub:owner/name@revision"),
    (START + "device: gpu\n", "device is 'gpu': write auto, cuda or cpu; did you mean cpu?"),
    (START + "max_pixels: '9'\n", "max_pixels is '9': write a whole number above 0"),
    (START + "max_pixels: true\n", "max_pixels is true: write a whole number above 0"),
    (START + "max_pixels: null\n", "max_pixels is null: write a whole number above 0"),
    (START + "max_pixels: .nan\n", "max_pixels is nan: write a whole number above 0"),
    (START + "max_pixels: 2020-13-45\n", "a value is not what YAML takes it for"),
    (START + "lora: {rank: 8}\n", "unknown key lora.rank; known are r, alpha, dropout"),
    (START + "lora: {dropout: .nan}\n", "lora.dropout is nan: write a number from 0 below 1"),
    (START + "eval_fraction: true\n", "eval_fraction is true: write a number above 0 to 0.5"),
    (START + "train_vision: 1\n", "train_vision is 1: write true or false"),
    (START + "train_vision: 'true'\n", "train_vision is 'true': write true or false"),
    (START + "draft_system: 5\n", "draft_system is 5: write the name of a file or folder"),
    (START + "attention: flash\n", "attention is 'flash': write sdpa, eager or flash_attention_2"),
    (GRAPH + "graph: {steps: 4}\n", "graph.steps is 4: write a whole number from 5 on"),
    (GRAPH + "graph: {patience_seconds: -1}\n", "is -1: write a number from 0 to 3600"),
    (START + "trainer: [1]\n", "trainer is [1]: write a mapping of keys to values"),
    (START + "trainer: {1: 2}\n", "trainer.1: the key 1 does not fit: write a text"),
    (START + "trainer: {seed: a}\n", "trainer.seed is 'a': write a whole number"),
    (START + "trainer: {seed: '42'}\n", "trainer.seed is '42': write a whole number"),
    (START + "trainer: {seed: true}\n", "trainer.seed is true: write a whole number"),
    (START + "trainer: {seed: -1}\n", "trainer.seed is -1: write a whole number from 0 to"),
    (START + "trainer: {num_generations: a}\n", "is 'a': write a whole number from 2 on"),
    (START + "trainer: {learning_rate: true}\n", "trainer.learning_rate is true: write a number"),
    (START + "trainer: {weight_decay: .nan}\n", "is nan: write a finite number"),
    (START + "trainer: {beta: -1}\n", "trainer.beta is -1: it must not be below 0"),
    (START + "trainer: {top_p: 2}\n", "trainer.top_p is 2: write a number from 0 to 1"),
    (START + "trainer: {max_steps: 1e3}\n", "trainer.max_steps is '1e3': write a whole number"),
    (START + "trainer: {loss_type: foo}\n", "trainer.loss_type is 'foo': write grpo, dapo,"),
    (START + "trainer: {optim: foo}\n", "trainer.optim is 'foo': write a name such as adamw"),
    (START + "trainer: {generation_kwargs: a}\n", "is 'a': write a mapping of keys to values"),
    (START + "trainer: {reward_weights: [1]}\n", "write `weight` beside each of the rewards"),
    (START + "rewards: 5\n", "rewards is 5: write a list, each entry a mapping"),
    (START + "rewards: []\n", "rewards is []: write a list"),
    (START + "rewards: [spatial]\n", "rewards.0 is 'spatial': write a mapping with the keys"),
    (START + "rewards: [{functoin: x}]\n", "unknown key rewards.0.functoin; did you mean function"),
    (WEIGHT % "a", "rewards.0.weight is 'a': write a number or a mapping with the keys at"),
    (WEIGHT % "'1.0'", "rewards.0.weight is '1.0': write a number or"),
    (WEIGHT % ".nan", "rewards.0.weight is nan: write a number or"),
    (WEIGHT % "{at: {5: 1}}", "it has no weight at step 0: write {at: {0: 0.0, 200: 1.0}}"),
    (WEIGHT % "{at: {0: a}}", "rewards.0.weight.at.0 is 'a': write a number"),
    (WEIGHT % "{at: {a: 1}}", "the key 'a' does not fit: write a whole number from 0 on"),
    (WEIGHT % "{at: {0: 1}, between: cubic}", "between is 'cubic': write hold or linear"),
    (WEIGHT % "{}", "rewards.0.weight.at is missing: write a mapping, each key a whole number"),
    (START + "reward_settings: {tau_km: '2'}\n", "reward_settings.tau_km is '2': write a number"),
    (START + "reward_settings: {consistency_characters: [1]}\n", "is [1]: write a list of 2"),
    (START + "reward_settings: {consistency_characters: [9, 1]}\n", "the shorter one first"),
    (START + "vllm: true\n", "vllm is true: write a mapping with the keys mode and collapse"),
    (START + "null: 2\n", "the key null does not fit: write a text"),
    (START + MODEL, ":3: the key model stands here twice"),
    (START + "\tdevice: cpu\n", ":3: it cannot be read as YAML"),
    (START + "device: !!int ''\n", "a value is not what YAML takes it for"),
    ("a: &a [*a]\n", "it holds more than"),
    (BOMB, "it holds more than"),
    (f"a: {'[' * 3000}\n", "it nests too deeply"),
    ("#" * (MAX_BYTES + 1), "it is larger than"),
]


@pytest.mark.parametrize(("text", "said"), CASES)
def test_a_malformed_recipe_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_recipe(path, GrpoRecipe)
    message = str(caught.value)
    assert message.startswith(f"{path}:")
    assert said in message
    assert "\n" not in message
    assert len(message) < 400 + len(str(path))


def test_choices_of_a_union_are_listed_once(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(START + "target: xml\n")
    choices = "write json, think_answer, environment or graph"
    with pytest.raises(ConfigError, match=f"target is 'xml': {choices}"):
        load_recipe(path, SftRecipe)


def test_a_folder_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it is a folder"):
        load_recipe(tmp_path, GrpoRecipe)


def test_numbers_with_an_exponent_and_a_bare_no_are_taken_as_meant(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(
        START
        + "eval_fraction: 1e-1\ntrainer: {learning_rate: 1e-5, save_strategy: no, top_k: -1}\n"
        + "rewards: [{function: spatial, weight: 2}]\n"
    )
    recipe = load_recipe(path, GrpoRecipe)
    assert recipe.eval_fraction == 0.1
    assert recipe.rewards[0].weight == 2


def test_a_setting_of_the_environment_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(START)
    monkeypatch.setenv("GEOAGENT_REWARD_TAU_KM", "far")
    with pytest.raises(ConfigError, match="GEOAGENT_REWARD_TAU_KM is 'far': write a number"):
        load_recipe(path, GrpoRecipe)
