"""The served policy against a real vLLM with a tiny random model: everything but knowledge.

The model knows nothing, so places are not looked at; that pictures arrive, replies keep to their
schema and log-probabilities decide is.
"""

import asyncio
import json
from pathlib import Path

import pytest

pytest.importorskip("jsonschema")
pytest.importorskip("openai")


import jsonschema

from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.model import schemas
from geoagent_graph.policies.model.chat import ChatRequest, Message, Picture
from geoagent_graph.policies.model.photos import PhotoPrinter
from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.protocols import Photo
from geoagent_graph.settings import load_settings

ACTIONS = ("propose", "zoom", "reverse_geocode", "verify", "answer")


@pytest.fixture(scope="module")
def server(base_url: str) -> ServerOptions:
    return ServerOptions(base_url=base_url, model="tiny")


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


@pytest.fixture(scope="module")
def images() -> PhotoStore:
    return PhotoStore(load_settings())


@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_every_reply_keeps_to_its_schema(
    server: ServerOptions, geocoder: OfflineGeocoder, temperature: float
) -> None:
    countries = [place.name for place in PlaceLookup(geocoder).countries()]
    wanted = {
        "chain": schemas.chain_schema(countries),
        "turn.country": schemas.turn_schema(ACTIONS, countries[:50]),
        "turn.city": schemas.turn_schema(ACTIONS, None),
        "verdict": schemas.verdict_schema(("accept", "retry", "back", "stop"), "ABC"),
        "letter": schemas.letter_schema("ABCDEFG"),
    }
    chat = OpenAIChat(server)

    async def one(name: str, seed: int) -> None:
        request = ChatRequest(
            purpose=name.replace(".", "_"),
            messages=(Message("user", ("Where was the photo taken?",)),),
            max_tokens=1600,
            temperature=temperature,
            seed=seed,
            schema=wanted[name],
        )
        reply = await chat.reply(request)
        assert not reply.cut, name
        jsonschema.validate(json.loads(reply.text, strict=True), wanted[name])

    seeds = range(5) if temperature else range(1)
    await asyncio.gather(*(one(name, seed) for name in wanted for seed in seeds))
    await chat.aclose()


async def test_pictures_arrive_and_matter(
    server: ServerOptions, images: PhotoStore, photos: list[Path]
) -> None:
    printer = PhotoPrinter()
    shown = [printer.picture(Photo(images.open(photo).image, images)) for photo in photos[:3]]
    chat = OpenAIChat(server)

    async def weigh(*pictures: Picture) -> tuple[int, dict[str, float]]:
        message = Message("user", (*pictures, "Which?\nA. one\nB. two\nC. three\nLetter:"))
        request = ChatRequest(
            purpose="look", messages=(message,), max_tokens=1, letters=("A", "B", "C")
        )
        reply = await chat.reply(request)
        return reply.usage.prompt_tokens, dict(reply.letter_logprobs or {})

    none, first, second, all_three = [
        await weigh(*pictures) for pictures in ((), shown[:1], shown[1:2], shown)
    ]
    assert none[0] < first[0] < all_three[0]
    assert sorted(first[1]) == ["A", "B", "C"]
    assert first[1] != second[1] != none[1]
    assert all_three[1] != first[1]
    await chat.aclose()
