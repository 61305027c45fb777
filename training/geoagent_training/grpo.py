"""GRPO with the paper's rewards, its second stage.

    geoagent-train grpo --config training/recipes/grpo_tiny_cpu.yaml
    accelerate launch --config_file training/recipes/accelerate/zero3.yaml \
        -m geoagent_training.cli grpo --config training/recipes/grpo_geoagent.yaml

Against the paper: spatial and semantic reward come from one kernel launch and an offline gazetteer,
and the judge is asked about a whole batch at once.
"""

import logging
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import GRPOConfig

from geoagent_training.data.scorable_rows import scorable_rows
from geoagent_training.data.tables import photo_columns
from geoagent_training.errors import ConfigError
from geoagent_training.models.adapters import adapter_config, freeze_vision
from geoagent_training.models.families import check_family, family_of
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.models.taught_form import form_warnings
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.rewards.judge import Judge
from geoagent_training.rewards.reward_list import (
    check_services,
    load_reward_models,
    reward_functions,
)
from geoagent_training.rewards.reward_tools import RewardTools, use_tools
from geoagent_training.rollouts.conversation_budget import check_conversation
from geoagent_training.rollouts.image_tokens import mend_generation
from geoagent_training.rollouts.picture_budget import (
    check_server_budget,
    engine_with_budget,
    server_address,
)
from geoagent_training.rollouts.tools import AgentTools, open_agent_tools
from geoagent_training.trainers.arguments import trainer_arguments
from geoagent_training.trainers.checkpoints import resume_point, train, write_log
from geoagent_training.trainers.devices import device_arguments, model_options
from geoagent_training.trainers.evaluating import (
    check_evaluation,
    evaluation_arguments,
    row_parts,
)
from geoagent_training.trainers.place_trainer import PlaceTrainer
from geoagent_training.trainers.results import result_if_finished, save_result
from geoagent_training.trainers.sharding import check_sharding

log = logging.getLogger(__name__)


def run_grpo(recipe: GrpoRecipe, *, resume: bool = False, judge: Judge | None = None) -> Path:
    """Train as the recipe says and return the folder of the result.

    Args:
        recipe: what to do.
        resume: go on from the last checkpoint, if there is one.
        judge: reads reasonings instead of the server the recipe names.

    Raises:
        GeoAgentError: the recipe, the data, a service or the device is wrong, or the run stopped.
    """
    functions, weights = reward_functions(recipe.rewards)
    for warning in form_warnings(recipe):
        log.warning("%s", warning)
    fixed = _default_arguments(recipe) | {"reward_weights": weights}
    args = trainer_arguments(GRPOConfig, recipe.trainer, fixed)
    check_evaluation(recipe, args)
    options = model_options(recipe)
    _check_save_steps(args)
    _check_truncated_sampling(args)
    check_conversation(recipe, args)
    finished = result_if_finished(args, resume=resume)
    if finished is not None:
        return finished
    check_family(recipe, family_of(recipe.model))
    processor = load_processor(recipe.model, recipe.max_pixels)
    if recipe.vllm is not None:
        _keep_pictures_out(args, processor)
        if recipe.vllm.mode == "server":
            check_server_budget(server_address(args), processor, args.vllm_server_timeout)
    tools = None if recipe.rollouts == "single" else open_agent_tools(recipe.index)
    start = resume_point(Path(args.output_dir), resume=resume)
    services = RewardTools(recipe.reward_settings, judge, trainer_device=args.device)
    use_tools(services)
    check_services(functions, services)
    rows, held_out = _tables(recipe)
    model = load_model(recipe.model, **options)
    freeze_vision(model, recipe)
    template = processor.chat_template
    with _sampler(recipe, processor):
        trainer = PlaceTrainer(
            model=model,
            reward_funcs=load_reward_models(functions),
            args=args,
            train_dataset=rows,
            eval_dataset=held_out,
            processing_class=processor,
            peft_config=adapter_config(recipe),
            **_agent_arguments(recipe, tools, processor),
        )
    trainer.recipe = recipe
    trainer.share_faults()
    if recipe.share_prefix:
        trainer.share_prefixes()
    if recipe.flat_groups != "keep":
        tries = recipe.resample_tries if recipe.flat_groups == "resample" else 0
        trainer.replace_flat_groups(tries)
    check_sharding(trainer.accelerator)
    _check_processes(recipe, trainer)
    if recipe.vllm and recipe.vllm.mode == "colocate":
        engine = trainer.vllm_generation.llm
        engine.generate = mend_generation(
            engine.generate,
            processor.image_token_id,
            collapse=recipe.vllm.collapse_image_tokens,
        )
    train(trainer, start)
    write_log(trainer)
    processor.chat_template = template  # TRL's loop over tools needs one of its own
    return save_result(trainer, processor, recipe)


def _tables(recipe: GrpoRecipe) -> tuple[Dataset, Dataset | None]:
    """Return the rows to train on, and those to evaluate on if the recipe asks for it."""
    words, names = _system_words(recipe), {choice.function for choice in recipe.rewards}
    training, held_out = (
        scorable_rows(photo_columns(rows, words, recipe.question_prompt), names) if rows else None
        for rows in row_parts(recipe)
    )
    assert training is not None  # a data set without a usable row was refused
    return training, held_out


def _sampler(recipe: GrpoRecipe, processor: Any) -> AbstractContextManager[None]:
    """Return what must surround the building of the trainer: vLLM in this process, its pixels."""
    if recipe.vllm is None or recipe.vllm.mode == "server":
        return nullcontext()
    return engine_with_budget(processor)


def _system_words(recipe: GrpoRecipe) -> str | None:
    if recipe.rollouts == "environment" and recipe.system_prompt is None:
        from geoagent_training.rollouts.tool_prompts import AGENT_SYSTEM

        return AGENT_SYSTEM
    return recipe.system_prompt


def _agent_arguments(
    recipe: GrpoRecipe, tools: AgentTools | None, processor: Any
) -> dict[str, Any]:
    if tools is None:
        return {}
    if recipe.rollouts == "graph":
        from geoagent_training.rollouts.graph_rollouts import GraphRollouts

        measured = "tool_evidence" in {choice.function for choice in recipe.rewards}
        rollouts = GraphRollouts(tools, recipe.graph, processor, measure_tools=measured)
        return {"rollout_func": rollouts}
    from geoagent_training.rollouts.tool_environment import PhotoEnvironment
    from geoagent_training.rollouts.tool_format import speak_in_actions

    speak_in_actions(processor)
    return {"environment_factory": PhotoEnvironment}


def _check_processes(recipe: GrpoRecipe, trainer: Any) -> None:
    """Refuse rollouts whose processes would wait for each other: they take unlike many turns."""
    if recipe.rollouts != "graph" or trainer.accelerator.num_processes == 1:
        return
    if recipe.vllm is None and (trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled):
        raise ConfigError(
            "rollouts: graph on several GPUs: every process must sample on its own. Set vllm.mode: "
            "server or colocate, or train without ZeRO and FSDP"
        )
    if (
        recipe.vllm is not None
        and trainer.args.vllm_tensor_parallel_size > 1
        and (recipe.vllm.mode == "colocate")
    ):
        raise ConfigError(
            "trainer.vllm_tensor_parallel_size: with rollouts: graph the processes of a group take "
            "unlike many turns: set it to 1, or take vllm.mode: server"
        )


def _keep_pictures_out(args: GRPOConfig, processor: Any) -> None:
    """Forbid image tokens in completions, as TRL does without vLLM: one of them ends the run."""
    ids = (processor.image_token_id, processor.video_token_id)
    bias = {"logit_bias": dict.fromkeys(ids, -100.0)}
    args.generation_kwargs = bias | (args.generation_kwargs or {})


def _default_arguments(recipe: GrpoRecipe) -> dict[str, Any]:
    defaults = {
        "output_dir": "runs/grpo",
        "learning_rate": 1e-5,
        "warmup_steps": 0.01,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 8,
        "num_train_epochs": 1,
        "num_generations": 8,
        "temperature": 0.7,
        "beta": 0.001,
        "max_completion_length": 1024,
        "num_iterations": 1,
        "logging_steps": 1,
        "save_total_limit": 2,
        "report_to": "none",
        "num_generations_eval": 1,
        **device_arguments(recipe),
        **evaluation_arguments(recipe),
    }
    if recipe.vllm is not None:
        defaults |= {"use_vllm": True, "vllm_mode": recipe.vllm.mode}
    return defaults


def _check_save_steps(args: GRPOConfig) -> None:
    """Refuse checkpoints in the middle of a batch of completions: they would be sampled anew."""
    passes = (args.steps_per_generation or 1) * args.num_iterations
    steps = max(1, passes // args.gradient_accumulation_steps)
    if args.save_strategy == "steps" and args.save_steps % steps:
        raise ConfigError(
            f"trainer.save_steps is {args.save_steps:g}, but completions last for {steps} steps: "
            f"choose a multiple of {steps}, so that a resumed run takes the same next step"
        )


def _check_truncated_sampling(args: GRPOConfig) -> None:
    """Refuse a correction of whole sequences where vLLM samples from a part of the distribution.

    Its log-probabilities are those of the part, each up to -log(top_p) above the trainer's; over
    hundreds of tokens the ratio of a sequence falls to nothing, and with it the loss.
    """
    part = args.top_p < 1.0 or args.top_k > 0 or bool(args.min_p)
    corrected = args.use_vllm and args.vllm_importance_sampling_correction
    if part and corrected and args.vllm_importance_sampling_mode.startswith("sequence"):
        raise ConfigError(
            "trainer.top_p, top_k and min_p make vLLM sample from a part of the distribution, and "
            f"trainer.vllm_importance_sampling_mode {args.vllm_importance_sampling_mode} would "
            "scale every loss to nothing: set it to token_truncate"
        )
