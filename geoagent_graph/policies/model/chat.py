"""What a policy asks a language model and what comes back, whichever engine runs the model."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

from geoagent_graph.call_log import log_call, log_note
from geoagent_graph.errors import PolicyError
from geoagent_graph.types import ToolCall, Usage

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Picture:
    """A photo as the model sees it: JPEG bytes within the pixel budget."""

    jpeg: bytes

    @cached_property
    def data_uri(self) -> str:
        """The photo as a data URI: servers are never asked to fetch anything."""
        return "data:image/jpeg;base64," + base64.b64encode(self.jpeg).decode("ascii")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation: texts and pictures in the order in which they are shown."""

    role: Role
    parts: tuple[str | Picture, ...]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to the model.

    `schema` constrains the reply to JSON; `letters` to one of these single letters, with the
    log-probability of each wanted. `purpose` names the question in the trace. Where a run is one
    conversation, a question `aside` and its reply do not become part of it.
    """

    purpose: str
    messages: Sequence[Message]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    schema: Mapping[str, Any] | None = None
    letters: tuple[str, ...] = ()
    aside: bool = False

    @property
    def pictures(self) -> int:
        """How many pictures the question shows."""
        return sum(isinstance(part, Picture) for turn in self.messages for part in turn.parts)


@dataclass(frozen=True, slots=True)
class ChatReply:
    """The model's reply.

    `cut` is True where the token limit ended it. `letter_logprobs` holds the log-probability of
    every letter that was asked for and reported; None where the engine reports none. `reasoning`
    is what the model wrote beside its reply. `notes` are what the engine does not do as it was
    asked, in words for the answer.
    """

    text: str
    cut: bool = False
    usage: Usage = field(default_factory=lambda: Usage(calls=1))
    letter_logprobs: Mapping[str, float] | None = None
    seconds: float = 0.0
    reasoning: str = ""
    notes: tuple[str, ...] = ()


class ChatModel(Protocol):
    """A language model behind a server or in this process; safe for concurrent questions."""

    @property
    def model(self) -> str:
        """Name of the model, with its revision where that is known: `name@revision`."""
        ...

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            PolicyError: no usable reply within the time and number of attempts allowed.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections of the running event loop."""
        ...


async def ask(chat: ChatModel, request: ChatRequest) -> ChatReply:
    """Return the model's reply and write the call into the step that is running.

    Raises:
        PolicyError: the model could not be asked; the call is written down all the same.
    """
    arguments: dict[str, Any] = {"purpose": request.purpose, "model": chat.model}
    try:
        reply = await chat.reply(request)
    except PolicyError as error:
        log_call(
            ToolCall(
                tool="model", arguments=arguments, result="failed", seconds=0, error=str(error)
            )
        )
        raise
    for note in reply.notes:
        log_note(f"{chat.model}: {note}")
    log_call(
        ToolCall(
            tool="model",
            arguments=arguments,
            result=_short_line(reply.text),
            seconds=reply.seconds,
            usage=reply.usage,
        )
    )
    return reply


def _short_line(text: str) -> str:
    plain = " ".join(text[:800].split())
    return plain if len(plain) <= 200 else plain[:199] + "…"
