"""A mock server that says in a served conversation what was said in a rollout."""

import base64
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from geoagent_training.rollouts.chat import Exchange
from PIL import Image

from geoagent_graph.testing.mock_server import MockRequest, completion


class SameReplies:
    """Replies with what the policy replied to the same words in a rollout."""

    def __init__(self, exchanges: Sequence[Exchange], places: Sequence[str]) -> None:
        self._replies = {exchange.told: exchange.reply for exchange in exchanges}
        self._places = places
        self.conversations: list[list[dict[str, Any]]] = []
        self.asides: list[list[dict[str, Any]]] = []

    def __call__(self, request: MockRequest) -> dict[str, Any]:
        """Return the completion."""
        messages: list[dict[str, Any]] = request.body["messages"]
        told = messages[-1]["content"] if len(messages) > 2 else None
        reply = self._replies.get(told)
        if reply is None:
            letter = letter_of_place(str(told), self._places)
            self.asides.append(messages)
            return _letter_reply(letter)
        turns = [*messages, {"role": "assistant", "content": reply}]
        self.conversations.append(turns)
        return _letter_reply(reply) if request.body.get("logprobs") else completion(reply)


def letter_of_place(told: str, places: Sequence[str]) -> str:
    """Return the letter that stands before one of the places."""
    lines = [line.split(". ", 1) for line in told.splitlines() if line[1:3] == ". "]
    return next(letter for letter, name in lines if name.partition(" (")[0] in places)


def template_messages(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages as they came over HTTP as a chat template takes them, pictures opened."""
    return [
        {"role": message["role"], "content": [_template_part(one) for one in _parts(message)]}
        for message in messages
    ]


def _parts(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _template_part(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "text":
        return part
    data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
    return {"type": "image", "image": Image.open(io.BytesIO(data)).convert("RGB")}


def _letter_reply(letter: str) -> dict[str, Any]:
    body = completion(letter)
    top = [{"token": letter, "logprob": -0.1}]
    entry = {"token": letter, "logprob": -0.1, "top_logprobs": top}
    body["choices"][0]["logprobs"] = {"content": [entry]}
    return json.loads(json.dumps(body))  # type: ignore[no-any-return]
