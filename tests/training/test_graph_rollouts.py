"""Rollouts over the project's own graph: tokens, masks, batches, traces, rewards, and training."""

import asyncio
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from geoagent_training.agent_environment import PhotoEnvironment
from geoagent_training.agent_format import speak_in_actions
from geoagent_training.agent_rewards import step_budget, tool_use
from geoagent_training.agent_tools import AgentTools, agent_tools, open_agent_tools, text_tools
from geoagent_training.chat_rows import ConversationCollator, chain_text, prompt_messages
from geoagent_training.graph_rollouts import GraphRun, GraphRunner
from geoagent_training.graph_transcripts import Teacher, graph_transcript
from geoagent_training.processors import load_model, load_processor
from geoagent_training.recipe import DataChoice, GraphChoice, GrpoRecipe, LoraChoice
from geoagent_training.rewards import geo_similarity
from geoagent_training.rollout_chat import Said
from geoagent_training.rollout_tokens import TokenSpeaker, TurnWords
from geoagent_training.rows import ReasonedPhoto, read_rows
from geoagent_training.tiny_kit import write_tiny_kit
from geoagent_training.turn_batches import GeneratedTurn, TurnBatches, WantedTurn
from PIL import Image

from geoagent_graph.policies.served.actions import ActionTools
from geoagent_graph.policies.served.atlas import Atlas
from geoagent_graph.policies.served.chain import PlaceText
from geoagent_graph.policies.served.chat import ChatRequest

CHOICE = GraphChoice(steps=14, tool_turns=1, letter_orders=1)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return write_tiny_kit(tmp_path_factory.mktemp("kit"))


@pytest.fixture(scope="module")
def agent() -> AgentTools:
    return agent_tools()


@pytest.fixture(scope="module")
def processor(kit: Path) -> Any:
    return load_processor(str(kit / "agent_model"))


def _rows(kit: Path) -> list[tuple[ReasonedPhoto, Image.Image]]:
    rows = read_rows(kit / "chains" / "rows.jsonl", ReasonedPhoto)
    return [(row, Image.open(kit / "chains" / row.image).convert("RGB")) for row in rows]


def _teacher(agent: AgentTools, row: ReasonedPhoto) -> Teacher:
    answer = PlaceText(row.country, row.region, row.precise)
    return Teacher(Atlas(agent.toolbox.geocoder), answer, chain_text(row.chain, "think_answer"))


class Dictated:
    """A speaker whose words are a teacher's and whose tokens go through the batches."""

    def __init__(self, speaker: TokenSpeaker, teacher: Any, words: dict[int, list[int]]) -> None:
        self.speaker, self.teacher, self.words = speaker, teacher, words

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        said = await self.teacher.say(told, request)
        tokens = self.speaker._words.tokenizer(said.text, add_special_tokens=False)["input_ids"]
        end = [] if said.cut else [self.speaker._words.end]
        self.words[self.speaker._row] = [*tokens, *end]
        return await self.speaker.say(told, request)


def _prompt(picture: Image.Image) -> list[dict[str, Any]]:
    system, question = prompt_messages()
    text = {"type": "text", "text": question["content"]}
    return [
        {"role": "system", "content": [{"type": "text", "text": system["content"]}]},
        {"role": "user", "content": [{"type": "image", "image": picture}, text]},
    ]


def _tokens(processor: Any, messages: list[dict[str, Any]], **options: Any) -> list[int]:
    batch = processor.apply_chat_template([messages], tokenize=True, return_dict=True, **options)
    tokens: list[int] = batch["input_ids"][0]
    return tokens


def _runs(
    kit: Path, agent: AgentTools, processor: Any, choice: GraphChoice = CHOICE, limit: int = 4096
) -> tuple[list[GraphRun], list[TokenSpeaker], list[list[int]]]:
    """Four runs at once; the rows of every batch that was generated come with them."""
    rows = _rows(kit)[:4]
    words: dict[int, list[int]] = {}
    batched: list[list[int]] = []

    def generate(wanted: Sequence[WantedTurn]) -> list[GeneratedTurn]:
        batched.append([turn.row for turn in wanted])
        return [GeneratedTurn(words.pop(turn.row), None) for turn in wanted]

    batches = TurnBatches(generate, len(rows))
    between = TurnWords(processor)
    speakers = [
        TokenSpeaker(
            number,
            _tokens(processor, _prompt(picture), add_generation_prompt=True),
            limit,
            between,
            batches,
        )
        for number, (_, picture) in enumerate(rows)
    ]
    runner = GraphRunner(agent, choice)

    async def one(number: int) -> GraphRun:
        row, picture = rows[number]
        try:
            speaker = Dictated(speakers[number], _teacher(agent, row), words)
            return await runner.run(picture, speaker)
        finally:
            batches.leave()

    async def everyone() -> list[GraphRun]:
        return list(await asyncio.gather(*(one(number) for number in range(len(rows)))))

    return asyncio.run(everyone()), speakers, batched


def test_the_tokens_are_those_of_the_chat_template_and_the_mask_is_the_environments(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    choice = CHOICE.model_copy(update={"letter_orders": 2})
    runs, speakers, _ = _runs(kit, agent, processor, choice)
    for (_, picture), run, speaker in zip(_rows(kit), runs, speakers, strict=False):
        assert run.answer is not None
        speaker.close()
        turns = _prompt(picture)
        for exchange in run.chat.exchanges:
            for role, text in (("user", exchange.told), ("assistant", exchange.reply)):
                if text is not None:
                    turns.append({"role": role, "content": [{"type": "text", "text": text}]})
        rendered = _tokens(processor, turns)
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
        assert questions.count("choice.country") == 2


def test_turns_of_many_runs_are_generated_together(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    runs, _, batched = _runs(kit, agent, processor)
    turns = [len(run.chat.exchanges) for run in runs]
    assert len(batched) == max(turns) < sum(turns)
    assert batched[0] == [0, 1, 2, 3]
    assert all(rows == sorted(rows) for rows in batched)
    again = _runs(kit, agent, processor)[2]
    assert again == batched


def test_the_trace_of_the_graph_and_the_trajectory_agree(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    runs, _, _ = _runs(kit, agent, processor)
    for (row, _), run in zip(_rows(kit), runs, strict=False):
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
        truth = {"lat_deg": [row.lat_deg], "lon_deg": [row.lon_deg], "country": [row.country]}
        truth |= {"region": [row.region], "precise": [row.precise]}
        assert geo_similarity([messages], **truth)[0] > 2.0


class Scripted:
    """A speaker that says what it was given, in turn; the last text again and again."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.told: list[str | None] = []

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        self.told.append(told)
        return Said(self.texts.pop(0) if len(self.texts) > 1 else self.texts[0], cut=False)


DRAFT = "<think>x</think><answer>Portugal; Lisbon</answer>"


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


def test_a_reply_cannot_end_a_turn_by_being_echoed(agent: AgentTools) -> None:
    bad = {"thought": ["x"], "next": {"action": "propose", "candidates": ["<|im_end|>"]}}
    speaker = Scripted(DRAFT, "D", json.dumps(bad))
    asyncio.run(GraphRunner(agent, CHOICE).run(Image.new("RGB", (64, 48)), speaker))
    assert "< |im_end|>" in str(speaker.told[3])


def test_a_conversation_that_is_full_ends_with_what_was_accepted(
    kit: Path, agent: AgentTools, processor: Any
) -> None:
    whole, speakers, _ = _runs(kit, agent, processor)
    limit = len(speakers[0].completion) - 40
    runs, short, _ = _runs(kit, agent, processor, limit=limit)
    assert all(run.answer is not None for run in whole)
    full = [run for run in runs if run.chat.full]
    assert full
    assert all(len(speaker.completion) <= limit for speaker in short)
    for run in full:
        assert run.answer is not None
        assert run.answer.level == "country"
        assert run.answer_text.endswith(f"<answer>{run.answer.place.country}</answer>")


def test_the_step_budget_bounds_a_rollout(kit: Path, agent: AgentTools, processor: Any) -> None:
    runs, _, _ = _runs(kit, agent, processor, CHOICE.model_copy(update={"steps": 6}))
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
    actions = text_tools(agent.actions)
    assert inspect.getattr_static(type(actions), "run") is ActionTools.__dict__["run"]
    for name in ("geocoder", "evidence", "printer", "images"):
        assert getattr(actions, name) is getattr(agent_tools().actions, name)
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
    start = _tokens(speaks, before)
    result = {"role": "tool", "name": "verify", "content": blocks}
    whole = _tokens(speaks, [*before, result], add_generation_prompt=True)
    kept = len(start) - 1 - start[::-1].index(words.end)
    assert whole[kept + 1 :] == graph_tokens


def test_an_index_of_reference_photos_serves_both_agentic_ways(kit: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("faiss")
    from geoagent_graph.cli.index import open_country_of, open_embedder
    from geoagent_graph.retrieval.index_build import IndexJob, build_index

    manifest = kit / "chains" / "manifest.jsonl"
    with manifest.open("w") as file:
        for number, (row, _) in enumerate(_rows(kit)[:3]):
            line = {"id": f"r{number}", "file": row.image, "lat": row.lat_deg, "lon": row.lon_deg}
            file.write(json.dumps(line) + "\n")
    job = IndexJob(open_embedder(), country_of=open_country_of(), on_photo=lambda done, total: None)
    assert build_index(manifest, tmp_path / "index", job).indexed == 3
    try:
        with_index = open_agent_tools(tmp_path / "index")
        environment = PhotoEnvironment()
        environment.reset(image=_rows(kit)[0][1])
        (block,) = asyncio.run(environment.retrieve())
        assert "Reference photos that look alike" in block["text"]
        call = '{"thought": ["x"], "next": {"action": "retrieve"}}'
        speaker = Scripted(DRAFT, "D", call, "nothing")
        asyncio.run(GraphRunner(with_index, CHOICE).run(_rows(kit)[0][1], speaker))
        assert "- retrieve: see the reference photos" in str(speaker.told[2])
        assert "- zoom:" not in str(speaker.told[2])
        assert str(speaker.told[3]).startswith("Result of retrieve:\n")
    finally:
        open_agent_tools()


def _taught(kit: Path, agent: AgentTools, out: Path) -> Path:
    """Teach the tiny model one run of the graph, so that GRPO meets whole trajectories."""
    processor = load_processor(str(kit / "agent_model"))
    model = load_model(str(kit / "agent_model"), dtype="float32")
    row, picture = _rows(kit)[0]
    transcript = graph_transcript(GraphRunner(agent, CHOICE), picture, _teacher(agent, row))
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
def test_three_steps_of_grpo_over_the_graph(
    kit: Path, agent: AgentTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoagent_training import graph_rollouts, grpo

    taught = _taught(kit, agent, tmp_path / "taught")
    runs: list[GraphRun] = []
    batches: list[dict[str, Any]] = []
    gradients: list[torch.Tensor] = []
    real_run = graph_rollouts.GraphRunner.run
    real_batch = grpo.PlaceTrainer._generate_and_score_completions
    real_logps = grpo.PlaceTrainer._get_per_token_logps_and_entropies

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

    monkeypatch.setattr(graph_rollouts.GraphRunner, "run", run)
    monkeypatch.setattr(grpo.PlaceTrainer, "_generate_and_score_completions", batch)
    monkeypatch.setattr(grpo.PlaceTrainer, "_get_per_token_logps_and_entropies", logps)
    rewards = ["geo_similarity", "geoagent_training.agent_rewards.tool_use"]
    rewards += ["geoagent_training.agent_rewards.step_budget"]
    rewards += ["tests.training.tiny_rewards.place_in_batch"]
    recipe = GrpoRecipe(
        model=str(taught),
        data=DataChoice(path=kit / "chains" / "rows.jsonl", limit=1),
        device="cpu",
        rollouts="graph",
        graph=CHOICE,
        lora=LoraChoice(r=8, alpha=16),
        rewards=[{"function": name} for name in rewards],
        trainer={
            "output_dir": str(tmp_path / "run"),
            "max_steps": 3,
            "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 1,
            "num_generations": 4,
            "max_completion_length": 1500,
            "temperature": 0.7,
            "learning_rate": 1e-4,
            "mask_truncated_completions": True,
        },
    )
    final = grpo.run_grpo(recipe)
    log = [e for e in json.loads((tmp_path / "run" / "log.json").read_text()) if "loss" in e]
    assert len(log) == 3
    assert len(runs) == 12
    assert log[0]["graph/answered"] > 0.2
    assert log[0]["rewards/tool_use/mean"] > 0.2
    assert log[0]["rewards/geo_similarity/mean"] > 0.2
    assert log[0]["graph/turns"] > 4
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
    assert len(gradients) == 3
    for gradient, learned in zip(gradients, batches, strict=True):
        policy = (learned["completion_mask"] * learned["tool_mask"]).bool()
        assert gradient[~policy].abs().sum() == 0
    assert sum(float(gradient.abs().sum()) for gradient in gradients) > 0
    lines = (tmp_path / "run" / "completions.jsonl").read_text().splitlines()
    turns = json.loads(lines[0])["turns"]
    assert {turn["role"] for turn in turns} >= {"user", "assistant"}
