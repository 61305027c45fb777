"""How long a server asks to wait, in the ways servers say it."""

import time

import pytest

from geoagent_graph.policies.backends.openai.pauses import pause_in_headers, pause_in_words


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "7", "x-ratelimit-reset": "99"}, 7.0),
        ({"x-ratelimit-reset-requests": "1m30s"}, 90.0),
        ({"x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ({"x-ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_headers_are_read(headers: dict[str, str], seconds: float | None) -> None:
    assert pause_in_headers(headers) == seconds


@pytest.mark.parametrize("scale", [1, 1000])
def test_a_moment_since_1970_is_a_pause_until_then(scale: int) -> None:
    moment = str(int((time.time() + 100) * scale))
    assert pause_in_headers({"x-ratelimit-reset": moment}) == pytest.approx(100, abs=5)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Rate limit reached. Please try again in 20s.", 20.0),
        ("Please retry after 3 minutes", 180.0),
        ("try again in 120ms", 0.12),
        ("wait for 2 hours", 7200.0),
        ("overloaded", None),
        ("retry " * 10_000, None),
    ],
)
def test_words_are_read(text: str, seconds: float | None) -> None:
    assert pause_in_words(text) == seconds
