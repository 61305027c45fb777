"""Supervised fine-tuning on chains of thought, the paper's first stage.

    geoagent-train sft --config training/recipes/sft_tiny_cpu.yaml
    accelerate launch --config_file training/recipes/accelerate/zero3.yaml \
        -m geoagent_training.cli sft --config training/recipes/sft_geoagent.yaml

Against the paper: our own collator instead of the framework's (TRL's drops pictures that tools
return); everything else is the recipe.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from geoagent_training.data.chat_rows import ConversationCollator
from geoagent_training.data.sources import SourceRow
from geoagent_training.data.tables import conversation_columns
from geoagent_training.models.adapters import adapter_config, freeze_vision
from geoagent_training.models.families import check_family, family_of
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.recipe import SftRecipe
from geoagent_training.rollouts.tool_format import speak_in_actions
from geoagent_training.trainers.arguments import trainer_arguments
from geoagent_training.trainers.checkpoints import WholeCheckpoints, resume_point, train, write_log
from geoagent_training.trainers.devices import device_arguments, model_options
from geoagent_training.trainers.evaluating import (
    check_evaluation,
    evaluation_arguments,
    row_parts,
)
from geoagent_training.trainers.results import result_if_finished, save_result
from geoagent_training.trainers.sharding import check_sharding


class ChainTrainer(WholeCheckpoints, SFTTrainer):  # type: ignore[misc]
    """TRL's trainer with checkpoints that are whole or not there."""


def run_sft(recipe: SftRecipe, *, resume: bool = False) -> Path:
    """Train as the recipe says and return the folder of the result.

    Raises:
        GeoAgentError: the recipe, the data or the device is wrong, or the run had to stop.
    """
    args = trainer_arguments(SFTConfig, recipe.trainer, _default_arguments(recipe))
    check_evaluation(recipe, args)
    options = model_options(recipe)
    finished = result_if_finished(args, resume=resume)
    if finished is not None:
        return finished
    start = resume_point(Path(args.output_dir), resume=resume)
    check_family(recipe, family_of(recipe.model))
    processor = load_processor(recipe.model, recipe.max_pixels)
    template = processor.chat_template
    if recipe.target == "environment":
        speak_in_actions(processor)
    training, held_out = row_parts(recipe)
    tables = _table(recipe, training), _table(recipe, held_out) if held_out else None
    model = load_model(recipe.model, **options)
    freeze_vision(model, recipe)
    trainer = ChainTrainer(
        model=model,
        args=args,
        train_dataset=tables[0],
        eval_dataset=tables[1],
        processing_class=processor,
        data_collator=ConversationCollator(processor),
        peft_config=adapter_config(recipe),
    )
    # off for models that sum no losses themselves, but TRL sums them here: without it a loss would
    # be a mean of means, other for every number of processes and of accumulated batches
    trainer.model_accepts_loss_kwargs = True
    check_sharding(trainer.accelerator)
    train(trainer, start)
    write_log(trainer)
    processor.chat_template = template  # the one that writes calls of tools is for training alone
    return save_result(trainer, processor, recipe)


def _table(recipe: SftRecipe, rows: Sequence[SourceRow]) -> Dataset:
    if recipe.target == "graph":
        from geoagent_training.rollouts.graph_transcripts import transcript_table

        return transcript_table(recipe, rows)
    if recipe.target == "environment":
        from geoagent_training.rollouts.environment_transcripts import environment_table

        return environment_table(recipe, rows)
    return conversation_columns(rows, recipe.target, recipe.system_prompt, recipe.question_prompt)


def _default_arguments(recipe: SftRecipe) -> dict[str, Any]:
    return {
        "output_dir": "runs/sft",
        "learning_rate": 1e-5,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 16,
        "num_train_epochs": 2,
        "logging_steps": 1,
        "save_total_limit": 2,
        "report_to": "none",
        # photos are variable in size: the collator pads, TRL must not touch the rows
        "max_length": None,
        "remove_unused_columns": False,
        "dataset_kwargs": {"skip_prepare_dataset": True},
        **device_arguments(recipe),
        **evaluation_arguments(recipe),
    }
