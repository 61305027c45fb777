"""Faults of a model server: what went wrong, whether trying again may help, and when."""

import email.utils
import math
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import openai

_HINTS: Final = {
    400: "it refuses the request",
    401: "it refuses the key; set GEOAGENT_API_KEY",
    403: "it forbids the request; check the key",
    404: "it has no such address; --base-url usually ends in /v1",
    413: "the request is too large for it; lower the pixel budget",
    422: "it refuses the request",
    429: "it is overloaded",
}
_RETRIED: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_MAX_MESSAGE: Final = 200
_SCHEMA_WORDS: Final = ("response_format", "json_schema", "schema", "grammar", "guided")


class Fault(Exception):
    """One failed call; `retry` says whether another try may help, `wait_seconds` when."""

    def __init__(
        self,
        message: str,
        *,
        retry: bool = False,
        wait_seconds: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.retry = retry
        self.wait_seconds = wait_seconds
        self.status = status

    @property
    def is_about_schemas(self) -> bool:
        """Whether the server refused the request because of its JSON schema."""
        text = str(self).casefold()
        return self.status in (400, 422, 501) and any(word in text for word in _SCHEMA_WORDS)


def fault_types() -> tuple[type[Exception], ...]:
    """Return every kind of exception that a call may end in."""
    import httpx2
    import openai

    return (Fault, openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL,
            TimeoutError, OSError, UnicodeError)  # fmt: skip


def fault_of(error: Exception, secret: str) -> Fault:
    """Return an exception of a call as a fault; `secret` never stands in its text."""
    import openai

    if isinstance(error, Fault):
        return error
    if isinstance(error, openai.APIStatusError):
        return _status_fault(error, secret)
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return Fault("no reply in the time allowed", retry=True)
    cause = error.__cause__ or error
    text = one_line(str(cause), secret) or type(cause).__name__
    if isinstance(error, openai.APIConnectionError):
        return Fault(f"it cannot be reached: {text}", retry=True)
    return Fault(f"the connection broke: {text}", retry=True)


def _status_fault(error: "openai.APIStatusError", secret: str) -> Fault:
    status = error.status_code
    if 300 <= status < 400:
        return Fault(f"status {status}: it redirects; give its final address", status=status)
    said = one_line(_server_text(error), secret)
    return status_fault(status, said, _retry_after(error.response.headers.get("retry-after")))


def status_fault(status: int, said: str, wait: float | None = None) -> Fault:
    """Return the fault of an HTTP status from 400 on, with what the server says about it."""
    hint = _HINTS.get(status, "it failed" if status >= 500 else "it refuses the request")
    message = f"status {status}: {hint}"
    if said:
        message += f" ({said})"
    return Fault(
        message, retry=status in _RETRIED or status >= 500, wait_seconds=wait, status=status
    )


def _server_text(error: "openai.APIStatusError") -> str:
    """Return what the server says about an error, where it says it in JSON."""
    body = error.body
    if isinstance(body, dict):
        said = body.get("message") or body.get("detail") or body.get("error") or ""
        return said if isinstance(said, str) else ""
    return ""


def _retry_after(value: str | None) -> float | None:
    """Return the seconds a server asks to wait, given in seconds or as a date."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def one_line(text: str, secret: str) -> str:
    """Return what a server says, short, on one line and without the secret."""
    plain = " ".join(text[: 4 * _MAX_MESSAGE].split())
    plain = "".join(char if char.isprintable() else "?" for char in plain)
    if len(secret) > 4:
        plain = plain.replace(secret, "***")
    return plain[:_MAX_MESSAGE]
