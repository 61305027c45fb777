"""Log-probabilities as the trainer takes them, without the rest of a trainer."""

from types import SimpleNamespace
from typing import Any

import torch
from accelerate import Accelerator
from geoagent_training.models.adapters import lora_config
from geoagent_training.models.loading import load_model
from geoagent_training.recipe import LoraChoice
from geoagent_training.trainers.branch_attention import use_branch_attention
from geoagent_training.trainers.shared_prefix import SharedPrefix
from trl import GRPOTrainer
from trl.trainer.utils import add_fused_lm_head


class Scorer(SharedPrefix, GRPOTrainer):  # type: ignore[misc]
    """What scores answers in the trainer: TRL's way, or with shared prompts."""

    def __init__(self, *, shares: bool) -> None:
        self.shares_prefix = shares
        self.accelerator = Accelerator(cpu=True)
        self.args = SimpleNamespace(report_to=[])
        self.state = SimpleNamespace(global_step=0)
        self.aux_loss_enabled = False

    def score(self, model: Any, answers: dict[str, Any], **how: Any) -> tuple[Any, Any]:
        """Return log-probabilities and entropies of answers, each [answers, tokens]."""
        scores, entropies, _ = self._get_per_token_logps_and_entropies(
            model, **answers, compute_entropy=True, **how
        )
        return scores, entropies


def adapted_model(folder: str, *, branches: bool, attention: str = "sdpa", rank: int = 4) -> Any:
    """Return a model with adapters that do something, its scores as TRL's trainer takes them.

    Args:
        folder: of the model.
        branches: whether it understands prompts with several answers.
        attention: how it computes the rest.
        rank: of the adapters.
    """
    from peft import get_peft_model

    torch.manual_seed(1)
    model = load_model(folder, dtype="float32", attention=attention)
    add_fused_lm_head(model, temperature=0.7, outputs=("log_probs", "entropy"))
    if branches:
        use_branch_attention(model)
    adapted = get_peft_model(model, lora_config(LoraChoice(r=rank, alpha=2 * rank)))
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    return adapted
