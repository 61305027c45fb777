"""One growing conversation in which a policy answers all questions of one run of the graph.

The words are those of the mode `conversation` of the served policy: every question of the graph,
every result of a tool and every correction is a further user's turn after the first question; the
photo is shown once, at the beginning. Further letter orders of a choice are asked aside: they see
what was said before the choice, and leave nothing in the conversation.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model import prompts
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest
from geoagent_graph.policies.model.conversation import NewWords, letter_in, message_text
from geoagent_graph.policies.model.replies import read_object
from geoagent_graph.types import Usage
from geoagent_training.rollouts.tool_effects import ToolEffect


class OutOfRoom(PolicyError):
    """The conversation has no room for another turn."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the policy said; `cut` where the token limit ended it.

    `letter_logprobs` are those of the letters that were asked for, as the sampler reports them.
    """

    text: str
    cut: bool
    letter_logprobs: Mapping[str, float] | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Speaker(Protocol):
    """Says the policy's next turn."""

    async def say(self, told: str | None, request: ChatRequest) -> Said:
        """Return the reply to what is told; None for the first question, which was shown before.

        A request `aside` is answered as things stand, and neither it nor the reply is kept.

        Raises:
            OutOfRoom: the conversation is full.
        """
        ...

    async def say_without_results(self, told: str | None, request: ChatRequest) -> Said:
        """Return the reply as if tools had said nothing since the last choice; nothing is kept.

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
    """A `ChatModel` whose requests all go into one conversation.

    With `measure_tools` every choice after tools is also made without what they said: `effects`.
    """

    model = "the policy in training"

    def __init__(self, speaker: Speaker, *, measure_tools: bool = False) -> None:
        self._speaker = speaker
        self._measure_tools = measure_tools
        self._results = 0
        self._choices = 0
        self.effects: list[ToolEffect] = []
        self._new = NewWords()
        self._turn = asyncio.Lock()
        self.exchanges: list[Exchange] = []
        self.full = False

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the reply; one letter where the request asks for letters.

        Raises:
            PolicyError: the conversation is full, or the second reply is no letter either.
        """
        if request.aside:
            said = await self._ask_speaker(self._new.words_of(request), request)
            return _chat_reply([said], said.letter_logprobs)
        async with self._turn:
            await asyncio.sleep(0)  # what is asked aside at the same time is shown no reply to this
            return await self._reply_in_turn(request)

    async def aclose(self) -> None:
        """Do nothing: there is no connection."""

    async def _reply_in_turn(self, request: ChatRequest) -> ChatReply:
        told = self._new.words_of(request)
        if not request.letters:
            return _chat_reply([await self._say_and_keep(told, request)])
        said, before = await self._choose_letter(told, request)
        if letter_in(said[-1].text, request.letters) is None:
            wanted = f"write one of the letters {', '.join(request.letters)}"
            said.append(await self._say_and_keep(prompts.correction(wanted), request))
            if letter_in(said[-1].text, request.letters) is None:
                raise PolicyError(
                    f"{self.model} gave no letter in two replies to {request.purpose}"
                )
        after = said[-1].letter_logprobs
        if before and after:
            question = message_text(request.messages[-1])
            effect = ToolEffect(self._choices, request.purpose, question, after, before)
            self.effects.append(effect)
        self._choices += 1
        self._results = 0
        return _chat_reply(said, after)

    async def _choose_letter(
        self, told: str | None, request: ChatRequest
    ) -> tuple[list[Said], Mapping[str, float] | None]:
        """Return what is said to a choice, and the letters of the same without tools' results."""
        if not (self._measure_tools and self._results):
            return [await self._say_and_keep(told, request)], None
        without, said = await asyncio.gather(
            self._speaker.say_without_results(told, request), self._say_and_keep(told, request)
        )
        return [said], without.letter_logprobs

    async def _say_and_keep(self, told: str | None, request: ChatRequest) -> Said:
        said = await self._ask_speaker(told, request)
        self.exchanges.append(Exchange(request.purpose, told, is_result(request), said.text))
        self._results += is_result(request)
        return said

    async def _ask_speaker(self, told: str | None, request: ChatRequest) -> Said:
        try:
            return await self._speaker.say(told, request)
        except OutOfRoom:
            self.full = True
            raise


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


def is_result(request: ChatRequest) -> bool:
    """Say whether a request's last turn is what a tool said."""
    again = request.purpose.endswith(".again")
    return not again and not request.letters and len(request.messages) > 2


def _chat_reply(said: Sequence[Said], letters: Mapping[str, float] | None = None) -> ChatReply:
    used = Usage(
        calls=len(said),
        prompt_tokens=sum(one.prompt_tokens for one in said),
        completion_tokens=sum(one.completion_tokens for one in said),
    )
    return ChatReply(said[-1].text, cut=said[-1].cut, usage=used, letter_logprobs=letters)
