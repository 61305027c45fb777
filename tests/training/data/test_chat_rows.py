"""Rows as conversations: the form of the reply, the photo's place, and which tokens are learned."""

import json
from typing import Any

import pytest
import torch
from geoagent_training.data.chat_rows import (
    ConversationCollator,
    chain_text,
    conversation,
    prompt_messages,
)
from geoagent_training.data.rows import ChainOfThought, LevelOfChain
from geoagent_training.errors import ConfigError, DataError

from geoagent_graph.policies.model.chain import parse_chain

LEVEL = LevelOfChain(Clues=("tiles",), Reasoning="r", Conclusion="Évora", Uncertainty="low")
CHAIN = ChainOfThought(
    CountryIdentification=LEVEL,
    RegionalGuess=LEVEL,
    PreciseLocalization=LEVEL,
    FinalAnswer="Portugal; Évora",
)
PICTURE, PICTURE_TOKENS = "#", 5


class SmallProcessor:
    """Turns like `assistant: words|`, one token per character, pictures of five characters."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def apply_chat_template(
        self, rows: list[Any], *, tokenize: bool, add_generation_prompt: bool = False, **_: Any
    ) -> Any:
        if not tokenize:
            return _write_turns(rows) + ("assistant: " if add_generation_prompt else "")
        self.given = rows
        (text,) = [_write_turns(messages) for messages in rows]
        replaced = []
        for number, at in enumerate(at for at, one in enumerate(text) if one == PICTURE):
            new = at + number * (PICTURE_TOKENS - 1)
            replaced.append({"span": (at, at + 1), "new_span": (new, new + PICTURE_TOKENS)})
        whole = text.replace(PICTURE, PICTURE * PICTURE_TOKENS)
        offsets = [(at, at + 1) for at in range(len(whole))] + [(0, 0)] * 2
        return {
            "input_ids": torch.tensor([[*map(ord, whole), 0, 0]]),
            "offset_mapping": torch.tensor([offsets]),
            "text_replacement_offsets": [replaced],
        }


def _write_turns(messages: list[Any]) -> str:
    words = [
        "".join(part.get("text", PICTURE) for part in message["content"]) for message in messages
    ]
    return "".join(f"{m['role']}: {said}|\n" for m, said in zip(messages, words, strict=True))


def test_both_forms_of_the_reply_are_read_by_the_served_policy() -> None:
    for target in ("json", "think_answer"):
        text = chain_text(CHAIN, target)
        assert str(parse_chain(text).answer) == "Portugal; Évora"
        assert "Évora" in text
        assert text.endswith("</answer>") == (target == "think_answer")


def test_the_photo_stands_before_the_question() -> None:
    system, user, reply = json.loads(conversation(CHAIN, "json", "words"))
    assert system == {"role": "system", "content": "words"}
    assert [part["type"] for part in user["content"]] == ["image", "text"]
    assert user["content"][1]["text"] == prompt_messages()[1]["content"]
    assert reply == {"role": "assistant", "content": chain_text(CHAIN, "json")}


def test_only_the_policys_words_and_their_ends_are_learned() -> None:
    picture = {"type": "image"}
    turns = [
        {"role": "system", "content": "Say assistant: x|"},
        {"role": "user", "content": [picture, {"type": "text", "text": "?"}]},
        {"role": "assistant", "content": "Look."},
        {"role": "user", "content": [{"type": "text", "text": "Here:"}, picture, picture]},
        {"role": "assistant", "content": "Évora."},
    ]
    row = {"conversation": json.dumps(turns), "images": ["a", "b", "c"]}
    batch = ConversationCollator(SmallProcessor())([row])
    learned = [label for label in batch["labels"][0].tolist() if label != -100]
    assert "".join(map(chr, learned)) == "Look.|Évora.|"
    assert set(batch) == {"input_ids", "labels"}


def test_a_template_that_rewrites_earlier_turns_is_refused() -> None:
    class Forgetful(SmallProcessor):
        def apply_chat_template(self, rows: list[Any], **options: Any) -> Any:
            kept = rows if options["tokenize"] else rows[-2:]
            return super().apply_chat_template(kept, **options)

    turns = [
        {"role": "user", "content": "Where?"}, {"role": "assistant", "content": "Here"},
        {"role": "user", "content": "Sure?"}, {"role": "assistant", "content": "Yes"},
    ]  # fmt: skip
    row = {"conversation": json.dumps(turns), "images": []}
    with pytest.raises(ConfigError, match="writes earlier turns differently later"):
        ConversationCollator(Forgetful())([row])


def test_pictures_go_to_their_placeholders_in_order() -> None:
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "?"}]}
    row = {"conversation": json.dumps([turn, turn]), "images": ["first", "second"]}
    processor = SmallProcessor()
    ConversationCollator(processor)([row])
    shown = [message["content"][0]["image"] for message in processor.given[0]]
    assert shown == ["first", "second"]


@pytest.mark.parametrize(
    ("pictures", "said"),
    [([], "fewer pictures than placeholders"), (["a", "b"], "2 pictures for 1 placeholders")],
)
def test_pictures_without_a_place_are_refused(pictures: list[str], said: str) -> None:
    turn = {"role": "user", "content": [{"type": "image"}]}
    with pytest.raises(DataError, match=said):
        ConversationCollator(SmallProcessor())(
            [{"conversation": json.dumps([turn]), "images": pictures}]
        )
