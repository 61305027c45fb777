"""The reward functions in the script behind TRL's own command, `trl grpo --reward_funcs`."""

import json
import runpy
import sys
from pathlib import Path

import pytest


def _write_text_model(folder: Path) -> None:
    """Write a random language model: TRL's command loads Qwen2.5-VL only beside torchvision."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from geoagent_graph.testing.qwen_tokenizer import cut_tokenizer
    from geoagent_graph.testing.tiny_model import CHAT_TEMPLATE

    torch.manual_seed(0)
    tokenizer = cut_tokenizer(["Where is this? RUA, palm. system user assistant\n"])
    tokenizer.chat_template = CHAT_TEMPLATE
    config = Qwen2Config(
        vocab_size=(len(tokenizer) + 63) // 64 * 64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=1,
        num_key_value_heads=1,
        max_position_embeddings=512,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.mark.training
@pytest.mark.filterwarnings("default")
def test_two_steps_of_trl_grpo_with_our_reward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets
    from datasets import Dataset

    _write_text_model(tmp_path / "model")
    turn = [{"role": "user", "content": "Where is this? RUA, palm."}]
    rows = {"prompt": [turn] * 4, "solution": ["Portugal; Lisbon"] * 4}
    rows |= {"lat": [38.7] * 4, "lng": [-9.1] * 4}
    Dataset.from_dict(rows).to_parquet(str(tmp_path / "data" / "train.parquet"))
    options = {
        "reward_funcs": "geoagent_training.rewards.geo_similarity",
        "model_name_or_path": tmp_path / "model",
        "dataset_name": tmp_path / "data",
        "output_dir": tmp_path / "out",
        "max_steps": 2,
        "per_device_train_batch_size": 4,
        "num_generations": 4,
        "max_completion_length": 12,
        "logging_steps": 1,
        "use_cpu": "true",
        "bf16": "false",
        "gradient_checkpointing": "false",
        "report_to": "none",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    # `trl grpo` has accelerate start this script in a process that imports everything again
    monkeypatch.setattr(sys, "argv", ["grpo.py", *words])
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hub")
    runpy.run_module("trl.scripts.grpo", run_name="__main__")
    (state,) = (tmp_path / "out").glob("checkpoint-2/trainer_state.json")
    log = json.loads(state.read_text())["log_history"]
    assert [entry["step"] for entry in log if "rewards/geo_similarity/mean" in entry] == [1, 2]
    assert log[0]["rewards/geo_similarity/mean"] == 0.0
    assert "geo/parsed" in log[0]
