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
from geoagent_training.errors import DataError

from geoagent_graph.policies.model.chain import parse_chain

LEVEL = LevelOfChain(Clues=("tiles",), Reasoning="r", Conclusion="Évora", Uncertainty="low")
CHAIN = ChainOfThought(
    CountryIdentification=LEVEL,
    RegionalGuess=LEVEL,
    PreciseLocalization=LEVEL,
    FinalAnswer="Portugal; Évora",
)
START, END, HEADER, WORD = 1, 2, 3, 9


class SmallProcessor:
    """One token per turn's edge and one per word; keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.tokenizer = self

    def convert_tokens_to_ids(self, token: str) -> int:
        return {"<|im_start|>": START, "<|im_end|>": END}[token]

    def __call__(self, text: str, add_special_tokens: bool) -> dict[str, list[int]]:
        return {"input_ids": [HEADER]}

    def apply_chat_template(self, rows: list[Any], **_options: Any) -> dict[str, Any]:
        self.given = rows
        # system, user, assistant, tool result, assistant, padding
        tokens = [
            *(START, 4, WORD, END), *(START, 5, WORD, END), *(START, HEADER, WORD, WORD, END),
            *(START, 5, WORD, END), *(START, HEADER, WORD, END), *(0, 0),
        ]  # fmt: skip
        return {"input_ids": torch.tensor([tokens] * len(rows))}


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
    row = {"conversation": json.dumps([{"role": "user", "content": "Where?"}]), "images": []}
    batch = ConversationCollator(SmallProcessor())([row])
    learned = [at for at, label in enumerate(batch["labels"][0].tolist()) if label != -100]
    assert learned == [10, 11, 12, 19, 20]
    assert batch["labels"][0, learned].tolist() == [WORD, WORD, END, WORD, END]


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
