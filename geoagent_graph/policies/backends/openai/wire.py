"""What is read from a server's reply: text, log-probabilities, counts; other forms are refused.

Servers agree on the outline and differ in the rest: content as text, in parts or as the arguments
of a tool call, reasoning beside it or inside, log-probabilities in two notations, numbers that are
null. What is there is read, bounded and finite; what is missing is empty.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from geoagent_graph.policies.backends.openai.faults import Fault

MAX_PARTS: Final = 256
MAX_POSITIONS: Final = 20_000
MAX_TOKENS_AT_A_POSITION: Final = 64
MAX_MODEL_CHARS: Final = 200
MAX_COUNT: Final = 10**12
MAX_LOG_PROBABILITY: Final = 1e-3  # above zero by rounding alone

_TEXT_KEYS: Final = ("text", "content", "refusal")
_REASONING_PARTS: Final = frozenset(
    {"thinking", "reasoning", "reasoning_content", "redacted_thinking"}
)
_REASONING_KEYS: Final = ("reasoning_content", "reasoning", "thinking")


@dataclass(frozen=True, slots=True)
class TokenPosition:
    """One token of a reply, and the log-probabilities of the likeliest tokens in its place."""

    token: str
    logprobs: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """The first choice of a chat completion; `reasoning` is what a model wrote beside its reply.

    `refusal` is the text of a refusal, `finish` why the reply ended; both are empty where the
    server says nothing. Token counts are 0 where it gives none.
    """

    text: str
    reasoning: str = ""
    refusal: str = ""
    finish: str = ""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    positions: tuple[TokenPosition, ...] = ()


def read_completion(body: Any) -> Completion:
    """Return the completion in a body.

    Raises:
        Fault: it has another form, or no reply at all; another try may help.
    """
    if not isinstance(body, Mapping):
        raise _other_form("the body", "it is no object")
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        raise _other_form("choices", "there is none")
    choice: Mapping[str, Any] = choices[0]
    message = choice.get("message") or choice.get("delta")
    if not isinstance(message, Mapping):
        message = {"content": choice.get("text")}  # a completion that is no chat
    text, beside = _split_content(message.get("content"))
    reasoning = "\n".join(filter(None, (_first_text(message, _REASONING_KEYS), beside)))
    text = text if text is not None else _tool_arguments(message)
    refusal = _plain_text(message.get("refusal"))
    finish = _plain_text(choice.get("finish_reason"))
    if text is None and not (reasoning or refusal or finish in ("length", "content_filter")):
        raise _other_form("choices.0.message.content", "there is no text")
    prompt_tokens, completion_tokens = _token_counts(body.get("usage"))
    return Completion(
        text=text or "",
        reasoning=reasoning,
        refusal=refusal,
        finish=finish,
        model=_plain_text(body.get("model"))[:MAX_MODEL_CHARS],
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        positions=_read_positions(choice.get("logprobs")),
    )


def finite_logprob(value: Any) -> float | None:
    """Return a log-probability; None for null, for what is not finite and for what cannot be one.

    Servers write null or a huge negative number for a token that cannot come.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value)
    return number if math.isfinite(number) and number <= MAX_LOG_PROBABILITY else None


def _other_form(where: str, why: str) -> Fault:
    return Fault(f"the reply has another form, at {where}: {why}", retry=True)


def _split_content(content: Any) -> tuple[str | None, str]:
    """Return the text of a message and the reasoning among its parts; None where there is none."""
    if isinstance(content, str):
        return _whole_characters(content), ""
    parts = [content] if isinstance(content, Mapping) else content
    if not isinstance(parts, list):
        return None, ""
    texts: list[str] = []
    beside: list[str] = []
    for part in parts[:MAX_PARTS]:
        kind = part.get("type") if isinstance(part, Mapping) else ""
        (beside if kind in _REASONING_PARTS else texts).append(_part_text(part))
    return "".join(texts) or None, "\n".join(filter(None, beside))


def _part_text(part: Any) -> str:
    if isinstance(part, Mapping):
        return _first_text(part, (*_TEXT_KEYS, *_REASONING_KEYS))
    return _plain_text(part)


def _first_text(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first text among fields; of a list of parts, all their texts."""
    for key in keys:
        value = fields.get(key)
        if isinstance(value, list):
            value = "".join(
                _plain_text(part.get("text")) if isinstance(part, Mapping) else _plain_text(part)
                for part in value[:MAX_PARTS]
            )
        if text := _plain_text(value):
            return text
    return ""


def _tool_arguments(message: Mapping[str, Any]) -> str | None:
    """Return the arguments of the first call: some servers give a reply to a schema as one."""
    calls = message.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls else message
    call = first.get("function", first.get("function_call")) if isinstance(first, Mapping) else None
    arguments = call.get("arguments") if isinstance(call, Mapping) else None
    if isinstance(arguments, Mapping):
        from pydantic_core import to_json

        return to_json(arguments).decode()
    return _plain_text(arguments) or None


def _token_counts(usage: Any) -> tuple[int, int]:
    """Return the tokens in and out; 0 where the server does not count them.

    Raises:
        Fault: a count is negative.
    """
    if not isinstance(usage, Mapping):
        return 0, 0
    counts = []
    for key in ("prompt_tokens", "completion_tokens"):
        value = usage.get(key)
        count = value if isinstance(value, int) and abs(value) <= MAX_COUNT else 0
        if count < 0:
            raise _other_form(f"usage.{key}", "it is negative")
        counts.append(int(count))
    return counts[0], counts[1]


def _read_positions(logprobs: Any) -> tuple[TokenPosition, ...]:
    """Return the log-probabilities by position, from either notation."""
    if not isinstance(logprobs, Mapping):
        return ()
    content = logprobs.get("content")
    if isinstance(content, list):
        return tuple(
            _read_position(entry) for entry in content[:MAX_POSITIONS] if isinstance(entry, Mapping)
        )
    return _legacy_positions(logprobs)


def _read_position(entry: Mapping[str, Any]) -> TokenPosition:
    token = _plain_text(entry.get("token"))
    found = _token_pairs(entry.get("top_logprobs"))
    if not found:
        found = _token_pairs([entry])
    return TokenPosition(token, found)


def _legacy_positions(logprobs: Mapping[str, Any]) -> tuple[TokenPosition, ...]:
    """Return positions from lists of tokens, of their log-probabilities and of the likeliest."""
    lists = [logprobs.get(key) for key in ("tokens", "token_logprobs", "top_logprobs")]
    tokens, own, top = [value if isinstance(value, list) else [] for value in lists]
    positions = []
    for index, token in enumerate(islice(tokens, MAX_POSITIONS)):
        found = _token_pairs(top[index]) if index < len(top) else ()
        logprob = finite_logprob(own[index]) if index < len(own) else None
        if not found and logprob is not None:
            found = ((_plain_text(token), logprob),)
        positions.append(TokenPosition(_plain_text(token), found))
    return tuple(positions)


def _token_pairs(entries: Any) -> tuple[tuple[str, float], ...]:
    """Return tokens with their log-probabilities; what has none is left out."""
    if isinstance(entries, Mapping):
        pairs: list[tuple[Any, Any]] = list(islice(entries.items(), MAX_TOKENS_AT_A_POSITION))
    elif isinstance(entries, list):
        inside = [e for e in entries[:MAX_TOKENS_AT_A_POSITION] if isinstance(e, Mapping)]
        pairs = [(entry.get("token"), entry.get("logprob")) for entry in inside]
    else:
        return ()
    finite = [(_plain_text(token), finite_logprob(value)) for token, value in pairs]
    return tuple((token, value) for token, value in finite if value is not None)


def _plain_text(value: Any) -> str:
    return _whole_characters(value) if isinstance(value, str) else ""


def _whole_characters(text: str) -> str:
    """Return a text without halves of surrogate pairs, which cannot be stored as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
