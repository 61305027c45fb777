"""The graph's tools in TRL's loop: the same words, masked, and rewarded for good use."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.rewards.tool_rewards import step_budget, tool_use
from geoagent_training.rollouts.photos import training_photos
from geoagent_training.rollouts.tool_environment import PhotoEnvironment
from geoagent_training.rollouts.tool_format import TOOLS, speak_in_actions
from geoagent_training.rollouts.tool_transcripts import ToolStep, tool_transcript
from geoagent_training.rollouts.tools import agent_tools
from PIL import Image

from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Picture

DONE = {"role": "assistant", "content": "<think>x</think><answer>Portugal; Lisbon</answer>"}
TAUGHT_LOSS = 0.02  # it says what it was taught at the temperature of the rollouts
ZOOM = {"left": 0.0, "top": 50.0, "right": 50.0, "bottom": 100.0}


def _photo() -> Image.Image:
    picture = Image.linear_gradient("L").resize((112, 112)).convert("RGB")
    picture.paste((200, 30, 30), (10, 60, 50, 100))
    return picture


def _call(name: str, /, **arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "content": "t", "tool_calls": [{"function": function}]}


def _result(text: str) -> dict[str, Any]:
    return {"role": "tool", "content": [{"type": "text", "text": text}]}


def test_the_tools_are_those_of_the_graph_and_named_in_order() -> None:
    methods = [name for name in vars(PhotoEnvironment) if name[0] != "_" and name != "reset"]
    assert sorted(methods) == methods == list(TOOLS)
    assert {*methods} <= {"retrieve", *agent_tools().actions.available_actions(vision=True)}


@pytest.mark.filterwarnings("default")
def test_calls_are_written_and_read_as_the_served_policy_does(tmp_path: Path) -> None:
    """TRL finds in a reply the call that the served policy would have carried out."""
    from geoagent_training.models.loading import load_processor
    from geoagent_training.rollouts.tool_prompts import AGENT_WORDS
    from trl.chat_template_utils import (
        is_chat_template_prefix_preserving,
        parse_response,
        supports_tool_calling,
    )

    from geoagent_graph.policies.model.replies import read_object
    from geoagent_graph.testing.tiny_model import build_tiny_model

    processor = load_processor(str(build_tiny_model(tmp_path / "m", AGENT_WORDS)))
    stock = processor.chat_template
    speak_in_actions(processor)
    assert supports_tool_calling(processor)
    assert is_chat_template_prefix_preserving(processor)
    tokenizer = processor.tokenizer
    prefix = tokenizer("<|im_start|>assistant\n")["input_ids"]
    for text in (
        json.dumps({"thought": ["I look."], "next": {"action": "zoom", **ZOOM}}),
        json.dumps({"thought": ["x"], "next": {"action": "verify", "name": 'São "T" \\ 1'}}),
        json.dumps({"thought": ["x", "y"], "next": {"action": "retrieve"}}),
    ):
        found = parse_response(tokenizer, tokenizer(text + "<|im_end|>")["input_ids"], prefix)
        (call,) = found["tool_calls"]
        chosen = json.loads(text)["next"]
        assert call["function"] == {"name": chosen.pop("action"), "arguments": chosen}
        rendered = processor.apply_chat_template([found], tokenize=False)
        assert read_object(rendered)["next"] == read_object(text)["next"]
        assert rendered.endswith("}}<|im_end|>\n")
    for text in (
        '{"thought": ["x"], "next": {"action": "fly"}}',
        '{"thought": ["x"',
        DONE["content"],
    ):
        tokens = tokenizer(text + "<|im_end|>")["input_ids"]
        assert "tool_calls" not in parse_response(tokenizer, tokens, prefix)
    turns = [{"role": role, "content": role} for role in ("system", "user", "assistant")]
    once = processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    processor.chat_template = stock
    assert once == processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)


def test_tools_answer_in_the_words_of_the_graph() -> None:
    environment = PhotoEnvironment()
    environment.reset(image=_photo())
    (found,) = asyncio.run(environment.verify("Sintra"))
    assert found["text"].startswith("Result of verify:\n- Sintra, Lisbon, Portugal")
    (found,) = asyncio.run(environment.reverse_geocode(38.71, -9.14))
    assert "Lisbon" in found["text"]
    picture, words = asyncio.run(environment.zoom(**ZOOM))
    assert picture["image"].size[0] >= 28
    assert words["text"].startswith("Result of zoom:")
    for bad in (environment.reverse_geocode(999.0, 0.0), environment.zoom(-5, 0, 10, 1e9)):
        (found,) = asyncio.run(bad)
        assert "failed: " in found["text"]
    (found,) = asyncio.run(environment.retrieve())
    assert "failed: there is no reference index" in found["text"]


def test_the_graph_and_the_environment_render_a_tool_result_to_the_same_tokens(
    tmp_path: Path,
) -> None:
    """The served policy asks for a zoom inside the graph; the environment for the same one."""
    import io

    from geoagent_training.miniature.data import vocabulary
    from geoagent_training.models.loading import load_processor

    from geoagent_graph.policies.model.place_lookup import PlaceLookup
    from geoagent_graph.policies.model.policy import ModelPolicy
    from geoagent_graph.protocols import Photo, Situation
    from geoagent_graph.testing.tiny_model import build_tiny_model

    class Chat:
        model = "scripted"

        def __init__(self) -> None:
            self.requests: list[ChatRequest] = []

        async def reply(self, request: ChatRequest) -> ChatReply:
            self.requests.append(request)
            zoom = {"action": "zoom", **{name: int(value) for name, value in ZOOM.items()}}
            chosen = zoom if len(self.requests) == 1 else {"action": "answer"}
            return ChatReply(json.dumps({"thought": ["look"], "next": chosen}))

        async def aclose(self) -> None:
            pass

    photo, chat, tools = _photo(), Chat(), agent_tools().actions
    policy = ModelPolicy("served", chat, PlaceLookup(tools.geocoder), tools)
    shown = Photo(training_photos().put(photo), training_photos())
    situation = Situation(shown, "country", None, (), (), frozenset(), 0, 9)
    asyncio.run(policy._candidate_places(situation))
    graph_turn = [
        {"type": "image", "image": Image.open(io.BytesIO(part.jpeg)).convert("RGB")}
        if isinstance(part, Picture)
        else {"type": "text", "text": part}
        for part in chat.requests[1].messages[-1].parts
    ]
    environment = PhotoEnvironment()
    environment.reset(image=photo)
    environment_turn = asyncio.run(environment.zoom(**ZOOM))
    processor = load_processor(str(build_tiny_model(tmp_path / "m", vocabulary())))

    def rendered(content: list[dict[str, Any]]) -> Any:
        return processor.apply_chat_template(
            [[{"role": "user", "content": content}]],
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        )

    one, other = rendered(graph_turn), rendered(environment_turn)
    assert one["input_ids"].tolist() == other["input_ids"].tolist()
    assert (one["pixel_values"] == other["pixel_values"]).all()
    assert processor.image_token_id in one["input_ids"][0].tolist()


def test_good_use_of_tools_is_paid_and_stalling_is_not() -> None:
    good = [_call("verify", name="Sintra"), _result("- Sintra, Portugal"), DONE]
    twice = [*good[:2], *good[:2], DONE]
    failed = [_call("verify", name="x"), _result("Result of verify:\nfailed: no"), DONE]
    stalling = good[:2] * 6
    assert tool_use([good, twice, failed, [DONE], stalling, "text"]) == [
        1.0,
        0.5,
        0.0,
        0.0,
        0.0,
        0.0,
    ]
    many = [*good[:2] * 4, DONE]
    assert step_budget([good, [DONE], many, stalling]) == [1.0, 1.0, 0.5, 0.0]


def test_an_empty_thought_is_not_taught() -> None:
    with pytest.raises(ValueError, match="thought"):
        ToolStep(" ", "zoom", ZOOM)


def _overfit(kit: Path, out: Path) -> Path:
    """Teach the tiny model to look up, zoom and answer, so that GRPO meets real tool calls.

    The first tool shows no picture: TRL then splits the pixels of the photos between rollouts.
    """
    import torch
    from geoagent_training.data.chat_rows import ConversationCollator
    from geoagent_training.models.loading import load_model, load_processor

    processor = load_processor(str(kit / "agent_model"))
    speak_in_actions(processor)
    model = load_model(str(kit / "agent_model"), dtype="float32")
    reply = DONE["content"]
    steps = [ToolStep("I look the name up.", "verify", {"name": "Lisbon"})]
    steps.append(ToolStep("I look closer at the sign.", "zoom", ZOOM))
    row = tool_transcript(_photo(), steps, reply)
    batch = ConversationCollator(processor)([row])
    learned = processor.tokenizer.decode(batch["labels"][0][batch["labels"][0] >= 0])
    assert learned.count("<|im_end|>") == 3
    assert "Result of zoom" not in learned
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    for _ in range(120):
        loss = model(**batch).loss
        if float(loss.detach()) < TAUGHT_LOSS:
            break
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert float(loss.detach()) < 0.05
    model.save_pretrained(out)
    processor.save_pretrained(out)
    return out


@pytest.mark.training
@pytest.mark.filterwarnings("default")
def test_two_agentic_steps_with_tools_that_return_photos(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoagent_training import grpo
    from geoagent_training.recipe import DataChoice, GrpoRecipe, LoraChoice
    from geoagent_training.trainers import place_trainer

    taught = _overfit(kit, tmp_path / "taught")
    shutil.copy(kit / "agent_model" / "chat_template.jinja", taught)
    seen: list[dict[str, Any]] = []
    real = place_trainer.PlaceTrainer._generate_and_score_completions

    def spy(self: Any, inputs: Any) -> Any:
        outputs = real(self, inputs)
        seen.append(outputs)
        return outputs

    monkeypatch.setattr(place_trainer.PlaceTrainer, "_generate_and_score_completions", spy)
    names = ["geo_similarity", "geoagent_training.rewards.tool_rewards.tool_use"]
    names += [
        "geoagent_training.rewards.tool_rewards.step_budget",
        "tests.support.tiny_rewards.length",
    ]
    recipe = GrpoRecipe(
        model=str(taught),
        data=DataChoice(path=kit / "places" / "rows.jsonl"),
        device="cpu",
        rollouts="environment",
        lora=LoraChoice(r=8, alpha=16),
        rewards=[{"function": name} for name in names],
        trainer={
            "output_dir": str(tmp_path / "run"),
            "max_steps": 2,
            "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 1,
            "num_generations": 4,
            "max_completion_length": 256,
            "max_tool_calling_iterations": 3,
            "temperature": 0.7,
            "learning_rate": 1e-4,
        },
    )
    final = grpo.run_grpo(recipe)
    template = "chat_template.jinja"
    assert (final / template).read_text() == (kit / "agent_model" / template).read_text()
    log = [e for e in json.loads((tmp_path / "run" / "log.json").read_text()) if "loss" in e]
    assert len(log) == 2
    assert log[0]["tools/call_frequency"] > 0.2
    assert log[0]["rewards/tool_use/mean"] > 0.2
    batch = seen[0]
    tool_tokens = (batch["tool_mask"] == 0) & (batch["completion_mask"] == 1)
    assert tool_tokens.sum() > 0
    from geoagent_training.models.loading import load_processor

    tokenizer = load_processor(str(taught)).tokenizer
    learned_tokens = (batch["completion_mask"] * batch["tool_mask"]) == 1
    rows = range(len(tool_tokens))
    masked = [tokenizer.decode(batch["completion_ids"][row][tool_tokens[row]]) for row in rows]
    learned = [tokenizer.decode(batch["completion_ids"][row][learned_tokens[row]]) for row in rows]
    assert any("Result of verify" in text and "Result of zoom" in text for text in masked)
    assert not any("Choose the next action" in text for text in learned)
    assert any('"next": {"action": "zoom"' in text for text in learned)
