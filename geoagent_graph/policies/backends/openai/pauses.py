"""How long a server asks to wait: in a header, in its words, or not at all."""

import email.utils
import math
import re
import time
from collections.abc import Mapping
from typing import Final

_RESETS: Final = (
    "x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
)  # fmt: skip
_PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)")
_UNIT_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_IN_WORDS: Final = re.compile(
    r"(?:try again|retry|wait|available)[a-z ]{0,24}?(?:in|after|for) {0,2}"
    r"(\d{1,6}(?:\.\d{1,6})?) {0,2}"
    r"(ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|h)\b",
    re.IGNORECASE,
)
_SPANS: Final = {"mil": 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_EPOCH_SECONDS: Final = 1e9
_EPOCH_MILLISECONDS: Final = 1e12
_MAX_WORDS_CHARS: Final = 1000


def pause_in_headers(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that headers ask to wait; None where they say nothing usable."""
    milliseconds = _seconds_of(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000.0
    asked = _seconds_or_date(headers.get("retry-after"))
    if asked is not None:
        return asked
    return next(filter(None, (_reset_seconds(headers.get(name)) for name in _RESETS)), None)


def pause_in_words(text: str) -> float | None:
    """Return the seconds that an error's words ask to wait: "Please try again in 20s"."""
    found = _IN_WORDS.search(text[:_MAX_WORDS_CHARS])
    if found is None:
        return None
    unit = found[2].casefold()
    scale = next(scale for prefix, scale in _SPANS.items() if unit.startswith(prefix))
    return float(found[1]) * scale


def _seconds_or_date(value: str | None) -> float | None:
    if not value:
        return None
    seconds = _seconds_of(value)
    if seconds is not None or _is_number(value):
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return _span_seconds(value)


def _seconds_of(value: str | None) -> float | None:
    if not value or not _is_number(value):
        return None
    seconds = float(value)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _reset_seconds(value: str | None) -> float | None:
    """Return the seconds until a limit is renewed: a span, a number or a moment since 1970."""
    number = _seconds_of(value)
    if number is None:
        return _span_seconds(value)
    if number >= _EPOCH_SECONDS:
        number = float(value or 0)
        moment = number / 1000.0 if number >= _EPOCH_MILLISECONDS else number
        return max(0.0, moment - time.time())
    return number


def _span_seconds(value: str | None) -> float | None:
    """Return the seconds of a span such as "1m30s" or "20ms"."""
    text = (value or "")[:40].replace(" ", "")
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return math.fsum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
