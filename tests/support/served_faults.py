"""Every way a model server can fail, a proxy that fails so, and tools that ask it."""
# ruff: noqa: E501

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from geoagent_graph.geo.geocoder import OfflineGeocoder
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import open_served_policy
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.testing import MemoryImages, scripted_toolbox
from geoagent_graph.testing.mock_server import (
    MockReply,
    MockRequest,
    MockServer,
    ScriptedModel,
    http_reply,
)
from geoagent_graph.toolbox import Toolbox
from tests.support.moved_clock import move_clock_soon

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
CALL_SECONDS = 60.0  # moved over by the faults that hang; never waited for
ATTEMPTS = 2
OPTIONS: dict[str, Any] = {
    "call_seconds": CALL_SECONDS, "question_seconds": 600.0, "attempts": ATTEMPTS,
    "backoff_seconds": 0.01, "limited_attempts": ATTEMPTS,
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
    move_clock_soon(CALL_SECONDS, jumps=8)
    return MockReply([bytes([byte]) for byte in whole], pause_seconds=CALL_SECONDS / 8)


def hanging_reply(*pieces: bytes) -> MockReply:
    """Return a reply that never ends, and let the time that a call may take pass."""
    move_clock_soon(CALL_SECONDS)
    return MockReply(pieces, hang=True)


def _hang(*pieces: bytes) -> Broken:
    return lambda request, good: hanging_reply(*pieces)


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
    "hang": _hang(),
    "hang in the middle": _hang(b"HTTP/1.1 200 OK\r\nContent-Le"),
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
# one of each way to fail, for the tests that ask what becomes of a run rather than of a reply
SOME_FAULTS = (
    "cut in the middle", "429 with Retry-After", "502 as a page", "hang in the middle", "401",
    "empty choices", "truncated JSON", "unknown candidates",
)  # fmt: skip
# of no matter: the reply is there all the same
SURVIVED = {"reply of another model", "no model", "NaN log-probabilities"}
FINAL = {"redirect", "redirect in a circle", "401", "404", "400", "429 for an hour"}


def purpose_of(request: MockRequest) -> str:
    """Return which question of a run a request is."""
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
        purpose = purpose_of(request)
        self.asked.append(purpose)
        whole = self.healthy or purpose not in self.steps
        if whole or (purpose in self.hits and not self.always):
            return good
        self.hits.append(purpose)
        return self.broken(request, good)


def toolbox_of(
    server: MockServer, geocoder: OfflineGeocoder, **parts: Any
) -> tuple[Toolbox, ModelPolicy]:
    """Return tools whose policy asks the server, and waits for it only shortly."""
    images = MemoryImages()
    options = ServerOptions(
        base_url=server.base_url, model=server.model, api_key="sk-secret-1", **OPTIONS
    )
    always_asked = ModelPolicyOptions(accept_at=1.0)
    tools = PolicyTools(images=images, geocoder=geocoder)
    policy = open_served_policy(options, tools, options=always_asked)
    toolbox = scripted_toolbox(policy=policy, images=images, geocoder=geocoder, **parts)
    return toolbox, policy
