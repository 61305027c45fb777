"""One growing conversation in which a policy answers all questions of one run of the graph.

The served policy asks each question in a fresh conversation. A rollout has one: every question of
the graph, every result of a tool and every correction is a further user's turn after the first
question, in the same words; the photo is shown once, at the beginning.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model import prompts
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Message
from geoagent_graph.policies.model.replies import read_object
from geoagent_graph.types import Usage

CHOSEN_SHARE: Final = 0.9
"""What a sampled letter counts: at inference the log-probabilities of all letters stand there."""


class OutOfRoom(PolicyError):
    """The conversation has no room for another turn."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the policy said; `cut` where the token limit ended it."""

    text: str
    cut: bool
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Speaker(Protocol):
    """Says the policy's next turn."""

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        """Return the reply to what is told; None for the first question, which was shown before.

        Raises:
            OutOfRoom: the conversation is full.
        """
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of the graph and the policy's reply; `told` is None for the first question."""

    purpose: str
    told: str | None
    is_result: bool
    reply: str


class RolloutChat:
    """A `ChatModel` whose requests all go into one conversation."""

    model = "the policy in training"

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._system = ""
        self._turn = asyncio.Lock()  # letter orders are asked for at once, and heard one by one
        self.exchanges: list[Exchange] = []
        self.full = False

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the reply; one letter where the request asks for letters.

        Raises:
            PolicyError: the conversation is full, or the second reply is no letter either.
        """
        async with self._turn:
            return await self._reply_in_turn(request)

    async def aclose(self) -> None:
        """Do nothing: there is no connection."""

    async def _reply_in_turn(self, request: ChatRequest) -> ChatReply:
        said = [await self._say_and_keep(self._new_words(request), request)]
        if not request.letters:
            return _chat_reply(said)
        letter = _letter_in(said[-1].text, request.letters)
        if letter is None:
            wanted = f"write one of the letters {', '.join(request.letters)}"
            said.append(await self._say_and_keep(prompts.correction(wanted), request))
            letter = _letter_in(said[-1].text, request.letters)
        if letter is None:
            raise PolicyError(f"{self.model} gave no letter in two replies to {request.purpose}")
        return _chat_reply(said, _letter_shares(letter, request.letters))

    async def _say_and_keep(self, told: str | None, request: ChatRequest) -> Said:
        try:
            said = await self._speaker.say(told, request)
        except OutOfRoom:
            self.full = True
            raise
        self.exchanges.append(Exchange(request.purpose, told, _is_result(request), said.text))
        return said

    def _new_words(self, request: ChatRequest) -> str | None:
        """Return what is new in a request; the system's words where they are others than before."""
        system, *_, last = request.messages
        words = _message_text(last)
        if _message_text(system) != self._system:
            if self._system:
                words = f"{_message_text(system)}\n\n{words}"
            self._system = _message_text(system)
        # a reply that is echoed must not end a turn
        return words.replace("<|", "< |") if self.exchanges else None


def trajectory(exchanges: Sequence[Exchange], answer: str) -> list[dict[str, Any]]:
    """Return a conversation as TRL's rewards take it, with calls and results, and the answer last.

    Args:
        exchanges: what was said.
        answer: the run's answer as one more reply; empty where it has none.
    """
    messages: list[dict[str, Any]] = []
    for exchange in exchanges:
        if exchange.is_result:
            call = dict(_action_in(messages[-1]["content"]))
            name = call.pop("action")
            messages[-1]["tool_calls"] = [{"function": {"name": name, "arguments": call}}]
            messages.append({"role": "tool", "name": name, "content": exchange.told})
        elif exchange.told is not None:
            messages.append({"role": "user", "content": exchange.told})
        messages.append({"role": "assistant", "content": exchange.reply})
    return [*messages, {"role": "assistant", "content": answer}]


def _action_in(reply: str) -> dict[str, Any]:
    chosen = read_object(reply)["next"]
    assert isinstance(chosen, dict)  # the policy has read it before it ran the tool
    return chosen


def _is_result(request: ChatRequest) -> bool:
    """Say whether a request's last turn is what a tool said."""
    again = request.purpose.endswith(".again")
    return not again and not request.letters and len(request.messages) > 2


def _message_text(message: Message) -> str:
    return "\n".join(part for part in message.parts if isinstance(part, str))


def _letter_in(text: str, letters: Sequence[str]) -> str | None:
    letter = text.strip(" .):\n")
    return letter if letter in letters else None


def _letter_shares(chosen: str, letters: Sequence[str]) -> dict[str, float]:
    rest = (1.0 - CHOSEN_SHARE) / max(1, len(letters) - 1)
    return {letter: math.log(CHOSEN_SHARE if letter == chosen else rest) for letter in letters}


def _chat_reply(said: Sequence[Said], letters: dict[str, float] | None = None) -> ChatReply:
    used = Usage(
        calls=len(said),
        prompt_tokens=sum(one.prompt_tokens for one in said),
        completion_tokens=sum(one.completion_tokens for one in said),
    )
    return ChatReply(said[-1].text, cut=said[-1].cut, usage=used, letter_logprobs=letters)
