"""An export of a tiny adapter."""

from pathlib import Path

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.models.export import export_model
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.sft import run_sft

from tests.support.tiny_runs import sft_recipe

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]


def test_an_export_answers_as_the_adapter_does(kit: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    final = run_sft(sft_recipe(kit, tmp_path / "run", learning_rate=1e-2))
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
