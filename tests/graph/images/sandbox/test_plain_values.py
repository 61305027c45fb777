"""Values of tags become bounded plain JSON."""

import json
from fractions import Fraction

import pytest
from PIL.TiffImagePlugin import IFDRational

from geoagent_graph.images.sandbox.plain_values import MAX_TEXT_CHARS, plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"abc\xff", "abc\ufffd"),
        ("x" * 300, "x" * MAX_TEXT_CHARS),
        ((Fraction(1, 2), 3, 4, 5), [0.5, 3.0, 4.0]),
        (7, [7.0]),
        (None, None),
        (float("nan"), [None]),
        ((10**400,), [None]),
        (object(), [None]),
        ((IFDRational(26934, 1000), IFDRational(0, 0)), [26.934, None]),
        (IFDRational(2**32 - 33, 1), [-33.0]),  # a negative number in an unsigned field
        (IFDRational(3_000_000_000, 100_000_000), [30.0]),
        (3_000_000_000, [3_000_000_000.0]),
    ],
)
def test_tags_become_bounded_plain_values(value: object, expected: object) -> None:
    assert plain(value) == expected
    json.dumps(plain(value))
