"""Every way a model server can fail, at every step: retried or a typed error, never wrong."""
# ruff: noqa: E501

import asyncio
import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

pytest.importorskip("openai")

from langgraph.checkpoint.memory import InMemorySaver

from geoagent_graph.errors import PolicyError
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.graph import build_graph
from geoagent_graph.policies.mock_server import (
    MockReply,
    MockRequest,
    MockServer,
    ScriptedModel,
    completion,
    http_reply,
)
from geoagent_graph.policies.served.client import ServerOptions
from geoagent_graph.policies.served.opening import PolicyTools, open_served_policy
from geoagent_graph.policies.served.options import ModelPolicyOptions
from geoagent_graph.policies.served.policy import ModelPolicy
from geoagent_graph.settings import load_settings
from geoagent_graph.state import AgentInput, answer_of, dump
from geoagent_graph.testing import MemoryImages, scripted_toolbox
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer

LISBON = ScriptedModel.towards("Europe", "Portugal", "Lisbon")
STEPS = (
    "draft",
    "choice.continent",
    "turn.country",
    "choice.country",
    "verdict.country",
    "turn.city",
    "choice.city",
)
CALL_SECONDS = 1.5
ATTEMPTS = 2
OPTIONS: dict[str, Any] = {
    "call_seconds": CALL_SECONDS, "budget_seconds": 20.0, "attempts": ATTEMPTS,
    "backoff_seconds": 0.01,
}  # fmt: skip

Broken = Callable[[MockRequest, dict[str, Any]], "MockReply | dict[str, Any]"]


def _raw(body: bytes, **changes: Any) -> Broken:
    return lambda request, good: http_reply(body, **changes)


def _edited(edit: Callable[[dict[str, Any]], None]) -> Broken:
    def broken(request: MockRequest, good: dict[str, Any]) -> dict[str, Any]:
        edit(good)
        return good

    return broken


def _said(text: str | None) -> Broken:
    def broken(request: MockRequest, good: dict[str, Any]) -> dict[str, Any]:
        good["choices"][0]["message"]["content"] = text
        return good

    return broken


def _dripped(request: MockRequest, good: dict[str, Any]) -> MockReply:
    whole = http_reply(json.dumps(good).encode()).pieces[0]
    return MockReply([bytes([byte]) for byte in whole], pause_seconds=0.05)


def _half(request: MockRequest, good: dict[str, Any]) -> MockReply:
    whole = http_reply(json.dumps(good).encode()).pieces[0]
    return MockReply((whole[: len(whole) // 2],), reset=True)


def _nan_logprobs(good: dict[str, Any]) -> None:
    good["choices"][0]["logprobs"] = {
        "content": [{"token": "A", "top_logprobs": [{"token": "A", "logprob": float("nan")}]}]
    }


def _action(**step: Any) -> Broken:
    return _said(json.dumps({"thought": "x", "next": step}))


def _nested(good: dict[str, Any]) -> None:
    good["choices"][0]["message"]["content"] = '{"a":' * 4000


TRANSPORT: dict[str, Broken] = {
    "cut before a byte": lambda request, good: MockReply((), reset=True),
    "cut in the middle": _half,
    "429 without Retry-After": _raw(b'{"error": {"message": "busy"}}', status=429),
    "429 with Retry-After": _raw(b"{}", status=429, Retry_After="0.02"),
    "429 with a date": _raw(b"{}", status=429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "429 with nonsense": _raw(b"{}", status=429, Retry_After="soon"),
    "429 for an hour": _raw(b"{}", status=429, Retry_After="3600"),
    "500": _raw(b"Internal Server Error", status=500, content_type="text/plain"),
    "502 as a page": _raw(b"<html>Bad Gateway</html>", status=502, content_type="text/html"),
    "503 list body": _raw(b"[1, 2]", status=503),
    "hang": lambda request, good: MockReply((), hang=True),
    "hang in the middle": lambda r, g: MockReply((b"HTTP/1.1 200 OK\r\nContent-Le",), hang=True),
    "slow drip": _dripped,
    "empty choices": _edited(lambda good: good["choices"].clear()),
    "no choices": _edited(lambda good: good.pop("choices") and None),
    "list body": _raw(b"[]"),
    "string body": _raw(b'"ok"'),
    "empty body": _raw(b""),
    "null content": _said(None),
    "body is half a JSON": _raw(b'{"id": "x", "choices": [{"mess'),
    "not UTF-8": _raw(b'{"choices": "\xff\xfe"}'),
    "8 MB of body": _raw(b'{"x": "' + b"a" * 8_000_000 + b'"}'),
    "gzip that was not asked for": _raw(gzip.compress(b"{}"), Content_Encoding="deflate"),
    "reply of another model": _edited(lambda good: good.update(model="gpt-imposter")),
    "no model": _edited(lambda good: good.pop("model") and None),
    "wrong content type": _raw(b"{}", content_type="text/event-stream"),
    "redirect": _raw(b"", status=307, Location="http://127.0.0.1:9/v1/chat/completions"),
    "redirect in a circle": _raw(b"", status=302, Location="/v1/chat/completions"),
    "401": _raw(b'{"error": {"message": "bad key sk-secret-1"}}', status=401),
    "404": _raw(b'{"detail": "Not Found"}', status=404),
    "400": _raw(b'{"error": {"message": "context length exceeded"}}', status=400),
    "NaN log-probabilities": _edited(_nan_logprobs),
    "negative token count": _edited(lambda good: good.update(usage={"prompt_tokens": -5})),
}
CONTENT: dict[str, Broken] = {
    "empty text": _said(""),
    "prose": _said("I am sorry, I cannot help with that."),
    "truncated JSON": _said('{"thought": "x", "next": {"action": "pro'),
    "another shape": _said('{"answer": 42}'),
    "unknown country": _said("<think>{}</think><answer>Atlantis; Poseidonia; Port</answer>"),
    "unknown candidates": _action(action="propose", candidates=["Atlantis", "Eldorado"]),
    "candidates are no list": _action(action="propose", candidates="Portugal"),
    "no candidates": _action(action="propose"),
    "unknown action": _action(action="rm -rf /"),
    "NaN coordinates": _said('{"next": {"action": "reverse_geocode", "lat_deg": NaN, "lon_deg": 1}}'),
    "infinite coordinates": _said('{"next": {"action": "reverse_geocode", "lat_deg": 1e999, "lon_deg": 1}}'),
    "swapped coordinates": _action(action="reverse_geocode", lat_deg=139.7, lon_deg=35.7),
    "a box outside of the photo": _action(action="zoom", left=-20, top=0, right=300, bottom=9),
    "1 MB of text": _said("Portugal " * 120_000),
    "deep nesting": _edited(_nested),
    "two answers": _said("<answer>Portugal</answer><answer>Spain</answer>"),
    "lone surrogate": _said("\ud83d {"),
}  # fmt: skip
FAULTS = TRANSPORT | CONTENT
FINAL = {"redirect", "redirect in a circle", "401", "404", "400", "429 for an hour"}


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


def _purpose(request: MockRequest) -> str:
    schema = request.body.get("response_format", {}).get("json_schema", {})
    properties = schema.get("schema", {}).get("properties", {})
    if "ChainOfThought" in properties:
        return "draft"
    if "decision" in properties:
        return f"verdict.{request.text.partition('Candidates for the ')[2].split()[0]}"
    if "next" in properties:
        return "turn.city" if "town in" in request.text else "turn.country"
    if request.body.get("logprobs") or schema:
        for level, word in (("continent", "which continent"), ("country", "which country")):
            if word in request.text:
                return f"choice.{level}"
        return "choice.city"
    return "draft"


@dataclass
class Proxy:
    """A good model whose replies are broken at some steps, once each or every time."""

    steps: tuple[str, ...]
    broken: Broken
    always: bool
    healthy: bool = False
    hits: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: MockRequest) -> Any:
        good = LISBON(request)
        purpose = _purpose(request)
        self.asked.append(purpose)
        whole = self.healthy or purpose not in self.steps
        if whole or (purpose in self.hits and not self.always):
            return good
        self.hits.append(purpose)
        return self.broken(request, good)


def _toolbox(server: MockServer, geocoder: OfflineGeocoder) -> tuple[Toolbox, ModelPolicy]:
    images = MemoryImages()
    options = ServerOptions(
        base_url=server.base_url, model=server.model, api_key="sk-secret-1", **OPTIONS
    )
    always_asked = ModelPolicyOptions(accept_at=1.0)
    tools = PolicyTools(images=images, geocoder=geocoder)
    policy = open_served_policy(options, tools, options=always_asked)
    return scripted_toolbox(policy=policy, images=images, geocoder=geocoder), policy


async def _run(proxy: Proxy, geocoder: OfflineGeocoder) -> Answer | PolicyError:
    """Return how a run ends; after an error the server heals and the same run is resumed."""
    async with MockServer(proxy) as server:
        toolbox, policy = _toolbox(server, geocoder)
        graph = build_graph(InMemorySaver())
        config: Any = {"configurable": {"thread_id": "case"}, "recursion_limit": 200}
        inputs = AgentInput(image=dump(toolbox.images.open(b"photo").image))
        began = time.monotonic()
        try:
            state = await graph.ainvoke(inputs, config, context=toolbox)
        except PolicyError as error:
            # the stated limits, and room for a loaded machine: a hang would take minutes
            assert time.monotonic() - began < 2 * ATTEMPTS * CALL_SECONDS + 90
            await _resumed(proxy, graph, config, toolbox)
            await policy.aclose()
            return error
        await policy.aclose()
        return answer_of(state)


async def _once(proxy: Proxy, geocoder: OfflineGeocoder) -> Answer:
    async with MockServer(proxy) as server:
        toolbox, policy = _toolbox(server, geocoder)
        inputs = AgentInput(image=dump(toolbox.images.open(b"photo").image))
        try:
            return answer_of(await build_graph().ainvoke(inputs, context=toolbox))
        finally:
            await policy.aclose()


async def _resumed(proxy: Proxy, graph: Any, config: Any, toolbox: Toolbox) -> None:
    proxy.healthy = True
    before = len(proxy.asked)
    done = [step["node"] for step in (await graph.aget_state(config)).values.get("steps", [])]
    answer = answer_of(await graph.ainvoke(None, config, context=toolbox))
    assert answer.place.city == "Lisbon"
    assert [step.node for step in answer.trace][: len(done)] == done
    asked_again = proxy.asked[before:]
    (step,) = proxy.steps
    of_this_node = {"choice.country": {"turn.country"}, "choice.city": {"turn.city"}}.get(
        step, set()
    )
    finished = set(STEPS[: STEPS.index(step)]) - of_this_node
    assert not set(asked_again) & finished


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_one_fault_is_survived_at_every_step(fault: str, geocoder: OfflineGeocoder) -> None:
    proxy = Proxy(STEPS, FAULTS[fault], always=False)
    if fault in FINAL:
        with pytest.raises(PolicyError):
            await _once(proxy, geocoder)
        return
    answer = await _once(proxy, geocoder)
    assert answer.place.city == "Lisbon"
    assert set(proxy.hits) == set(STEPS)


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_a_lasting_fault_is_an_error_and_the_run_resumes(
    fault: str, geocoder: OfflineGeocoder
) -> None:
    proxies = [Proxy((step,), FAULTS[fault], always=True) for step in STEPS]
    ends = await asyncio.gather(*(_run(proxy, geocoder) for proxy in proxies))
    errors = 0
    for proxy, end in zip(proxies, ends, strict=True):
        assert proxy.hits, proxy.steps
        if isinstance(end, PolicyError):
            errors += 1
            assert "\n" not in str(end)
            assert "sk-secret-1" not in str(end)
            assert len(str(end)) < 600
        else:
            # what a reply says is of no matter where only its log-probabilities count
            assert end.place.city == "Lisbon"
            assert fault in CONTENT or fault == "NaN log-probabilities"
            assert proxy.steps[0].startswith("choice") or fault == "unknown candidates"
    if fault in TRANSPORT:
        assert errors >= 1


async def test_a_server_that_is_not_there_is_named(geocoder: OfflineGeocoder) -> None:
    async with MockServer(LISBON) as server:
        gone = server
    toolbox, policy = _toolbox(gone, geocoder)
    with pytest.raises(PolicyError, match=r"http://127\.0\.0\.1:\d+/v1: it cannot be reached"):
        await policy.draft(toolbox.images.open(b"photo").image, [])
    await policy.aclose()


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (http_reply(b'{"data": [{"id": "other"}]}'), "does not serve the model mock-vl; it offers"),
        (http_reply(b'{"data": []}'), "it offers: none"),
        (http_reply(b"{}", status=404), "usually ends in /v1"),
        (http_reply(b"<html>", content_type="text/html"), "instead of JSON"),
        (MockReply((), hang=True), "no reply in the time allowed"),
    ],
)
async def test_a_wrong_server_is_explained(
    reply: MockReply, message: str, geocoder: OfflineGeocoder
) -> None:
    async with MockServer(LISBON, models_reply=reply) as server:
        toolbox, policy = _toolbox(server, geocoder)
        with pytest.raises(PolicyError, match=message):
            await policy.draft(toolbox.images.open(b"photo").image, [])
        await policy.aclose()


async def test_a_server_without_schemas_is_asked_without(geocoder: OfflineGeocoder) -> None:
    def picky(request: MockRequest) -> Any:
        if "response_format" in request.body:
            body = b'{"error": {"message": "response_format json_schema is not supported"}}'
            return http_reply(body, status=400)
        if "Decide:" in request.text:
            return completion('{"decision": "accept", "letter": "A"}')
        if '"next"' in request.text:
            town = "town in" in request.text
            step = {"action": "propose", "candidates": ["Lisbon" if town else "Portugal"]}
            return completion(f"Sure!\n```json\n{json.dumps({'next': step})}\n```")
        return LISBON(request)

    async with MockServer(picky) as server:
        toolbox, policy = _toolbox(server, geocoder)
        graph = build_graph()
        inputs = AgentInput(image=dump(toolbox.images.open(b"photo").image))
        answer = answer_of(await graph.ainvoke(inputs, context=toolbox))
        assert answer.place.city == "Lisbon"
        assert sum("response_format" in r.body for r in server.requests) == 1
        await policy.aclose()
