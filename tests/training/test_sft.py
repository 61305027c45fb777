"""SFT on the tiny model: the steps themselves, and what stops them before the first."""

import json
import re
from pathlib import Path

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.sft import run_sft

from tests.support.tiny_runs import adapter_weights, sft_recipe

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]


def test_three_steps_of_sft_change_the_language_model_only(kit: Path, tmp_path: Path) -> None:
    final = run_sft(sft_recipe(kit, tmp_path / "run"))
    adapter = adapter_weights(final)
    assert adapter
    assert not [name for name in adapter if "visual" in name]
    assert all(weight.abs().sum() > 0 for name, weight in adapter.items() if "lora_B" in name)
    losses = [
        e["loss"] for e in json.loads((tmp_path / "run" / "log.json").read_text()) if "loss" in e
    ]
    assert len(losses) == 3
    assert losses[2] < losses[0]


def test_three_steps_of_sft_on_text_alone(kit: Path, tmp_path: Path) -> None:
    from datasets import Dataset, Features, Image, List, Value
    from geoagent_training.data.chat_rows import ConversationCollator
    from geoagent_training.sft import ChainTrainer, _default_arguments
    from geoagent_training.trainers.arguments import trainer_arguments
    from trl import SFTConfig

    turns = [{"role": "user", "content": "RUA, palm"}, {"role": "assistant", "content": "Portugal"}]
    rows = [{"conversation": json.dumps(turns), "images": []}] * 4
    features = Features({"conversation": Value("string"), "images": List(Image())})
    recipe = sft_recipe(kit, tmp_path, save_strategy="no", learning_rate=1e-2)
    processor = load_processor(recipe.model)
    trainer = ChainTrainer(
        model=load_model(recipe.model, dtype="float32"),
        args=trainer_arguments(SFTConfig, recipe.trainer, _default_arguments(recipe)),
        train_dataset=Dataset.from_list(rows, features=features),
        processing_class=processor,
        data_collator=ConversationCollator(processor),
    )
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(losses) == 3
    assert losses[2] < losses[0] - 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_asked_for_and_absent(kit: Path, tmp_path: Path) -> None:
    recipe = sft_recipe(kit, tmp_path).model_copy(update={"device": "cuda"})
    with pytest.raises(ConfigError, match="no GPU"):
        run_sft(recipe)


def test_a_model_that_is_not_there_is_named(kit: Path, tmp_path: Path) -> None:
    recipe = sft_recipe(kit, tmp_path / "run").model_copy(update={"model": str(tmp_path / "gone")})
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / "gone"))):
        run_sft(recipe)
