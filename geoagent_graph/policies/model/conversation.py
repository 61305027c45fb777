"""One conversation for a whole run: every question after the first is a further turn of it.

A policy is trained so (`rollouts: graph` of the training package takes its words from here). Each
question of the policy holds all that it is about; what is new in it is its last turn, and the words
of the system where they are others than before. The photo is shown once, with the first question.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geoagent_graph.call_log import log_note
from geoagent_graph.policies.model.chat import ChatModel, ChatReply, ChatRequest, Message

if TYPE_CHECKING:
    from geoagent_graph.toolbox import Toolbox

MAX_PICTURE_PIXELS: Final = 16_000_000
"""Photos go out whole: the server scales them once, as the trainer does. Scaled here first, a photo
may become another number of tokens."""

BEGUN_ANEW: Final = (
    "mode conversation: the run was interrupted, so what was said before it is not in the "
    "conversation"
)


class NewWords:
    """What each question of a run says that was not said before."""

    def __init__(self) -> None:
        self._system = ""

    def words_of(self, request: ChatRequest) -> str | None:
        """Return the new words of a question; None for the first, which stands as it is."""
        system, *_, last = request.messages
        words, before = message_text(last), self._system
        said = message_text(system)
        if not request.aside:
            self._system = said
        if not before:
            return None
        # a reply that is echoed must not end a turn
        return (words if said == before else f"{said}\n\n{words}").replace("<|", "< |")


class ConversationChat:
    """A `ChatModel` of one run, whose questions all go into one conversation with another one."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        self._new = NewWords()
        self._turn = asyncio.Lock()
        self._said: tuple[Message, ...] = ()

    @property
    def model(self) -> str:
        """Name of the model inside."""
        return self._chat.model

    async def aclose(self) -> None:
        """Do nothing: the connection is that of all runs."""

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the reply to a question after all that was said; an aside leaves no trace.

        Raises:
            PolicyError: as the model inside does.
        """
        if request.aside:
            return await self._chat.reply(replace(request, messages=self._turns_with(request)))
        async with self._turn:
            await asyncio.sleep(0)  # what is asked aside at the same time is shown no reply to this
            turns = self._turns_with(request)
            reply = await self._chat.reply(replace(request, messages=turns))
            self._said = (*turns, Message("assistant", (_words_kept(reply, request.letters),)))
            return reply

    def _turns_with(self, request: ChatRequest) -> tuple[Message, ...]:
        words = self._new.words_of(request)
        if words is not None:
            return (*self._said, Message("user", (words,)))
        if not request.purpose.startswith(("draft", "choice.continent")):
            log_note(BEGUN_ANEW)
        return tuple(request.messages)


def conversation_tools(toolbox: "Toolbox") -> "Toolbox":
    """Return the toolbox of a run in one conversation: as in training, nothing is read for it."""
    return replace(toolbox, text_reader=None, exif_reader=None)


def message_text(message: Message) -> str:
    """Return the texts of a turn, one below the other."""
    return "\n".join(part for part in message.parts if isinstance(part, str))


def letter_in(text: str, letters: Sequence[str]) -> str | None:
    """Return the letter that a reply consists of; None where it is anything else."""
    letter = text.strip(" .):\n")
    return letter if letter in letters else None


def _words_kept(reply: ChatReply, letters: Sequence[str]) -> str:
    """Return what stands in the conversation as the model's turn: its text, or the letter meant."""
    if letters and letter_in(reply.text, letters) is None and reply.letter_logprobs:
        shares = reply.letter_logprobs
        return max(shares, key=lambda letter: shares[letter])
    return f"<think>{reply.reasoning}</think>{reply.text}" if reply.reasoning else reply.text
