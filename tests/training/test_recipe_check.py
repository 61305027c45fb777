"""A recipe is checked without a model: its rewards, and the arguments of TRL."""

from pathlib import Path

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from geoagent_training.recipe_check import check_recipe

START = "model: nowhere/at-all\ndata: {path: missing.jsonl}\ndevice: cuda\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(START + text)
    return path


def test_a_recipe_passes_without_its_model_data_and_device(tmp_path: Path) -> None:
    checked = check_recipe(write(tmp_path, f"trainer: {{output_dir: {tmp_path / 'o'}}}\n"))
    assert type(checked) is GrpoRecipe
    assert type(check_recipe(write(tmp_path, "target: json\n"))) is SftRecipe
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rewards:\n- function: spacial\n", r"recipe\.yaml:5: .*spacial"),
        ("trainer: {num_generation: 4}\n", "GRPOConfig has no such key; did you mean num_gen"),
        ("target: json\ntrainer: {num_generations: 4}\n", "num_generations: SFTConfig has no such"),
    ],
)
def test_what_would_not_start_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check_recipe(write(tmp_path, text))
