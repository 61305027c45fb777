"""Encoders of texts: the default one and others."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geoagent_training.errors import ServiceError
from geoagent_training.rewards.text_encoders import (
    NEW,
    NONE,
    CachedEncoder,
    SentenceTransformerEncoder,
    UniversalSentenceEncoder,
)

from tests.support.reward_fakes import TableEncoder


def test_each_text_is_encoded_once() -> None:
    inner = TableEncoder({"a": [1, 0], "b": [0, 1]}, dimension=2)
    encoder = CachedEncoder(inner)
    got = encoder.encode(["a", "b", "a", "c"])
    np.testing.assert_array_equal(got, [[1, 0], [0, 1], [1, 0], [0, 0]])
    encoder.encode(["b", "d"])
    assert inner.calls == [["a", "b", "c"], ["d"]]


def test_the_cache_is_bounded_and_still_right() -> None:
    inner = TableEncoder({name: [ord(name), 1] for name in "abcdef"}, dimension=2)
    encoder = CachedEncoder(inner, capacity=2)
    for _ in range(2):
        assert encoder.encode([*"abcdef"])[:, 0].tolist() == [97, 98, 99, 100, 101, 102]
    encoder.encode(["a"])
    encoder.encode(["b"])
    assert len(encoder.vectors) == 2
    assert encoder.encode(["a", "c"])[:, 0].tolist() == [97, 99]
    assert len(encoder.vectors) == 2


def test_texts_are_rows_of_a_table_that_grows_and_keeps_them() -> None:
    names = [f"place {number}" for number in range(1500)]
    encoder = CachedEncoder(TableEncoder({name: [n, 1] for n, name in enumerate(names)}, 2))
    first = encoder.rows(names[:10])
    assert first.tolist() == [*range(10)]
    assert encoder.rows(names)[:10].tolist() == first.tolist()
    assert encoder.table[1499].tolist() == [1499.0, 1.0]
    assert encoder.table.data_ptr() == encoder.table.data_ptr()  # no copy on a CPU
    assert encoder.rows_if_known(["place 3", "", "nowhere"]).tolist() == [3, NONE, NEW]


def test_an_encoder_that_breaks_raises() -> None:
    encoder = CachedEncoder(TableEncoder({"a": [float("nan"), 0]}, dimension=2))
    with pytest.raises(ServiceError, match="not finite"):
        encoder.encode(["a"])


def test_the_default_encoder_knows_cities_across_languages() -> None:
    vectors = UniversalSentenceEncoder().encode(["Munich", "München", "Tokyo"])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > unit[0] @ unit[2] + 0.2


@pytest.mark.filterwarnings("default")  # torch and sentence-transformers warn of their own doings
def test_a_sentence_transformer_from_a_folder_scores_as_the_default_does(tmp_path: Path) -> None:
    """A tiny random one, built here: pooling, normalising and the semantic reward run for real."""
    library = pytest.importorskip("sentence_transformers")
    from geoagent_training.rewards.functions import semantic
    from geoagent_training.rewards.reward_settings import RewardSettings
    from geoagent_training.rewards.reward_tools import RewardTools, use_tools
    from transformers import BertConfig, BertModel, BertTokenizerFast

    from tests.support.reward_fakes import ScriptedJudge, completion

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    bert = tmp_path / "bert"
    BertTokenizerFast(vocab=str(tmp_path / "vocab.txt")).save_pretrained(bert)
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(words), intermediate_size=64, **shape)).save_pretrained(
        bert
    )
    # a plain encoder gets mean pooling
    library.SentenceTransformer(str(bert), device="cpu").save(str(tmp_path / "model"))

    encoder = SentenceTransformerEncoder(str(tmp_path / "model"))
    vectors = encoder.encode(["Munich", "Munich", "Tokyo"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[1], rtol=1e-5)
    assert not np.allclose(vectors[0], vectors[2])
    settings = RewardSettings(
        encoder="sentence-transformers", encoder_model=str(tmp_path / "model")
    )
    use_tools(RewardTools(settings, given_judge=ScriptedJudge(lambda question: "")))
    truth: dict[str, Any] = {"country": ["Portugal"], "region": ["Lisbon"], "precise": ["Lisbon"]}
    truth |= {"lat_deg": [38.7], "lon_deg": [-9.1]}
    same = semantic([completion("Portugal", "Lisbon", "Lisbon")], **truth)
    assert same == [pytest.approx(1.0, abs=1e-4)]
    with pytest.raises(ServiceError, match="cannot be loaded"):
        SentenceTransformerEncoder(str(tmp_path / "gone"))
