"""What `doctor` finds at a model server: what works, what is missing, and what to do about it."""

import json
from typing import Any

import pytest

from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.doctor import ModelFinding, check_server
from geoagent_graph.testing.mock_server import (
    MODEL,
    MockReply,
    MockRequest,
    MockServer,
    Responder,
    completion,
    http_reply,
)


async def findings_of(respond: Responder) -> dict[str, ModelFinding]:
    async with MockServer(respond) as server:
        options = ServerOptions(
            base_url=server.base_url,
            model=MODEL,
            attempts=1,
            limited_attempts=2,
            backoff_seconds=0.001,
        )
        return {finding.name: finding for finding in await check_server(options)}


def read_words_only(request: MockRequest) -> dict[str, Any]:
    return completion("hello")


def read_all(request: MockRequest) -> dict[str, Any]:
    usage = {"prompt_tokens": 100 + 50 * request.images, "completion_tokens": 1}
    if request.body.get("logprobs"):
        body = completion("A", usage=usage)
        top = [{"token": letter, "logprob": -0.7} for letter in "AB"]
        body["choices"][0]["logprobs"] = {"content": [{"top_logprobs": top}]}
        return body
    return completion('{"place": "Porto", "sure": true}', usage=usage)


def refuse_key(request: MockRequest) -> MockReply:
    return http_reply(b"{}", 401)


async def test_a_model_that_does_all_is_ok_everywhere_but_for_a_context_it_does_not_say() -> None:
    found = await findings_of(read_all)
    assert {name: f.state for name, f in found.items()} == {
        f"model {MODEL}": "ok",
        "context length": "partly",
        "picture input": "ok",
        "pictures per question": "ok",
        "JSON schema": "ok",
        "log-probabilities": "ok",
        "parameters": "ok",
    }
    assert "max_tokens, temperature, seed" in found["parameters"].found
    assert found["picture input"].found == "a photo costs 50 tokens"
    assert found["log-probabilities"].found == "given for A, B"
    assert "4096 tokens" in found["context length"].advice


async def test_a_model_that_reads_text_only_is_found_out_by_its_tokens() -> None:
    found = await findings_of(read_words_only)
    assert found["picture input"].state == "missing"
    assert found["picture input"].found == "a picture is taken but not seen"
    assert "--no-vision" in found["picture input"].advice
    assert found["JSON schema"].state == found["log-probabilities"].state == "partly"


async def test_nothing_else_is_asked_where_the_model_cannot_be() -> None:
    found = await findings_of(refuse_key)
    assert list(found) == [f"model {MODEL}"]
    only = found[f"model {MODEL}"]
    assert (only.state, only.advice) == ("missing", "")
    assert "GEOAGENT_API_KEY" in only.found


async def test_tokens_that_are_not_counted_are_not_called_none() -> None:
    found = await findings_of(lambda request: {**read_all(request), "usage": None})
    picture = found["picture input"]
    assert picture.state == "partly"
    assert picture.found == "a picture is taken; the server counts no tokens for it"


async def test_a_server_without_pictures_is_said_once() -> None:
    def refuse_pictures(request: MockRequest) -> MockReply | dict[str, Any]:
        said = b'{"error": {"message": "image input is not supported"}}'
        return http_reply(said, 400) if request.images else read_all(request)

    found = await findings_of(refuse_pictures)
    assert found["picture input"].state == "missing"
    assert "pictures per question" not in found


@pytest.mark.parametrize(
    ("status", "said", "advice"),
    [
        (503, "Loading model", "wait until the model is loaded, then ask again"),
        (429, "You exceeded your current quota", ""),
        (404, "model mock-vl not found", "check --base-url and --model"),
        (400, "the maximum context length is 512", "the served policy needs at least 4096 tokens"),
    ],
)
async def test_what_to_do_fits_what_went_wrong(status: int, said: str, advice: str) -> None:
    body = json.dumps({"error": {"message": said}}).encode()
    found = await findings_of(lambda request: http_reply(body, status))
    assert found[f"model {MODEL}"].advice.startswith(advice)
    assert bool(found[f"model {MODEL}"].advice) == bool(advice)


async def test_a_refusal_is_not_blamed_on_the_address() -> None:
    def refuse(request: MockRequest) -> dict[str, Any]:
        body = completion(None)
        body["choices"][0]["message"]["refusal"] = "No."
        return body

    found = await findings_of(refuse)
    assert found[f"model {MODEL}"].advice.startswith("serve another model")
