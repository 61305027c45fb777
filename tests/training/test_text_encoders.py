import numpy as np
import pytest
from geoagent_training.errors import ServiceError
from geoagent_training.text_encoders import CachedEncoder, UniversalSentenceEncoder

from .conftest import TableEncoder


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
    assert len(encoder._known) == 2


def test_an_encoder_that_breaks_raises() -> None:
    encoder = CachedEncoder(TableEncoder({"a": [float("nan"), 0]}, dimension=2))
    with pytest.raises(ServiceError, match="not finite"):
        encoder.encode(["a"])


def test_the_default_encoder_knows_cities_across_languages() -> None:
    vectors = UniversalSentenceEncoder().encode(["Munich", "München", "Tokyo"])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > unit[0] @ unit[2] + 0.2
