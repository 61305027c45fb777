"""What a server was found to take, and a question in those terms.

The terms begin with all that the policy would like. What a server refuses is taken back once and
stays so for every later question; each loss is kept in words for the answer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from geoagent_graph.policies.backends.openai.profiles import Profile
from geoagent_graph.policies.model.chat import ChatRequest, Message, Picture

MAX_TOP_LOGPROBS: Final = 20
MAX_SCHEMA_NAME_CHARS: Final = 64
KEY_HEADERS: Final = ("authorization", "api-key", "x-api-key")
REASONING_TOKENS: Final = (0, 4096, 16_384)
"""Tokens on top of a reply's own for a model that reasons first, smallest allowance first."""

SchemaForm = Literal["strict", "plain", "object", "none"]
TokenLimit = Literal["max_tokens", "max_completion_tokens", ""]
_NAME: Final = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(slots=True)
class Terms:
    """What a server takes, as far as it was found out; shared by concurrent questions.

    `top_logprobs` 0 is none. `schema` holds for every schema, `schemas` for those named in it.
    `reasoning` is an index into `REASONING_TOKENS`. `proven` are the parts of a request that the
    server has taken. `losses` are what it does not take, by topic, in words; `renamed` is what it
    only calls otherwise.
    """

    key_header: str = KEY_HEADERS[0]
    token_limit: TokenLimit = "max_tokens"  # noqa: S105  a limit
    min_tokens: int = 1
    reasoning: int = 0
    reasoning_share: float = 1.0
    temperature: bool = True
    seed: bool = True
    top_logprobs: int = MAX_TOP_LOGPROBS
    constrains_letters: bool = False
    system: bool = True
    schema: SchemaForm = "strict"
    schemas: dict[str, SchemaForm] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    probed: bool = False
    losses: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def reasoning_tokens(self) -> int:
        """Tokens that a reply gets on top, for what the model writes before it."""
        return int(REASONING_TOKENS[self.reasoning] * self.reasoning_share)

    def begin_with(self, profile: Profile) -> None:
        """Take over what is known of a kind of server."""
        self.constrains_letters = profile.constrains_letters
        if profile.new_token_limit:
            self.token_limit = "max_completion_tokens"  # noqa: S105  a limit

    def schema_form(self, name: str) -> SchemaForm:
        """Return in which form the server takes the schema of a name."""
        return self.schemas.get(name, self.schema) if self.schema != "none" else "none"


def schema_name(purpose: str) -> str:
    """Return a question's purpose as a name that every server takes: letters, digits, _ and -."""
    return _NAME.sub("_", purpose)[:MAX_SCHEMA_NAME_CHARS] or "reply"


def request_arguments(request: ChatRequest, terms: Terms, model: str) -> dict[str, Any]:
    """Return the body of a chat completion request."""
    arguments: dict[str, Any] = {"model": model, "messages": _wire_messages(request, terms)}
    if terms.token_limit:
        tokens = max(request.max_tokens, terms.min_tokens) + terms.reasoning_tokens
        arguments[terms.token_limit] = tokens
    if terms.temperature:
        arguments["temperature"] = request.temperature
    if terms.seed:
        arguments["seed"] = request.seed
    if request.letters and terms.top_logprobs:
        arguments |= {"logprobs": True, "top_logprobs": terms.top_logprobs}
        if terms.constrains_letters:
            arguments["structured_outputs"] = {"choice": list(request.letters)}
    if request.schema is not None:
        wanted = _response_format(request, terms.schema_form(schema_name(request.purpose)))
        arguments |= {"response_format": wanted} if wanted else {}
    return arguments


def _response_format(request: ChatRequest, form: SchemaForm) -> dict[str, Any] | None:
    if form == "none" or request.schema is None:
        return None
    if form == "object":
        return {"type": "json_object"} if _mentions_json(request) else None
    schema: dict[str, Any] = {"name": schema_name(request.purpose), "schema": dict(request.schema)}
    if form == "strict":
        schema["strict"] = True
    return {"type": "json_schema", "json_schema": schema}


def _mentions_json(request: ChatRequest) -> bool:
    """Whether the word stands in the question: servers take `json_object` with it alone."""
    texts = (part for turn in request.messages for part in turn.parts if isinstance(part, str))
    return any("json" in text.casefold() for text in texts)


def _wire_messages(request: ChatRequest, terms: Terms) -> list[dict[str, Any]]:
    messages = list(request.messages)
    if not terms.system and len(messages) > 1 and messages[0].role == "system":
        head, first, *rest = messages
        messages = [Message(first.role, (*head.parts, *first.parts)), *rest]
    return [_wire_message(message) for message in messages]


def _wire_message(message: Message) -> dict[str, Any]:
    if all(isinstance(part, str) for part in message.parts):
        return {"role": message.role, "content": "\n".join(str(part) for part in message.parts)}
    return {"role": message.role, "content": [_wire_part(part) for part in message.parts]}


def _wire_part(part: str | Picture) -> Mapping[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    return {"type": "image_url", "image_url": {"url": part.data_uri}}
