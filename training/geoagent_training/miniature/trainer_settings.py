"""How both miniatures train: fine-tuning on rows in memory, and the settings of their GRPO."""

from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import SFTConfig

from geoagent_training.data.chat_rows import ConversationCollator
from geoagent_training.models.adapters import lora_config
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.recipe import LoraChoice
from geoagent_training.rollouts.tool_format import speak_in_actions
from geoagent_training.sft import ChainTrainer


def fine_tune(
    start: Path,
    table: Dataset,
    output: Path,
    arguments: dict[str, Any],
    *,
    device: str,
    lora: LoraChoice | None = None,
    actions: bool = False,
) -> Path:
    """Train a model on rows of conversations and pictures; return the folder of the result.

    Args:
        start: folder of the model to begin with.
        table: rows for `ConversationCollator`.
        output: gets the folder `final`.
        arguments: of `SFTConfig`, beside those that every training of a miniature has.
        device: "cpu" or another.
        lora: adapter to train; None trains every weight.
        actions: rows hold calls of tools.
    """
    processor = load_processor(str(start))
    template = processor.chat_template
    if actions:
        speak_in_actions(processor)
    args = SFTConfig(
        output_dir=str(output),
        lr_scheduler_type="cosine",
        save_strategy="no",
        logging_steps=25,
        report_to="none",
        use_cpu=device == "cpu",
        bf16=False,
        gradient_checkpointing=False,
        max_length=None,
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        **arguments,
    )
    trainer = ChainTrainer(
        model=load_model(str(start), dtype="float32"),
        args=args,
        train_dataset=table,
        processing_class=processor,
        data_collator=ConversationCollator(processor),
        peft_config=None if lora is None else lora_config(lora),
    )
    trainer.train()
    trainer.save_model(str(output / "final"))
    processor.chat_template = template
    processor.save_pretrained(output / "final")
    return output / "final"


def reward_settings_of(
    output: Path, seed: int, *, steps: int, prompts: int, generations: int, batch: int
) -> dict[str, Any]:
    """Return the arguments of TRL's trainer that the GRPO of both miniatures shares.

    Answers are sampled for a whole step at once and learned from in parts of `batch`.
    """
    return {
        "output_dir": str(output),
        "max_steps": steps,
        "per_device_train_batch_size": batch,
        "gradient_accumulation_steps": prompts * generations // batch,
        "num_generations": generations,
        "shuffle_dataset": False,
        "temperature": 0.7,
        "learning_rate": 1e-3,
        "lr_scheduler_type": "linear",
        # a group in which every answer is wrong differs in small things alone: scaled to unit
        # variance it pulls as hard as the others, right or not
        "scale_rewards": "none",
        "beta": 0.0,
        "seed": seed,
        "bf16": False,
        "gradient_checkpointing": False,
    }
