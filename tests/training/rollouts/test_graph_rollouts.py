"""Rollouts over the project's own graph: tokens, masks, batches, traces and rewards."""

import asyncio
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.models.loading import load_processor
from geoagent_training.rewards.functions import geo_similarity
from geoagent_training.rewards.tool_rewards import step_budget, tool_use
from geoagent_training.rollouts.graph_rollouts import GraphRunner
from geoagent_training.rollouts.photos import training_photos
from geoagent_training.rollouts.tokens import TurnWords
from geoagent_training.rollouts.tool_environment import PhotoEnvironment
from geoagent_training.rollouts.tool_format import speak_in_actions
from geoagent_training.rollouts.tools import AgentTools, agent_tools, open_agent_tools
from geoagent_training.rollouts.turn_batches import GeneratedTurn, TurnBatches, WantedTurn
from PIL import Image

from geoagent_graph.policies.model.actions import ActionTools
from tests.support.training_graph_runs import (
    CHOICE,
    DRAFT,
    Scripted,
    chain_rows,
    dictated_runs,
    prompt_with,
    rendered_tokens,
)


@pytest.fixture(scope="module")
def agent() -> AgentTools:
    return agent_tools()


@pytest.fixture(scope="module")
def processor(kit: Path) -> Any:
    return load_processor(str(kit / "agent_model"))


def test_the_tokens_are_those_of_the_chat_template_and_the_mask_is_the_environments(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    choice = CHOICE.model_copy(update={"letter_orders": 2})
    runs, speakers, _ = dictated_runs(kit, agent, processor, choice)
    for (_, picture), run, speaker in zip(chain_rows(kit), runs, speakers, strict=False):
        assert run.answer is not None
        speaker.close()
        turns = prompt_with(picture)
        for exchange in run.chat.exchanges:
            for role, text in (("user", exchange.told), ("assistant", exchange.reply)):
                if text is not None:
                    turns.append({"role": role, "content": [{"type": "text", "text": text}]})
        rendered = rendered_tokens(processor, turns)
        after = processor.tokenizer("\n", add_special_tokens=False)["input_ids"]
        assert [*speaker.prompt, *speaker.completion, *after] == rendered
        assert len(speaker.mask) == len(speaker.completion)
        pairs = list(zip(speaker.completion, speaker.mask, strict=True))
        learned = processor.tokenizer.decode([token for token, mine in pairs if mine])
        told = processor.tokenizer.decode([token for token, mine in pairs if not mine])
        replies = [exchange.reply for exchange in run.chat.exchanges]
        assert learned.replace("<|im_end|>", "") == "".join(replies)
        asked = [exchange.told for exchange in run.chat.exchanges if exchange.told]
        assert all(text in told for text in asked)
        assert sum(speaker.mask) == len(processor.tokenizer(learned)["input_ids"])
        assert not [reply for reply in replies if len(reply) > 1 and reply in told]
        questions = [exchange.purpose for exchange in run.chat.exchanges]
        # the other order is asked aside
        assert questions.count("choice.country") == 1


def test_turns_of_many_runs_are_generated_together(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    runs, _, batched = dictated_runs(kit, agent, processor)
    turns = [len(run.chat.exchanges) for run in runs]
    assert len(batched) == max(turns) < sum(turns)
    assert batched[0] == [0, 1, 2, 3]
    assert all(rows == sorted(rows) for rows in batched)
    again = dictated_runs(kit, agent, processor)[2]
    assert again == batched


def test_the_trace_of_the_graph_and_the_trajectory_agree(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    runs, _, _ = dictated_runs(kit, agent, processor)
    for (row, _), run in zip(chain_rows(kit), runs, strict=False):
        assert run.answer is not None
        assert [step.node for step in run.steps] == [step.node for step in run.answer.trace]
        calls = [call for step in run.steps for call in step.tools]
        asked = [call.arguments["purpose"] for call in calls if call.tool == "model"]
        assert asked == [exchange.purpose for exchange in run.chat.exchanges]
        said = [call.result for call in calls if call.tool == "model"]
        replies = [" ".join(exchange.reply.split()) for exchange in run.chat.exchanges]
        assert all(
            reply.startswith(text.rstrip("…")) for text, reply in zip(said, replies, strict=True)
        )
        messages = run.trajectory()
        used = [call.tool for call in calls if call.tool.startswith("policy.")]
        assert used == [f"policy.{m['name']}" for m in messages if m["role"] == "tool"]
        assert used
        made = [call for m in messages for call in m.get("tool_calls", ())]
        assert len(made) == len(used)
        place = run.answer.place
        assert (place.country, place.country) == (row.country, row.country)
        last = messages[-1]["content"]
        assert last.startswith('<think>{"ChainOfThought"')
        assert f"<answer>{place.country}; {place.region}; {place.city}</answer>" in last
        assert tool_use([messages]) == [1.0]
        assert step_budget([messages]) == [1.0]
        fields = ("lat_deg", "lon_deg", "country", "region", "precise")
        truth: dict[str, Any] = {name: [getattr(row, name)] for name in fields}
        (earned,) = geo_similarity([messages], **truth)
        assert earned is not None
        assert earned > 2.0


@pytest.mark.parametrize(
    ("texts", "turns", "last_purpose"),
    [
        (("no chain at all",), 2, "draft.again"),
        ((DRAFT, "Europe"), 3, "choice.continent"),
        ((DRAFT, "D", "{not json"), 4, "turn.country.again"),
        ((DRAFT, "D", '{"next": {"action": "zoom", "left": 0}}'), 4, "turn.country.again"),
    ],
)
def test_a_reply_that_cannot_be_used_goes_back_once_and_then_ends_the_rollout(
    agent: AgentTools, texts: tuple[str, ...], turns: int, last_purpose: str
) -> None:
    speaker = Scripted(*texts)
    picture = Image.new("RGB", (64, 48))
    run = asyncio.run(GraphRunner(agent, CHOICE).run(picture, speaker))
    assert run.answer is None
    assert run.problem
    assert len(run.chat.exchanges) == turns
    assert run.chat.exchanges[-1].purpose == last_purpose
    assert "That reply cannot be used" in str(speaker.told[-1])
    messages = run.trajectory()
    assert messages[-1] == {"role": "assistant", "content": ""}
    assert step_budget([messages]) == tool_use([messages]) == [0.0]


def test_a_letter_that_comes_at_the_second_try_counts(agent: AgentTools) -> None:
    stop = '{"thought": ["x"], "next": {"action": "answer"}}'
    speaker = Scripted(DRAFT, "Europe", "D", stop, "A", stop, "A")
    run = asyncio.run(GraphRunner(agent, CHOICE).run(Image.new("RGB", (64, 48)), speaker))
    assert "write one of the letters A, B" in str(speaker.told[2])
    assert run.answer is not None
    assert run.answer.usage.calls == len(run.chat.exchanges) == 7


def test_the_reasoning_that_is_rewarded_is_that_of_the_draft_in_use(agent: AgentTools) -> None:
    stop = '{"thought": ["x"], "next": {"action": "answer"}}'
    speaker = Scripted("no chain", DRAFT, "D", stop, "A", stop, "A")
    run = asyncio.run(GraphRunner(agent, CHOICE).run(Image.new("RGB", (64, 48)), speaker))
    assert run.answer is not None
    assert run.answer_text.startswith(f"<think>x</think><answer>{run.answer.place.country}")


def test_a_reply_cannot_end_a_turn_by_being_echoed(agent: AgentTools) -> None:
    bad = {"thought": ["x"], "next": {"action": "propose", "candidates": ["<|im_end|>"]}}
    speaker = Scripted(DRAFT, "D", json.dumps(bad))
    asyncio.run(GraphRunner(agent, CHOICE).run(Image.new("RGB", (64, 48)), speaker))
    assert "< |im_end|>" in str(speaker.told[3])


def test_a_conversation_that_is_full_ends_with_what_was_accepted(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    whole, speakers, _ = dictated_runs(kit, agent, processor)
    limit = len(speakers[0].completion) - 40
    runs, short, _ = dictated_runs(kit, agent, processor, limit=limit)
    assert all(run.answer is not None for run in whole)
    full = [run for run in runs if run.chat.full]
    assert full
    assert all(len(speaker.completion) <= limit for speaker in short)
    for run in full:
        assert run.answer is not None
        assert run.answer.level == "country"
        assert run.answer_text.endswith(f"<answer>{run.answer.place.country}</answer>")


def test_the_step_budget_bounds_a_rollout(kit: Path, agent: AgentTools, processor: Any) -> None:
    runs, _, _ = dictated_runs(kit, agent, processor, CHOICE.model_copy(update={"steps": 6}))
    assert all(len(run.steps) <= 7 for run in runs)


def test_an_error_of_the_sampler_reaches_every_rollout() -> None:
    def fail(wanted: Sequence[WantedTurn]) -> list[GeneratedTurn]:
        raise RuntimeError(f"out of memory with {len(wanted)}")

    async def both() -> list[Any]:
        batches = TurnBatches(fail, 2)
        turns = (batches.turn(WantedTurn(row, (1,), 4)) for row in range(2))
        return list(await asyncio.gather(*turns, return_exceptions=True))

    assert [str(error) for error in asyncio.run(both())] == ["out of memory with 2"] * 2


def test_one_tool_serves_graph_and_environment_and_both_render_it_to_the_same_tokens(
    kit: Path, agent: AgentTools, processor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = agent.actions.text_only()
    assert inspect.getattr_static(type(actions), "run") is ActionTools.__dict__["run"]
    for name in ("geocoder", "evidence", "printer"):
        assert getattr(actions, name) is getattr(agent_tools().actions, name)
    assert agent.toolbox.images is training_photos()
    assert agent.toolbox.geocoder is actions.geocoder
    asked: list[tuple[str, dict[str, Any]]] = []
    real = ActionTools.run

    async def spy(self: ActionTools, action: Any, arguments: Any, situation: Any) -> Any:
        asked.append((action, arguments))
        return await real(self, action, arguments, situation)

    monkeypatch.setattr(ActionTools, "run", spy)
    call = '{"thought": ["x"], "next": {"action": "verify", "name": "Sintra"}}'
    speaker = Scripted(DRAFT, "D", call, "nothing")
    picture = Image.new("RGB", (64, 48))
    asyncio.run(GraphRunner(agent, CHOICE).run(picture, speaker))
    environment = PhotoEnvironment()
    environment.reset(image=picture)
    blocks = asyncio.run(environment.verify("Sintra"))
    assert asked == [("verify", {"name": "Sintra"})] * 2
    # the graph's turn as the rollout writes it, and the tool's message as TRL appends it
    words = TurnWords(processor)
    graph_tokens = words.tokens(str(speaker.told[3]), words.end)
    speaks = load_processor(str(kit / "agent_model"))
    speak_in_actions(speaks)
    before = [
        {"role": "user", "content": [{"type": "text", "text": "dummy"}]},
        {
            "role": "assistant",
            "content": [{"type": "text", "text": ""}],
            "tool_calls": [{"type": "function", "function": {"name": "verify", "arguments": {}}}],
        },
    ]
    start = rendered_tokens(speaks, before)
    result = {"role": "tool", "name": "verify", "content": blocks}
    whole = rendered_tokens(speaks, [*before, result], add_generation_prompt=True)
    kept = len(start) - 1 - start[::-1].index(words.end)
    assert whole[kept + 1 :] == graph_tokens


def test_an_index_of_reference_photos_serves_both_agentic_ways(kit: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("faiss")
    from geoagent_graph.cli.index.tools import open_country_of, open_embedder
    from geoagent_graph.retrieval.index_build import IndexJob, build_index

    manifest = kit / "chains" / "manifest.jsonl"
    with manifest.open("w") as file:
        for number, (row, _) in enumerate(chain_rows(kit)[:3]):
            line = {"id": f"r{number}", "file": row.image, "lat": row.lat_deg, "lon": row.lon_deg}
            file.write(json.dumps(line) + "\n")
    job = IndexJob(open_embedder(), country_of=open_country_of(), on_photo=lambda done, total: None)
    assert build_index(manifest, tmp_path / "index", job).indexed == 3
    try:
        with_index = open_agent_tools(tmp_path / "index")
        environment = PhotoEnvironment()
        environment.reset(image=chain_rows(kit)[0][1])
        (block,) = asyncio.run(environment.retrieve())
        assert "Reference photos that look alike" in block["text"]
        call = '{"thought": ["x"], "next": {"action": "retrieve"}}'
        speaker = Scripted(DRAFT, "D", call, "nothing")
        asyncio.run(GraphRunner(with_index, CHOICE).run(chain_rows(kit)[0][1], speaker))
        assert "- retrieve: see the reference photos" in str(speaker.told[2])
        assert "- zoom:" not in str(speaker.told[2])
        assert str(speaker.told[3]).startswith("Result of retrieve:\n")
    finally:
        open_agent_tools()
