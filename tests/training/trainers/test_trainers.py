"""SFT and GRPO on the tiny model: the steps themselves, resuming, exporting, and stopping well."""

import errno
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from geoagent_training.errors import ConfigError, ServiceError, TrainingStopped
from geoagent_training.grpo import run_grpo
from geoagent_training.models.export import export_model
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.recipe import DataChoice, GrpoRecipe, LoraChoice, SftRecipe
from geoagent_training.rewards.judge import OpenAIJudge
from geoagent_training.sft import run_sft
from geoagent_training.trainers.checkpoints import last_checkpoint
from safetensors.torch import load_file

from geoagent_graph.errors import StorageError
from tests.support.paths import ROOT
from tests.support.reward_fakes import ScriptedJudge

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]
SYSTEM = "Where was this photo taken?"


def _sft(kit: Path, out: Path, **trainer: Any) -> SftRecipe:
    return SftRecipe(
        model=str(kit / "model"),
        data=DataChoice(path=kit / "chains" / "rows.jsonl"),
        device="cpu",
        target="think_answer",
        system_prompt=SYSTEM,
        lora=LoraChoice(r=8, alpha=16),
        trainer={
            "output_dir": str(out),
            "max_steps": 3,
            "per_device_train_batch_size": 2,
            "gradient_accumulation_steps": 1,
            "learning_rate": 1e-3,
            **trainer,
        },
    )


def _grpo(kit: Path, out: Path, rewards: list[str], **trainer: Any) -> GrpoRecipe:
    return GrpoRecipe(
        model=str(kit / "model"),
        data=DataChoice(path=kit / "places" / "rows.jsonl"),
        device="cpu",
        system_prompt=SYSTEM,
        lora=LoraChoice(r=8, alpha=16),
        rewards=[{"function": name} for name in rewards],
        trainer={
            "output_dir": str(out),
            "max_steps": 3,
            "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 1,
            "num_generations": 4,
            "max_completion_length": 16,
            "learning_rate": 1e-3,
            "temperature": 1.0,
            **trainer,
        },
    )


LENGTH = "tests.support.tiny_rewards.length"


def _adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_three_steps_of_sft_change_the_language_model_only(kit: Path, tmp_path: Path) -> None:
    final = run_sft(_sft(kit, tmp_path / "run"))
    adapter = _adapter(final)
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
    recipe = _sft(kit, tmp_path, save_strategy="no", learning_rate=1e-2)
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


def test_three_steps_of_grpo_with_photos(kit: Path, tmp_path: Path) -> None:
    recipe = _grpo(kit, tmp_path / "run", [LENGTH, "geo_similarity"])
    final = run_grpo(recipe)
    assert any(w.abs().sum() > 0 for n, w in _adapter(final).items() if "lora_B" in n)
    log = json.loads((tmp_path / "run" / "log.json").read_text())
    assert {"geo/resolved", "geo/parsed", "geo/within_25_km", "rewards/geo_similarity/mean"} <= {
        *log[0]
    }
    lines = (tmp_path / "run" / "completions.jsonl").read_text().splitlines()
    samples = [json.loads(line) for line in lines]
    assert {sample["step"] for sample in samples} == {0, 1, 2}
    assert samples[0]["rewards"]["length"] is not None
    assert "rows.jsonl:" in samples[0]["row_id"]


def test_three_steps_of_grpo_on_text_alone(kit: Path, tmp_path: Path) -> None:
    """TRL's trainer takes our reward functions without photos too, as `trl grpo` would call it."""
    from datasets import Dataset
    from geoagent_training.rewards import functions as rewards
    from trl import GRPOConfig, GRPOTrainer

    turn = [{"role": "user", "content": [{"type": "text", "text": "Where is this: RUA, palm?"}]}]
    rows = {"prompt": [turn] * 4, "solution": ["Portugal; Lisbon"] * 4, "lat": [38.7] * 4}
    rows |= {"lng": [-9.1] * 4}
    args = GRPOConfig(
        output_dir=str(tmp_path),
        max_steps=3,
        per_device_train_batch_size=4,
        num_generations=4,
        max_completion_length=12,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        report_to="none",
        save_strategy="no",
        logging_steps=1,
    )
    trainer = GRPOTrainer(
        model=load_model(str(kit / "model"), dtype="float32"),
        reward_funcs=[rewards.geo_similarity, rewards.well_formed],
        args=args,
        train_dataset=Dataset.from_dict(rows),
        processing_class=load_processor(str(kit / "model")),
    )
    trainer.train()
    assert trainer.state.global_step == 3
    assert trainer.state.log_history[0]["rewards/geo_similarity/mean"] == 0.0


@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_a_resumed_run_takes_the_same_next_step(kit: Path, tmp_path: Path, stage: str) -> None:
    def run(out: Path, steps: int, *, resume: bool = False) -> Path:
        schedule = {"lr_scheduler_type": "constant", "save_steps": 2, "max_steps": steps}
        if stage == "sft":
            return run_sft(_sft(kit, out, **schedule), resume=resume)
        return run_grpo(_grpo(kit, out, [LENGTH], **schedule), resume=resume)

    whole = run(tmp_path / "whole", 4)
    run(tmp_path / "killed", 2)
    # what a kill during the next save leaves behind
    partial = tmp_path / "killed" / "checkpoint-3"
    partial.mkdir()
    (partial / "adapter_model.safetensors").write_bytes(b"half")
    resumed = run(tmp_path / "killed", 4, resume=True)
    one, other = _adapter(whole), _adapter(resumed)
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=0)


def test_checkpoints_are_not_overwritten_unasked(kit: Path, tmp_path: Path) -> None:
    run_sft(_sft(kit, tmp_path, max_steps=1))
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-1"
    with pytest.raises(ConfigError, match="add --resume"):
        run_sft(_sft(kit, tmp_path, max_steps=1))


def test_an_export_answers_as_the_adapter_does(kit: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    final = run_sft(_sft(kit, tmp_path / "run", learning_rate=1e-2))
    plain = export_model(final, tmp_path / "my-model", results="| a | b |")
    card = (plain / "README.md").read_text()
    assert "base_model:" in card
    assert "LoRA r 8" in card
    assert "| steps | 3 |" in card
    processor = load_processor(str(plain))
    turns = [{"role": "user", "content": [{"type": "text", "text": "RUA"}]}]
    inputs = processor.apply_chat_template(
        [turns], tokenize=True, return_dict=True, return_tensors="pt"
    )
    merged = load_model(str(plain), dtype="float32")
    adapted = PeftModel.from_pretrained(load_model(str(kit / "model"), dtype="float32"), str(final))
    with torch.no_grad():
        difference = merged(**inputs).logits - adapted(**inputs).logits
        base = load_model(str(kit / "model"), dtype="float32")(**inputs).logits
    assert difference.abs().max() < 1e-4
    assert (merged(**inputs).logits - base).abs().max() > 1e-3
    with pytest.raises(ConfigError, match="not empty"):
        export_model(final, plain)
    with pytest.raises(ConfigError, match="neither an adapter nor a model"):
        export_model(tmp_path, tmp_path / "x")


def test_a_judge_that_is_down_stops_the_run_before_the_first_step(
    kit: Path, tmp_path: Path
) -> None:
    recipe = _grpo(kit, tmp_path, ["consistency"])
    judge = OpenAIJudge("http://127.0.0.1:9/v1", "m", retries=0, seconds=2)
    with pytest.raises(ServiceError, match=r"judge at http://127\.0\.0\.1:9"):
        run_grpo(recipe, judge=judge)
    assert not list(tmp_path.glob("checkpoint-*"))


def test_a_judge_that_dies_in_the_middle_loses_nothing(
    kit: Path, tmp_path: Path, serve: Callable[..., str]
) -> None:
    from tests.support import tiny_rewards

    tiny_rewards.FAIL_AT.append(2)
    try:
        with pytest.raises(
            TrainingStopped, match=r"judge died.*--resume goes on from .*checkpoint-2"
        ):
            run_grpo(_grpo(kit, tmp_path, ["tests.support.tiny_rewards.length_or_fault"]))
    finally:
        tiny_rewards.FAIL_AT.clear()
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-2"
    run_grpo(_grpo(kit, tmp_path, ["tests.support.tiny_rewards.length_or_fault"]), resume=True)
    # one whole run beside it: the same last weights
    run_grpo(_grpo(kit, tmp_path / "whole", ["tests.support.tiny_rewards.length_or_fault"]))
    one, other = _adapter(tmp_path / "final"), _adapter(tmp_path / "whole" / "final")
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=0)


def test_a_reward_of_nan_stops_the_run(kit: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped, match="the reward not_a_number returned nan"):
        run_grpo(_grpo(kit, tmp_path, ["tests.support.tiny_rewards.not_a_number"]))


def test_a_full_disk_leaves_the_checkpoint_before(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = torch.save

    def save(value: object, path: Any, *arguments: Any, **options: Any) -> None:
        if "checkpoint-2" in str(path):
            Path(str(path)).write_bytes(b"half of it")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(value, path, *arguments, **options)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(StorageError, match=r"disk is full: checkpoint-2.*checkpoint-1 is whole"):
        run_sft(_sft(kit, tmp_path, save_steps=1))
    assert [p.name for p in tmp_path.glob("checkpoint-*")] == ["checkpoint-1"]
    monkeypatch.undo()
    run_sft(_sft(kit, tmp_path, save_steps=1), resume=True)
    assert (tmp_path / "final" / "adapter_model.safetensors").is_file()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_asked_for_and_absent(kit: Path, tmp_path: Path) -> None:
    recipe = _sft(kit, tmp_path).model_copy(update={"device": "cuda"})
    with pytest.raises(ConfigError, match="no GPU"):
        run_sft(recipe)


def test_a_model_that_is_not_there_is_named(kit: Path, tmp_path: Path) -> None:
    recipe = _sft(kit, tmp_path / "run").model_copy(update={"model": str(tmp_path / "gone")})
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / "gone"))):
        run_sft(recipe)


def test_checkpoints_in_the_middle_of_a_batch_are_refused(kit: Path, tmp_path: Path) -> None:
    recipe = _grpo(kit, tmp_path, [LENGTH], num_iterations=2, save_steps=3)
    with pytest.raises(ConfigError, match="multiple of 2"):
        run_grpo(recipe)


def test_consistency_runs_inside_the_trainer(kit: Path, tmp_path: Path) -> None:
    recipe = _grpo(kit, tmp_path, ["consistency", LENGTH], max_steps=1)
    run_grpo(recipe, judge=ScriptedJudge(lambda question: "Portugal"))
    log = json.loads((tmp_path / "log.json").read_text())
    assert log[0]["rewards/consistency/mean"] == 0.0


def test_the_tiny_recipes_run_as_they_are(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoagent_training.recipe_file import load_recipe

    recipes = ROOT / "training" / "recipes"
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "tiny").symlink_to(kit)
    monkeypatch.chdir(tmp_path)
    names = ("sft_tiny_cpu", "grpo_tiny_cpu", "grpo_agent_tiny_cpu", "grpo_graph_tiny_cpu")
    for name in (*names, "sft_graph_tiny_cpu"):
        path = recipes / f"{name}.yaml"
        if name.startswith("sft"):
            final = run_sft(load_recipe(path, SftRecipe))
        else:
            final = run_grpo(load_recipe(path, GrpoRecipe))
        assert (final / "adapter_model.safetensors").is_file()
        assert (final / "processor_config.json").is_file()
