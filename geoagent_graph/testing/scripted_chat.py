"""A language model that says what it was told to, without a server."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest


@dataclass
class ScriptedChat:
    """A `ChatModel` that plays back replies in order; `asked` keeps every question."""

    model: str = "scripted"
    replies: Sequence[ChatReply | str] = ()
    asked: list[ChatRequest] = field(default_factory=list)

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the next reply.

        Raises:
            PolicyError: there is none left.
        """
        number = len(self.asked)
        self.asked.append(request)
        if number >= len(self.replies):
            raise PolicyError(f"the scripted model {self.model} has no reply {number + 1}")
        said = self.replies[number]
        return ChatReply(said) if isinstance(said, str) else said

    async def aclose(self) -> None:
        """Do nothing: there are no connections."""
