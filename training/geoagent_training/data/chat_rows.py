"""Rows to conversations, in the words of the served policy; and the batches SFT learns from."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from geoagent_graph.policies.model.prompts import BARE_CHAIN_SYSTEM, DRAFT_QUESTION, DRAFT_SYSTEM
from geoagent_training.data.reply_spans import Span, reply_spans, shift_spans, tokens_within
from geoagent_training.data.rows import ChainOfThought
from geoagent_training.errors import DataError

TargetFormat = Literal["json", "think_answer"]
Messages = list[dict[str, Any]]

SYSTEM_OF_TARGET: Final[dict[TargetFormat, str]] = {
    "json": BARE_CHAIN_SYSTEM,
    "think_answer": DRAFT_SYSTEM,
}
_IGNORED: Final = -100


def prompt_messages(system: str | None = None, question: str | None = None) -> Messages:
    """Return the question as the served policy asks it, or in words given; TRL adds the photo."""
    return [
        {"role": "system", "content": DRAFT_SYSTEM if system is None else system},
        {"role": "user", "content": question or DRAFT_QUESTION},
    ]


def chain_text(chain: ChainOfThought, target: TargetFormat) -> str:
    """Return the reply to learn: the bare chain of the paper's first stage, or the tagged form."""
    stages = chain.model_dump()
    answer = stages.pop("FinalAnswer")
    body = json.dumps({"ChainOfThought": stages, "FinalAnswer": answer}, ensure_ascii=False)
    return body if target == "json" else f"<think>{body}</think><answer>{answer}</answer>"


def conversation(
    chain: ChainOfThought,
    target: TargetFormat,
    system: str | None = None,
    question: str | None = None,
) -> str:
    """Return a whole conversation as JSON; Arrow would unify the keys of its messages.

    Without words of its own the system turn asks for the form that is learned.
    """
    system_turn, asked = prompt_messages(system or SYSTEM_OF_TARGET[target], question)
    asked["content"] = [{"type": "image"}, {"type": "text", "text": asked["content"]}]
    reply = {"role": "assistant", "content": chain_text(chain, target)}
    return json.dumps([system_turn, asked, reply], ensure_ascii=False)


class ConversationCollator:
    """Makes batches of conversations with pictures in any turn; only the replies are learned.

    TRL's own collator skips the pictures that tools return. A row has `conversation` (JSON) and
    `images` in the order of their placeholders.
    """

    def __init__(self, processor: Any) -> None:
        self.processor = processor

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return input ids, pictures and labels, padded on the right.

        Raises:
            DataError: a conversation has more or fewer pictures than placeholders.
            ConfigError: the chat template does not let replies be told from the rest.
        """
        conversations = [_with_pictures(row) for row in rows]
        spans = [reply_spans(self.processor, messages) for messages in conversations]
        batch = dict(
            self.processor.apply_chat_template(
                conversations,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                processor_kwargs={
                    "padding": True,
                    "padding_side": "right",
                    "return_offsets_mapping": True,
                    "return_text_replacement_offsets": True,
                },
            )
        )
        replaced, offsets = batch.pop("text_replacement_offsets"), batch.pop("offset_mapping")
        moved = [shift_spans(one, by) for one, by in zip(spans, replaced, strict=True)]
        batch["labels"] = _reply_labels(batch["input_ids"], moved, offsets.tolist())
        return batch


def _reply_labels(ids: Any, spans: Sequence[Sequence[Span]], offsets: Sequence[Any]) -> Any:
    """Return the ids that are learned, and what loss leaves out everywhere else."""
    import torch

    within = [tokens_within(own, places) for own, places in zip(spans, offsets, strict=True)]
    return ids.masked_fill(~torch.tensor(within), _IGNORED)


def _with_pictures(row: Mapping[str, Any]) -> Messages:
    messages: Messages = json.loads(row["conversation"])
    pictures = list(row["images"])
    used = 0
    for message in messages:
        if isinstance(message.get("content"), str):
            message["content"] = [{"type": "text", "text": message["content"]}]
        for part in message.get("content") or []:
            if part["type"] == "image":
                if used == len(pictures):
                    raise DataError("a conversation has fewer pictures than placeholders")
                part["image"] = pictures[used]
                used += 1
    if used != len(pictures):
        raise DataError(f"a conversation has {len(pictures)} pictures for {used} placeholders")
    return messages
