"""An OpenAI-compatible server of a few lines on loopback, for tests and overhead measurements.

    from geoagent_graph import locate
    from geoagent_graph.policies.open_policy import with_policy
    from geoagent_graph.policies.options import PolicyOptions
    from geoagent_graph.testing import scripted_toolbox
    from geoagent_graph.testing.mock_server import MockServer, ScriptedModel

    async with MockServer(ScriptedModel.towards("Europe", "Portugal", "Lisbon")) as server:
        served = PolicyOptions(policy="served", base_url=server.base_url, model=server.model)
        toolbox = with_policy(scripted_toolbox(), served)
        answer = await locate(b"any bytes", toolbox=toolbox)
        await toolbox.aclose()
    assert (answer.policy, answer.place.city) == ("served", "Lisbon")

It answers what a model would that knows the way, and can be told to fail in any manner instead.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

MODEL = "mock-vl"
# A connection that was just accepted is ours after some rounds of the loop: one for its transport,
# one for its protocol, one for the task that serves it.
_ROUNDS_TO_ACCEPT: Final = 5


@dataclass(frozen=True, slots=True)
class MockRequest:
    """One request as it came in; `number` counts the chat completions from 0."""

    path: str
    body: dict[str, Any]
    number: int
    key: str = ""  # as it came in the header Authorization
    headers: dict[str, str] = field(default_factory=dict)  # by names in lower case

    @property
    def text(self) -> str:
        """All texts of the conversation that are not the model's own."""
        contents = [m["content"] for m in self.body["messages"] if m["role"] != "assistant"]
        return "\n".join(
            content
            if isinstance(content, str)
            else "\n".join(part["text"] for part in content if part["type"] == "text")
            for content in contents
        )

    @property
    def images(self) -> int:
        """How many pictures the conversation shows."""
        contents = [message["content"] for message in self.body["messages"]]
        return sum(
            part["type"] == "image_url"
            for content in contents
            if not isinstance(content, str)
            for part in content
        )


@dataclass(frozen=True, slots=True)
class MockReply:
    """Raw bytes to send, in pieces with pauses, and what to do then."""

    pieces: Sequence[bytes]
    pause_seconds: float = 0.0
    hang: bool = False  # keep the connection open and send nothing more
    reset: bool = False  # cut the connection without an end


Responder = Callable[[MockRequest], "MockReply | dict[str, Any]"]


def http_reply(
    body: bytes, status: int = 200, content_type: str = "application/json", **headers: str
) -> MockReply:
    """Return a whole HTTP reply."""
    lines = [f"HTTP/1.1 {status} Mock", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return MockReply(("\r\n".join(lines).encode() + body,))


def completion(text: str | None, **changes: Any) -> dict[str, Any]:
    """Return the body of a chat completion with this text; `changes` replace its fields."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    body = {
        "id": "mock",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [choice],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return body | changes


@dataclass
class ScriptedModel:
    """Replies of a model that knows the way: it prefers the option that is on its way."""

    way: tuple[str, ...]
    chain: str
    logprobs: bool = True

    @classmethod
    def towards(cls, continent: str, country: str, town: str, **changes: Any) -> Self:
        """Return a model that answers this town in the paper's form."""
        stage = {"Clues": ["a sign"], "Reasoning": "a sign", "Uncertainty": "low"}
        stages = {
            "CountryIdentification": {**stage, "Conclusion": country},
            "RegionalGuess": {**stage, "Conclusion": town},
            "PreciseLocalization": {**stage, "Conclusion": town},
        }
        answer = f"{country}; {town}; {town}"
        thought = json.dumps({"ChainOfThought": stages, "FinalAnswer": answer})
        chain = f"<think>{thought}</think><answer>{answer}</answer>"
        return cls(way=(continent, country, town), chain=chain, **changes)

    def __call__(self, request: MockRequest) -> dict[str, Any]:
        """Return the completion for a request."""
        schema = request.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
        wanted = schema.get("properties", {})
        asked = request.text.rstrip()
        if asked.endswith("Letter:") or request.body.get("logprobs"):
            return self._letter_reply(request, as_json=bool(wanted))
        if "next" in wanted or '"next"' in asked:
            step = {"action": "propose", "candidates": self._candidates_for(request.text)}
            return completion(json.dumps({"thought": "a sign", "next": step}))
        if "decision" in wanted or "\nDecide:\n" in asked:
            verdict = {"thought": "fits", "decision": "accept", "letter": "A"}
            return completion(json.dumps(verdict))
        return completion(self.chain)

    def _candidates_for(self, text: str) -> list[str]:
        return [self.way[2] if "is the town in" in text else self.way[1]]

    def _letter_reply(self, request: MockRequest, *, as_json: bool) -> dict[str, Any]:
        options = dict(
            line.split(". ", 1) for line in request.text.splitlines() if line[1:3] == ". "
        )
        known = [letter for letter, name in options.items() if name in self.way]
        letter = next(iter(known), "A")
        if as_json:
            return completion(json.dumps({"letter": letter}))
        body = completion(letter)
        if self.logprobs and request.body.get("logprobs"):
            tokens = [
                {"token": other, "logprob": -0.1 if other == letter else -4.0} for other in options
            ]
            entry = {"token": letter, "logprob": -0.1, "top_logprobs": tokens}
            body["choices"][0]["logprobs"] = {"content": [entry]}
        return body


@dataclass
class MockServer:
    """Serves replies on a free port of 127.0.0.1 while the `async with` block runs.

    `models_reply` is what the list of models says, or a function that is called for each request;
    `requests` keeps every chat completion asked for.
    """

    respond: Responder
    model: str = MODEL
    owned_by: str = "vllm"
    requests: list[MockRequest] = field(default_factory=list)
    base_url: str = ""
    models_reply: MockReply | Callable[[], MockReply] | None = None
    models_paths: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        """Start serving."""
        await self.come_back()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Cut all connections and stop."""
        if self._server is not None:
            self._server.close()
        for _ in range(_ROUNDS_TO_ACCEPT):
            await asyncio.sleep(0)
        self.go_down()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # an aborted transport is closed in the next round of the loop

    def go_down(self) -> None:
        """Cut all connections; new ones are refused."""
        if self._server is not None:
            self._server.close()
        for task, writer in self._tasks.items():
            writer.transport.abort()
            task.cancel()

    async def come_back(self) -> None:
        """Serve again at the same address."""
        port = int(self.base_url.split(":")[2].split("/")[0]) if self.base_url else 0
        self._server = await asyncio.start_server(self._serve_connection, "127.0.0.1", port)
        port = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}/v1"

    async def _serve_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks[task] = writer
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()
            if task is not None:
                del self._tasks[task]

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        reply = self._reply_to(head[0].split(" ")[1], body, headers)
        for number, piece in enumerate(reply.pieces):
            if number:
                await asyncio.sleep(reply.pause_seconds)
            writer.write(piece)
            await writer.drain()
        if reply.hang:
            await asyncio.sleep(3600)
        if reply.reset:
            writer.transport.abort()
        return not reply.reset

    def _reply_to(self, path: str, body: bytes, headers: dict[str, str]) -> MockReply:
        if path.endswith("/models"):
            self.models_paths.append(path)
            listed = {"id": self.model, "object": "model", "owned_by": self.owned_by}
            said = self.models_reply() if callable(self.models_reply) else self.models_reply
            return said or http_reply(json.dumps({"data": [listed]}).encode())
        key = headers.get("authorization", "").removeprefix("bearer ")
        request = MockRequest(path, json.loads(body), len(self.requests), key, headers)
        self.requests.append(request)
        reply = self.respond(request)
        return reply if isinstance(reply, MockReply) else http_reply(json.dumps(reply).encode())
