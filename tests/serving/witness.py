"""A model behind a real server, with every question and reply kept."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from geoagent_graph.policies.backends.openai.client import OpenAIChat
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest


def as_asked(request: ChatRequest) -> ChatRequest:
    """Return the request unchanged."""
    return request


@dataclass
class Witness:
    """A `ChatModel` that keeps what was asked and replied; `change` edits questions on the way."""

    chat: OpenAIChat
    change: Callable[[ChatRequest], ChatRequest] = as_asked
    seen: list[tuple[ChatRequest, ChatReply]] = field(default_factory=list)

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.chat.model

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the reply of the server."""
        request = self.change(replace(request))
        reply = await self.chat.reply(request)
        self.seen.append((request, reply))
        return reply

    async def aclose(self) -> None:
        """Close the connections."""
        await self.chat.aclose()
