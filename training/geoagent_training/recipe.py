"""Recipes: one YAML file says all of a run; every key has a type, bounds and a sentence."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geoagent_graph.errors import InputError
from geoagent_graph.policies.model.draft import load_words
from geoagent_training.data.chat_rows import TargetFormat
from geoagent_training.data.data_choice import DataChoice, Positive
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_weights import turning_steps, weight_at
from geoagent_training.value_words import short_value

__all__ = [
    "DataChoice",
    "GraphChoice",
    "GrpoRecipe",
    "LoraChoice",
    "Recipe",
    "SftRecipe",
    "VllmChoice",
]

_PROMPT_OF_FILE: Final = {"draft_system": "system_prompt", "draft_question": "question_prompt"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoraChoice(_Part):
    """Low-rank adapters on all linear layers of the language model; never on the vision tower."""

    r: Positive = 64
    alpha: Positive = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class GraphChoice(_Part):
    """How far a rollout over the graph may go; all its tokens are bound by the trainer too."""

    steps: Annotated[int, Field(ge=5)] = 24
    """Step budget of the graph; a level takes four."""

    tool_turns: Annotated[int, Field(ge=0, le=10)] = 2
    """Uses of tools before candidates must be named, at each level."""

    letter_orders: Annotated[int, Field(ge=1, le=4)] = 2
    """How often a choice is asked for, the options under other letters each time."""

    draft_tokens: Positive = 768
    """Longest first chain of thought."""

    turn_tokens: Positive = 256
    """Longest reply to any later question."""

    patience_seconds: Annotated[float, Field(ge=0, le=3600)] = 5.0
    """How long rollouts that are ready wait for one that is still at its tools."""


class Recipe(_Part):
    """What both stages share."""

    model: Annotated[str, Field(min_length=1)]
    """Folder or hub name of the model to start from."""

    data: DataChoice
    """The training rows."""

    eval_data: DataChoice | None = None
    """Rows to evaluate on while training; rows of `data` at the same places are said."""

    eval_fraction: Annotated[float, Field(gt=0, le=0.5)] | None = None
    """Or this share of `data`, held out by place: no photo of it was taken near a trained one."""

    best_metric: str | None = None
    """Keep the weights that do best in this figure of the evaluations, such as `loss`, `reward`
    or `geo/within_25_km`, instead of the last ones; higher is better but for losses and km."""

    device: Literal["auto", "cuda", "cpu"] = "auto"
    """`cuda` refuses to start without a GPU instead of training on the CPU for a month."""

    max_pixels: Positive = 285_043
    """Photos are scaled down to this many pixels."""

    lora: LoraChoice | None = LoraChoice()
    """None trains all weights of the language model."""

    quantization: Literal["nf4"] | None = None
    """Hold the frozen weights of the language model in 4 bits (QLoRA); needs bitsandbytes and a
    GPU, and is for adapters."""

    attention: Literal["sdpa", "eager", "flash_attention_2"] | None = None
    """How attention is computed; None leaves it to transformers."""

    train_vision: bool = False
    """Train vision tower and aligner too, all weights; only for models made from scratch."""

    system_prompt: str | None = None
    """Words of the system turn; None takes those of the served policy."""

    question_prompt: str | None = None
    """Words of the first question; None takes those of the served policy."""

    draft_system: Path | None = None
    """File with the words of the system turn, as `--draft-system` in serving."""

    draft_question: Path | None = None
    """File with the words of the first question, as `--draft-question` in serving."""

    index: Path | None = None
    """Folder of a reference index, for the tool `retrieve`."""

    graph: GraphChoice = GraphChoice()
    """Bounds of runs of the graph."""

    trainer: dict[str, Any] = {}
    """Arguments of TRL's SFTConfig or GRPOConfig, by their own names."""

    @model_validator(mode="before")
    @classmethod
    def _read_own_words(cls, given: Any) -> Any:
        """Return the recipe with the words that stand in files in their places."""
        if not isinstance(given, dict):
            return given
        words = dict(given)
        for key, prompt in _PROMPT_OF_FILE.items():
            if not isinstance(words.get(key), str | Path):
                continue
            if words.get(prompt) is not None:
                raise ValueError(f"{key} and {prompt}: name one of them")
            try:
                words[prompt] = load_words(key, Path(words[key]))
            except InputError as error:
                raise ValueError(str(error)) from error
        return words

    @model_validator(mode="after")
    def _refuse_half_an_evaluation(self) -> Self:
        if self.eval_data is not None and self.eval_fraction is not None:
            raise ValueError("eval_data and eval_fraction: name one of them")
        if self.best_metric is not None and not self.evaluates:
            raise ValueError("best_metric: it needs eval_data or eval_fraction")
        return self

    @model_validator(mode="after")
    def _refuse_training_of_small_weights(self) -> Self:
        if self.quantization and (self.lora is None or self.train_vision):
            raise ValueError("quantization: weights of 4 bits are not trained; it goes with lora")
        return self

    @property
    def evaluates(self) -> bool:
        """Whether there are rows to evaluate on."""
        return self.eval_data is not None or self.eval_fraction is not None


class SftRecipe(Recipe):
    """Supervised fine-tuning on chains of thought."""

    target: TargetFormat | Literal["environment", "graph"] = "think_answer"
    """What is learned: the tagged form that the second stage rewards, the bare chain as in the
    paper, a name looked up and then the tagged form, for `rollouts: environment`, or whole runs of
    the graph in which a teacher who knows the place answers."""

    @model_validator(mode="after")
    def _refuse_unused_tools(self) -> Self:
        index, graph = self.target not in ("environment", "graph"), self.target != "graph"
        _refuse_tools(self, index=index, graph=graph, what=f"target: {self.target}")
        return self


class VllmChoice(_Part):
    """Rollouts by vLLM."""

    mode: Literal["colocate", "server"] = "colocate"
    collapse_image_tokens: bool = True
    """Mend TRL's double image tokens in colocate mode; needed up to TRL 1.16."""


class GrpoRecipe(Recipe):
    """GRPO with the rewards of the paper."""

    max_pixels: Positive = 200_000
    rewards: Annotated[tuple[RewardChoice, ...], Field(min_length=1)] = (
        RewardChoice(function="geo_similarity"),
        RewardChoice(function="consistency", weight=0.5),
        RewardChoice(function="well_formed"),
        RewardChoice(function="answer_format"),
    )
    """Reward functions; the default is the paper's total plus its two format rewards."""

    reward_settings: RewardSettings = Field(default_factory=RewardSettings)
    """How they score."""

    rollouts: Literal["single", "environment", "graph"] = "single"
    """What is trained on: single answers, answers after uses of the graph's tools in TRL's loop,
    or whole runs of the graph."""

    vllm: VllmChoice | None = None
    """Rollouts by vLLM; None uses transformers."""

    most_sampling_difference: Annotated[float, Field(gt=0)] = 0.1
    """Largest mean difference of log-probability between sampler and trainer; a run that goes
    beyond it learns from text the model did not write, and is stopped."""

    flat_batches: Positive = 10
    """Batches without spread in a reward after which a warning says so."""

    flat_groups: Literal["keep", "drop", "resample"] = "keep"
    """What becomes of groups whose answers all earn the same: kept, replaced by copies of the
    others of their batch, or replaced by answers to new photos first."""

    share_prefix: bool = False
    """Send photo and prompt through the model once for all answers to them in a micro-batch."""

    resample_tries: Annotated[int, Field(ge=1, le=10)] = 3
    """How often new photos are asked in a batch for `flat_groups: resample`."""

    sample_completions: Annotated[int, Field(ge=0)] = 4
    """Completions written to `completions.jsonl` at every logging step."""

    sample_pictures: Annotated[int, Field(ge=0, le=16)] = 2
    """How many of them go to TensorBoard or W&B with their photo: small, at most
    100 times a run."""

    @model_validator(mode="after")
    def _refuse_small_groups(self) -> Self:
        generations = self.trainer.get("num_generations", 8)
        if type(generations) is not int or generations < 2:
            raise ValueError(
                f"trainer.num_generations is {short_value(generations)}: write a whole number from "
                "2 on, since GRPO compares the answers to one prompt"
            )
        if "reward_weights" in self.trainer:
            raise ValueError("trainer.reward_weights: write `weight` beside each of the rewards")
        return self

    @model_validator(mode="after")
    def _refuse_what_does_not_go_together(self) -> Self:
        if self.flat_groups != "keep" and self.rollouts != "single":
            raise ValueError("flat_groups: groups are replaced with rollouts: single alone")
        if self.quantization and self.vllm is not None:
            raise ValueError(
                "quantization: vLLM takes no weights of 4 bits from a trainer; leave vllm out"
            )
        return self

    @model_validator(mode="after")
    def _refuse_prefixes_that_cannot_be_shared(self) -> Self:
        if self.share_prefix and self.rollouts == "environment":
            raise ValueError("share_prefix: rollouts: environment puts pictures behind the prompt")
        if self.share_prefix and self.attention not in (None, "sdpa"):
            raise ValueError(
                f"share_prefix: {self.attention} knows no branches; take attention: sdpa"
            )
        rows = self.trainer.get("per_device_train_batch_size", 1)
        size = self.trainer.get("num_generations", 8)
        counted = type(rows) is int and type(size) is int and rows > 0  # else said by TRL's check
        if self.share_prefix and counted and (rows == 1 or (rows % size and size % rows)):
            raise ValueError(
                f"share_prefix: trainer.per_device_train_batch_size is {rows}, with groups of "
                f"{size} answers: make it {size}, a multiple of it, or a divisor of it above 1"
            )
        return self

    @model_validator(mode="after")
    def _refuse_unmeasured_tools(self) -> Self:
        weights = {choice.function: choice.weight for choice in self.rewards}
        if "tool_evidence" not in weights:
            return self
        if self.rollouts != "graph":
            raise ValueError("rewards: tool_evidence needs rollouts: graph, which measure it")
        first, tool = weights.get("first_answer", 0.0), weights["tool_evidence"]
        if any(weight_at(first, s) < weight_at(tool, s) for s in turning_steps(first, tool)):
            raise ValueError(
                "rewards: tool_evidence needs first_answer with at least its weight: otherwise a "
                "policy earns by beginning with a wrong answer and letting a tool put it right"
            )
        return self

    @model_validator(mode="after")
    def _refuse_unused_tools(self) -> Self:
        single, graph = self.rollouts == "single", self.rollouts == "graph"
        _refuse_tools(self, index=single, graph=not graph, what=f"rollouts: {self.rollouts}")
        return self


def _refuse_tools(recipe: Recipe, *, index: bool, graph: bool, what: str) -> None:
    """Refuse keys that would do nothing."""
    if index and recipe.index is not None:
        raise ValueError(f"index: it is of no use with {what}")
    if graph and recipe.graph != GraphChoice():
        raise ValueError(f"graph: it is of no use with {what}")
