"""Faults of a model server: what went wrong, whether trying again may help, and when."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from geoagent_graph.policies.backends.openai.bodies import read_json_bytes
from geoagent_graph.policies.backends.openai.error_reports import report_in
from geoagent_graph.policies.backends.openai.pauses import pause_in_headers, pause_in_words

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
_LIMITED: Final = frozenset({429, 529})
_UNAVAILABLE: Final = 503
_NO_MONEY: Final = ("quota", "billing", "credit", "payment")
_NO_PICTURES: Final = ("image", "vision", "multimodal", "multi-modal", "mmproj")
_NO_MODEL: Final = re.compile(
    r"(?:unknown|invalid|no such|unavailable) model|model\b.{0,100}"
    r"(?:not (?:found|exist|available|loaded|served)|unknown|no such|invalid|pull)"
)
_TOO_LONG: Final = (
    "context length",
    "context window",
    "context size",
    "context_length",
    "too many tokens",
    "prompt is too long",
)
_LOADING: Final = re.compile(r"\bloading\b|warming up|starting up|is starting|not (?:yet )?ready")
_FAILED: Final = re.compile(
    r"fail(?:ed|ure)|could not|cannot|unable|out of memory|error (?:while )?loading"
)
_SCHEMA_WORDS: Final = ("response_format", "json_schema", "schema", "grammar", "guided")


class Fault(Exception):
    """One failed call; `retry` says whether another try may help, `wait_seconds` when.

    `param` is the part of the request that the server names. `limited` is a limit on the rate of
    calls: it is waited for, not counted as a failure. `unreachable` says that nothing was heard,
    `loading` that the server has not yet loaded the model, which is waited for like a limit, and
    `refusal` that the model or a filter will not reply.
    """

    def __init__(
        self,
        message: str,
        *,
        retry: bool = False,
        wait_seconds: float | None = None,
        status: int | None = None,
        param: str = "",
        limited: bool = False,
        unreachable: bool = False,
        loading: bool = False,
        refusal: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry = retry
        self.wait_seconds = wait_seconds
        self.status = status
        self.param = param
        self.limited = limited or loading
        self.unreachable = unreachable
        self.loading = loading
        self.refusal = refusal

    @property
    def is_about_schemas(self) -> bool:
        """Whether the server refused the request because of its JSON schema."""
        text = str(self).casefold()
        return self.status in (400, 422, 501) and any(word in text for word in _SCHEMA_WORDS)

    @property
    def is_about_pictures(self) -> bool:
        """Whether the server refused the request because it shows pictures."""
        return self.status in (400, 404, 415, 422, 501) and _names_pictures(str(self).casefold())

    @property
    def is_about_the_model(self) -> bool:
        """Whether the server does not know the model that was asked for."""
        text = str(self).casefold()
        other = self.is_about_length or self.is_about_pictures
        return self.status in (400, 404, 422) and not other and bool(_NO_MODEL.search(text))

    @property
    def is_about_length(self) -> bool:
        """Whether the server refused the request because it is longer than the model can take."""
        text = str(self).casefold()
        return any(word in text for word in _TOO_LONG)


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
        return Fault(f"it cannot be reached: {text}", retry=True, unreachable=True)
    return Fault(f"the connection broke: {text}", retry=True)


def _status_fault(error: "openai.APIStatusError", secret: str) -> Fault:
    status = error.status_code
    if 300 <= status < 400:
        return Fault(f"status {status}: it redirects; give its final address", status=status)
    content = _content_of(error)
    report = report_in(content) or report_in({"error": content})
    words = report.message if report else ""
    wait = pause_in_headers(error.response.headers)
    return status_fault(
        status,
        one_line(words, secret),
        pause_in_words(words) if wait is None else wait,
        param=report.param if report else "",
        kinds=report.kinds if report else (),
    )


def status_fault(
    status: int,
    said: str,
    wait: float | None = None,
    *,
    param: str = "",
    kinds: Sequence[str] = (),
) -> Fault:
    """Return the fault of an HTTP status from 400 on, with what the server says about it."""
    words = " ".join((said, *kinds)).casefold()
    asks_for_money = any(word in words for word in _NO_MONEY)
    unpaid = status == 402 or (status == 429 and wait is None and asks_for_money)
    hint = _HINTS.get(status, "it failed" if status >= 500 else "it refuses the request")
    loading = status == _UNAVAILABLE and _is_loading(said.casefold())
    if unpaid:
        hint = "what may be spent there is used up"
    elif loading:
        hint = "it is still loading the model"
    message = f"status {status}: {hint}"
    if said:
        message += f" ({said})"
    if status < 500 and _names_pictures(words):
        message += "; for a model that reads text only, use --no-vision"
    return Fault(
        message,
        retry=not unpaid and (status in _RETRIED or status >= 500),
        wait_seconds=wait,
        status=status,
        param=param,
        limited=status in _LIMITED and not unpaid,
        loading=loading,
    )


def _is_loading(words: str) -> bool:
    return bool(_LOADING.search(words)) and not _FAILED.search(words)


def _names_pictures(words: str) -> bool:
    return any(word in words for word in _NO_PICTURES)


def _content_of(error: "openai.APIStatusError") -> object:
    """Return the body of an error as it was sent; the SDK unfolds some of them."""
    import httpx2

    try:
        return read_json_bytes(error.response.content) or error.body
    except httpx2.ResponseNotRead:
        return error.body


def one_line(text: str, secret: str) -> str:
    """Return what a server says, short, on one line and without the secret."""
    plain = " ".join(text[: 4 * _MAX_MESSAGE].split())
    plain = "".join(char if char.isprintable() else "?" for char in plain)
    if len(secret) > 4:
        plain = plain.replace(secret, "***")
    return plain[:_MAX_MESSAGE]
