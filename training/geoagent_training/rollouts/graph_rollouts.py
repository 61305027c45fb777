"""Rollouts over the project's own graph: TRL's `rollout_func` with the model in training as policy.

Every photo of a batch is investigated by the compiled graph with its real tools, all at once; the
policy is the served one in its mode `conversation`, word for word (`rollouts.chat`). What the
policy wrote is learned; what nodes, tools and corrections told it is masked out. TRL takes no
picture in the middle of a conversation, so `zoom` is not offered here.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from pydantic import JsonValue

from geoagent_graph.api import investigate
from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.protocols import Photo, Policy, Situation
from geoagent_graph.state import RunOptions
from geoagent_graph.types import Answer, Clue, Hypothesis, Step, Verdict
from geoagent_training.recipe import GraphChoice
from geoagent_training.rollouts.chat import OutOfRoom, RolloutChat, Speaker, trajectory
from geoagent_training.rollouts.photos import png_bytes
from geoagent_training.rollouts.server_turns import ServerTurns, server_client
from geoagent_training.rollouts.tokens import TokenSpeaker, TurnWords
from geoagent_training.rollouts.tool_effects import effect_rows
from geoagent_training.rollouts.tools import AgentTools
from geoagent_training.rollouts.trainer_turns import TrainerTurns
from geoagent_training.rollouts.turn_batches import TurnBatches, Turns


@dataclass
class GraphRun:
    """One run of the graph: its conversation, its steps, and how it ended.

    `answer` is None where the policy gave no usable reply in two; `problem` then says which.
    """

    chat: RolloutChat
    steps: list[Step] = field(default_factory=list)
    answer: Answer | None = None
    problem: str = ""

    @property
    def answer_text(self) -> str:
        """The answer as rewards read it, with the reasoning of the draft; empty without one."""
        place = self.answer.place if self.answer else None
        if place is None or not place.country:
            return ""
        parts = (place.country, place.region, place.city)
        drafts = [one.reply for one in self.chat.exchanges if one.purpose.startswith("draft")]
        draft = drafts[-1].lstrip()  # the one before could not be used
        opened, thought, _ = draft.rpartition("</think>")
        reasoning = f"{opened}{thought}" if draft.startswith("<think>") else ""
        return f"{reasoning}<answer>{'; '.join(part for part in parts if part)}</answer>"

    def effects(self) -> list[dict[str, Any]]:
        """Return what tools changed in the choices of the run, for rewards."""
        return effect_rows(self.chat.effects, self.steps)

    def trajectory(self) -> list[dict[str, Any]]:
        """Return the conversation after the first question, the answer as its last message."""
        return trajectory(self.chat.exchanges, self.answer_text)


class GraphRunner:
    """Runs the graph on photos, each with a policy of its own over the same tools.

    With `measure_tools` choices are also made without what tools said; see `tool_effects`.
    """

    def __init__(
        self, tools: AgentTools, choice: GraphChoice, *, measure_tools: bool = False
    ) -> None:
        self._measure_tools = measure_tools
        self._toolbox = tools.toolbox
        self._actions = tools.actions.text_only()
        self._places = PlaceLookup(tools.toolbox.geocoder)
        self._run_options = RunOptions(use_exif=False, budget=choice.steps)
        self._options = ModelPolicyOptions(
            tool_turns=choice.tool_turns,
            draft_tokens=choice.draft_tokens,
            turn_tokens=choice.turn_tokens,
            pictures=1,
            orders=choice.letter_orders,
            samples=1,
        )

    async def run(self, picture: Any, speaker: Speaker) -> GraphRun:
        """Return the run on a PIL picture with the policy's turns said by `speaker`."""
        run = GraphRun(RolloutChat(speaker, measure_tools=self._measure_tools))
        model_policy = ModelPolicy(
            "rollout",
            run.chat,
            self._places,
            self._actions,
            options=self._options,
            reader=self._toolbox.policy,
        )
        toolbox = replace(self._toolbox, policy=StoppingPolicy(model_policy))
        try:
            async for event in investigate(
                png_bytes(picture), toolbox=toolbox, options=self._run_options
            ):
                if isinstance(event, Answer):
                    run.answer = event
                else:
                    run.steps.append(event)
        except PolicyError as error:
            run.problem = str(error)
        return run


class StoppingPolicy(Policy):
    """The policy, stopping where it stands once its conversation is full."""

    def __init__(self, policy: ModelPolicy) -> None:
        self._policy = policy

    @property
    def name(self) -> str:
        """Name of the policy inside."""
        return self._policy.name

    @property
    def model(self) -> str:
        """Name of its model."""
        return self._policy.model

    def identity(self) -> Mapping[str, JsonValue]:
        """Return what the policy inside depends on."""
        return self._policy.identity()

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        """Return the clues of the first chain of thought.

        Raises:
            PolicyError: it gives no usable chain in two replies, or there is no room for them.
        """
        return await self._policy.draft(photo, clues)

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return the candidates; none once the conversation is full.

        Raises:
            PolicyError: it gives nothing usable in two replies.
        """
        try:
            return await self._policy.propose(situation)
        except OutOfRoom:
            return []

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Return the verdict; a stop once the conversation is full.

        Raises:
            PolicyError: it gives nothing usable in two replies.
        """
        try:
            return await self._policy.judge(situation, candidates)
        except OutOfRoom:
            return Verdict(decision="stop", reason="the conversation is full")


class GraphRollouts:
    """TRL's `rollout_func`: prompts in, tokens, masks and trajectories of graph runs out."""

    def __init__(
        self,
        tools: AgentTools,
        choice: GraphChoice,
        processor: Any,
        *,
        measure_tools: bool = False,
    ) -> None:
        self._runner = GraphRunner(tools, choice, measure_tools=measure_tools)
        self._patience_seconds = choice.patience_seconds
        self._words = TurnWords(processor)
        self._client: Any = None

    def __call__(self, prompts: Sequence[Any], trainer: Any) -> dict[str, Any]:
        """Return one rollout per prompt, in their order.

        Raises:
            GeoAgentError: a tool or the sampler failed; a reply that cannot be used ends only its
                own rollout.
        """
        prompt_ids, turns = self._open_turns(trainer, prompts)
        positions = _max_tokens(trainer)
        speakers = [
            TokenSpeaker(
                row,
                list(tokens),
                min(trainer.max_completion_length, positions - len(tokens)),
                self._words,
                turns,
            )
            for row, tokens in enumerate(prompt_ids)
        ]
        runs = asyncio.run(
            self._run_all([_photo_of(prompt) for prompt in prompts], speakers, turns)
        )
        if isinstance(turns, ServerTurns):
            turns.close()
        for speaker, run in zip(speakers, runs, strict=True):
            if not run.chat.full:
                speaker.close()
        _log_run_ends(trainer, runs, speakers, turns)
        silent = any(speaker.logprobs is None for speaker in speakers)
        return {
            "prompt_ids": [speaker.prompt for speaker in speakers],
            "completion_ids": [speaker.completion for speaker in speakers],
            "env_mask": [speaker.mask for speaker in speakers],
            "logprobs": None if silent else [speaker.logprobs for speaker in speakers],
            "trajectory": [run.trajectory() for run in runs],
            "tool_effects": [run.effects() for run in runs],
        }

    def _open_turns(self, trainer: Any, prompts: Sequence[Any]) -> tuple[list[Any], Turns]:
        """Return the tokens of the prompts, and where the conversations get their turns."""
        if not (trainer.use_vllm and trainer.vllm_generation.mode == "server"):
            sampler = TrainerTurns(trainer, prompts)
            batches = TurnBatches(sampler, len(prompts), self._patience_seconds)
            return sampler.prompt_ids, batches
        # until rank 0 has sent the new weights nobody may sample
        trainer.accelerator.wait_for_everyone()
        self._client = self._client or server_client(trainer)
        turns = ServerTurns(trainer, self._client, prompts)
        return turns.prompt_ids, turns

    async def _run_all(
        self, pictures: Sequence[Any], speakers: Sequence[TokenSpeaker], turns: Turns
    ) -> list[GraphRun]:
        async def one(row: int) -> GraphRun:
            try:
                return await self._runner.run(pictures[row], speakers[row])
            finally:
                turns.leave(row)

        return list(await asyncio.gather(*(one(row) for row in range(len(pictures)))))


def _max_tokens(trainer: Any) -> int:
    """Return the most tokens the model, and where it samples vLLM, takes."""
    positions: int = trainer.model.config.get_text_config().max_position_embeddings
    given: int | None = trainer.args.vllm_max_model_length if trainer.use_vllm else None
    return min(positions, given or positions)


def _photo_of(prompt: Sequence[dict[str, Any]]) -> Any:
    parts = (part for message in prompt for part in message["content"])
    return next(part["image"] for part in parts if part["type"] == "image")


def _log_run_ends(
    trainer: Any, runs: Sequence[GraphRun], speakers: Sequence[TokenSpeaker], turns: Turns
) -> None:
    """Log how the runs of this batch ended.

    `graph/other_tokens` is the share of replies whose tokens a server would not make of their text,
    `graph/left_behind` how often a batch did not wait for a conversation.
    """
    behind = turns.left_behind if isinstance(turns, TurnBatches) else 0
    figures = {
        "graph/answered": [run.answer is not None for run in runs],
        "graph/unusable_reply": [bool(run.problem) for run in runs],
        "graph/out_of_room": [run.chat.full for run in runs],
        "graph/turns": [len(run.chat.exchanges) for run in runs],
        "graph/steps": [len(run.steps) for run in runs],
        "graph/other_tokens": [one.turns_in_other_tokens / max(1, one.turns) for one in speakers],
        "graph/left_behind": [behind],
    }
    accelerator = trainer.accelerator
    metrics = trainer._metrics["train" if trainer.model.training else "eval"]
    for name, values in figures.items():
        local = torch.tensor(values, dtype=torch.float32, device=accelerator.device)
        metrics[name].append(accelerator.gather(local).mean().item())
