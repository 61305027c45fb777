"""Habits of real model servers, one by one or together, for a mock server to have.

    from geoagent_graph.testing.habit_list import HABITS
    from geoagent_graph.testing.server_habits import HabitServer

    async with HabitServer([HABITS["top_logprobs at most 5"], HABITS["gzip"]]) as server:
        ...  # a client of `server.client_url`

A habit refuses requests, changes replies, changes how they travel, or lists models in its own form.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from geoagent_graph.testing.mock_server import (
    MockReply,
    MockRequest,
    MockServer,
    ScriptedModel,
)

KEY = "sk-habit-secret"


@dataclass(frozen=True, slots=True)
class Wire:
    """A reply on its way: bytes, status and headers; `chunked` sends it in pieces."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False

    def with_headers(self, **headers: str) -> "Wire":
        """Return the reply with further headers; _ stands for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Wire(self.body, self.status, {**self.headers, **named}, self.chunked)


def refusal(status: int, body: object) -> Wire:
    """Return an error in JSON."""
    return Wire(json.dumps(body).encode(), status)


@dataclass(frozen=True, slots=True)
class Habit:
    """One habit; what is None is as with any other server.

    `refuse` gets a request and how many came before it, and may answer it with an error. `edit`
    changes the body of a reply in place, `send` how it travels. `models` is the list of models.
    `address` makes the base URL that a person would give out of the server's own. `says` are words
    of which the one sentence of an error holds one, `notes` words of a warning in the answer.
    `part` names what only one habit of a server can be about.
    """

    name: str
    refuse: Callable[[MockRequest, int], Wire | None] | None = None
    edit: Callable[[MockRequest, dict[str, Any]], None] | None = None
    send: Callable[[MockRequest, Wire], Wire] | None = None
    models: Wire | None = None
    address: Callable[[str], str] | None = None
    says: str | tuple[str, ...] = ""
    notes: str = ""
    part: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """The words of which an error holds one; none where there is to be an answer."""
        given = (self.says,) if isinstance(self.says, str) else self.says
        return tuple(words for words in given if words)


class HabitServer:
    """A server with habits, whose model knows the way to Lisbon; use it with `async with`."""

    def __init__(self, habits: Sequence[Habit], model: ScriptedModel | None = None) -> None:
        self.habits = tuple(habits)
        self._model = model or ScriptedModel.towards("Europe", "Portugal", "Lisbon")
        self._seen = 0
        listed = [habit.models for habit in habits if habit.models is not None]
        self.server = MockServer(
            self._reply_to, owned_by="mock", models_reply=_mock_reply(listed[0]) if listed else None
        )

    async def __aenter__(self) -> Self:
        """Start serving."""
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop serving."""
        await self.server.__aexit__(*exception)

    @property
    def client_url(self) -> str:
        """The base URL as a person would give it."""
        url = self.server.base_url
        for habit in self.habits:
            url = habit.address(url) if habit.address else url
        return url

    def _reply_to(self, request: MockRequest) -> MockReply:
        number, self._seen = self._seen, self._seen + 1
        if request.path != "/v1/chat/completions":
            return _mock_reply(refusal(404, {"detail": "Not Found"}))
        for habit in self.habits:
            refused = habit.refuse(request, number) if habit.refuse else None
            if refused is not None:
                return _mock_reply(refused)
        reply = self._model(request)
        for habit in self.habits:
            if habit.edit and reply["choices"]:  # without a choice nothing is left to change
                habit.edit(request, reply)
        wire = Wire(json.dumps(reply).encode())
        for habit in self.habits:
            wire = habit.send(request, wire) if habit.send else wire
        return _mock_reply(wire)


def _mock_reply(wire: Wire) -> MockReply:
    headers = {"Content-Type": "application/json", **wire.headers}
    lines = [f"HTTP/1.1 {wire.status} Mock", *(f"{k}: {v}" for k, v in headers.items() if v)]
    if not wire.chunked:
        head = "\r\n".join([*lines, f"Content-Length: {len(wire.body)}", "", ""]).encode()
        return MockReply((head + wire.body,))
    pieces = [wire.body[at : at + 100] for at in range(0, len(wire.body), 100)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    return MockReply(
        ("\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode() + chunks,)
    )
