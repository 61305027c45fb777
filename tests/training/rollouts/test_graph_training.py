"""GRPO over the project's own graph on the tiny model: whole trajectories are learned from."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from geoagent_training.data.chat_rows import ConversationCollator
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.recipe import DataChoice, GrpoRecipe, LoraChoice
from geoagent_training.rollouts.graph_rollouts import GraphRun, GraphRunner
from geoagent_training.rollouts.graph_transcripts import graph_transcript
from geoagent_training.rollouts.tools import AgentTools, agent_tools

from tests.support.training_graph_runs import (
    CHOICE,
    chain_rows,
    teacher_of,
)


@pytest.fixture(scope="module")
def agent() -> AgentTools:
    return agent_tools()


def _taught(kit: Path, agent: AgentTools, out: Path) -> Path:
    """Teach the tiny model one run of the graph, so that GRPO meets whole trajectories."""
    processor = load_processor(str(kit / "agent_model"))
    model = load_model(str(kit / "agent_model"), dtype="float32")
    row, picture = chain_rows(kit)[0]
    transcript = graph_transcript(GraphRunner(agent, CHOICE), picture, teacher_of(agent, row))
    batch = ConversationCollator(processor)([asyncio.run(transcript)])
    learned = processor.tokenizer.decode(batch["labels"][0][batch["labels"][0] >= 0])
    assert "Result of verify" not in learned
    assert '"action": "verify"' in learned
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    for _ in range(140):
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert float(loss.detach()) < 0.05
    model.save_pretrained(out)
    processor.save_pretrained(out)
    return out


@pytest.mark.training
@pytest.mark.filterwarnings("default")
def test_two_steps_of_grpo_over_the_graph(
    kit: Path, agent: AgentTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoagent_training import grpo
    from geoagent_training.rollouts import graph_rollouts, trainer_turns
    from geoagent_training.trainers import place_trainer

    taught = _taught(kit, agent, tmp_path / "taught")
    runs: list[GraphRun] = []
    batches: list[dict[str, Any]] = []
    gradients: list[torch.Tensor] = []
    real_run = graph_rollouts.GraphRunner.run
    real_batch = place_trainer.PlaceTrainer._generate_and_score_completions
    real_logps = place_trainer.PlaceTrainer._get_per_token_logps_and_entropies

    async def run(self: Any, picture: Any, speaker: Any) -> GraphRun:
        runs.append(await real_run(self, picture, speaker))
        return runs[-1]

    def batch(self: Any, inputs: Any) -> Any:
        batches.append(real_batch(self, inputs))
        return batches[-1]

    def logps(self: Any, *arguments: Any, **options: Any) -> Any:
        found = real_logps(self, *arguments, **options)
        if found[0].requires_grad:
            found[0].register_hook(gradients.append)
        return found

    read: list[int] = []
    real_letters = trainer_turns.TrainerTurns._letters_read

    def letters(self: Any, wanted: Any) -> Any:
        together = real_letters(self, wanted)
        alone = [real_letters(self, [one])[0] for one in wanted]
        for mine, other in zip(together, alone, strict=True):
            assert mine == pytest.approx(other, abs=1e-4)  # padding changes nothing
        read.extend(len(one.letters) for one in wanted)
        return together

    monkeypatch.setattr(trainer_turns.TrainerTurns, "_letters_read", letters)
    monkeypatch.setattr(graph_rollouts.GraphRunner, "run", run)
    monkeypatch.setattr(place_trainer.PlaceTrainer, "_generate_and_score_completions", batch)
    monkeypatch.setattr(place_trainer.PlaceTrainer, "_get_per_token_logps_and_entropies", logps)
    rewards = ["geo_similarity", "geoagent_training.rewards.tool_rewards.tool_use"]
    rewards += ["geoagent_training.rewards.tool_rewards.step_budget"]
    rewards += ["tests.support.tiny_rewards.place_in_batch"]
    recipe = GrpoRecipe(
        model=str(taught),
        data=DataChoice(path=kit / "chains" / "rows.jsonl", limit=1),
        device="cpu",
        rollouts="graph",
        graph=CHOICE.model_copy(update={"draft_tokens": 256, "turn_tokens": 48}),
        lora=LoraChoice(r=8, alpha=16),
        rewards=[{"function": name} for name in rewards],
        trainer={
            "output_dir": str(tmp_path / "run"),
            "max_steps": 2,
            "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 1,
            "num_generations": 4,
            "max_completion_length": 2600,
            "temperature": 0.7,
            "learning_rate": 1e-4,
            "mask_truncated_completions": True,
        },
    )
    final = grpo.run_grpo(recipe)
    log = [e for e in json.loads((tmp_path / "run" / "log.json").read_text()) if "loss" in e]
    assert len(log) == 2
    assert len(runs) == 8
    assert log[0]["graph/answered"] > 0.2
    assert log[0]["rewards/tool_use/mean"] > 0.2
    assert log[0]["rewards/geo_similarity/mean"] > 0.2
    assert log[0]["graph/turns"] > 4
    asked = [e.purpose for one in runs for e in one.chat.exchanges]
    assert len(read) >= sum(purpose.startswith("choice.") for purpose in asked) > 0
    assert log[0]["graph/left_behind"] == 0
    tokenizer = load_processor(str(final)).tokenizer
    for learned in batches:
        answered = learned["completion_mask"] == 1
        environment = answered & (learned["tool_mask"] == 0)
        for row in range(4):
            told = tokenizer.decode(learned["completion_ids"][row][environment[row]])
            said = tokenizer.decode(
                learned["completion_ids"][row][answered[row] & ~environment[row]]
            )
            assert "Letter:" in told
            assert "Choose one action" not in said
            assert '"ChainOfThought"' in said
    # what the environment said has no gradient
    assert len(gradients) == 2
    for gradient, learned in zip(gradients, batches, strict=True):
        policy = (learned["completion_mask"] * learned["tool_mask"]).bool()
        assert gradient[~policy].abs().sum() == 0
    assert sum(float(gradient.abs().sum()) for gradient in gradients) > 0
    lines = (tmp_path / "run" / "completions.jsonl").read_text().splitlines()
    turns = json.loads(lines[0])["turns"]
    assert {turn["role"] for turn in turns} >= {"user", "assistant"}
