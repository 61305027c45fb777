"""Which characters and tokens of a conversation the policy writes, by the chat template."""

from collections.abc import Mapping, Sequence
from typing import Any

from geoagent_training.errors import ConfigError

Span = tuple[int, int]


def reply_spans(processor: Any, messages: Sequence[Mapping[str, Any]]) -> list[Span]:
    """Return where each assistant turn begins and ends in the text of a whole conversation.

    A turn begins where the template stops when it asks for it, and ends with the marker that the
    template puts after it; blanks behind the marker are the template's.

    Raises:
        ConfigError: the template writes a conversation differently when it goes on.
    """
    whole = _text(processor, messages, asks=False)
    spans: list[Span] = []
    for at, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        before = _text(processor, messages[:at], asks=True)
        until = _text(processor, messages[: at + 1], asks=False).rstrip()
        if not (whole.startswith(until) and until.startswith(before)):
            raise ConfigError(
                "model: its chat template writes earlier turns differently later, so that what is "
                "learned cannot be told from the rest; take a model whose template does not"
            )
        spans.append((len(before), len(until)))
    return spans


def shift_spans(spans: Sequence[Span], replaced: Sequence[Mapping[str, Any]]) -> list[Span]:
    """Return spans of a text as they lie after its picture placeholders were written out.

    Args:
        spans: in the text with placeholders.
        replaced: transformers' `text_replacement_offsets`: `span` before, `new_span` after.
    """
    grown = [(one["span"][1], one["new_span"][1] - one["span"][1]) for one in replaced]

    def move(at: int) -> int:
        return at + next((by for until, by in reversed(grown) if until <= at), 0)

    return [(move(first), move(last)) for first, last in spans]


def tokens_within(spans: Sequence[Span], offsets: Sequence[Span]) -> list[bool]:
    """Say of each token whether its characters lie inside one of the spans; padding never does."""
    return [
        start < end and any(first <= start and end <= last for first, last in spans)
        for start, end in offsets
    ]


def _text(processor: Any, messages: Sequence[Mapping[str, Any]], *, asks: bool) -> str:
    text: str = processor.apply_chat_template(
        list(messages), tokenize=False, add_generation_prompt=asks
    )
    return text
