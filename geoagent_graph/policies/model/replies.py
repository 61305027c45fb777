"""JSON out of a model's reply: one pass, bounded depth and size, finite numbers only.

Strict JSON goes through `json`. What is not strict is read by a forgiving reader, because models
write Python dictionaries, full-width punctuation, unescaped quotes and texts that end in the
middle. Nothing is guessed: only the notation is mended, and a text that ended early is marked.
"""

import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.reasoning import visible_part

MAX_REPLY_CHARS: Final = 200_000
MAX_DEPTH: Final = 32
MAX_BARE_KEY: Final = 40

_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」"}
_COMMAS: Final = ",，、;；"
_COLONS: Final = ":："
_OPENERS: Final = {"{": "}", "[": "]", "｛": "}", "【": "]"}
_CLOSERS: Final = {"}": "}", "]": "]", "｝": "}", "】": "]"}
_WORDS: Final[dict[str, bool | None]] = {
    "true": True,
    "false": False,
    "null": None,
    "none": None,
}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_AFTER_STRING: Final = frozenset("}]｝】" + _COMMAS + _COLONS)


class ReplyError(PolicyError):
    """A reply that cannot be used; the message tells the model what to write instead."""


class UnknownPlaces(ReplyError):
    """A reply of the right form that names no place in the region."""


@dataclass(frozen=True, slots=True)
class JsonReply:
    """The JSON object of a reply.

    `complete` is False where the text ended before it was closed; `end` is where the text after
    the object begins.
    """

    value: dict[str, JsonValue]
    complete: bool
    end: int


def read_object(text: str) -> dict[str, JsonValue]:
    """Return the one JSON object of a reply to a schema; what was reasoned before it is set aside.

    Raises:
        ReplyError: there is none, it is cut off, or it holds NaN or infinity.
    """
    reply = read_json(visible_part(text[: MAX_REPLY_CHARS + 1]))
    if not reply.complete:
        raise ReplyError("the JSON object ends before it is closed: write it shorter and complete")
    return reply.value


def read_json(text: str, start: int = 0) -> JsonReply:
    """Return the first JSON object in a text from `start` on, with the notation mended.

    Raises:
        ReplyError: no object, more than `MAX_REPLY_CHARS` or `MAX_DEPTH`, a number that is not
            finite, the same key twice with different values.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise ReplyError(
            f"the reply has {len(text)} characters, at most {MAX_REPLY_CHARS} are read"
        )
    found = [at for at in (text.find(opener, start) for opener in "{｛") if at >= 0]
    if not found:
        raise ReplyError("the reply holds no JSON object")
    return _read_strict(text, min(found)) or _Reader(text, min(found)).read()


def _read_strict(text: str, start: int) -> JsonReply | None:
    """Return strict JSON, or None where the text needs the forgiving reader."""
    if _too_deep(text, start):
        raise ReplyError(f"the JSON is nested deeper than {MAX_DEPTH}")
    try:
        value, end = _DECODER.raw_decode(text, start)
    except ValueError:
        return None
    if "\\u" in text:
        value = _without_surrogates(value)
    return JsonReply(value, complete=True, end=end)


def _too_deep(text: str, start: int) -> bool:
    """Whether the first object of a text nests deeper than `MAX_DEPTH`."""
    if text.count("{", start) + text.count("[", start) <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _iter_brackets(text, start):
        depth += 1 if bracket in "{[" else -1
        if depth > MAX_DEPTH or depth == 0:
            break
    return depth > MAX_DEPTH


def _iter_brackets(text: str, start: int) -> Iterator[str]:
    """Yield the brackets that stand outside strings."""
    quoted = escaped = False
    for char in itertools.islice(text, start, None):
        if escaped:
            escaped = False
        elif char == '"':
            quoted = not quoted
        elif quoted:
            escaped = char == "\\"
        elif char in "{}[]":
            yield char


def _refuse_constant(name: str) -> JsonValue:
    raise ReplyError(f"{name} is not a number that can be used: write a finite number")


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ReplyError(f"{text[:20]} is not a finite number")
    return value


def _short_int(text: str) -> int | float:
    return int(text) if len(text) <= 18 else _finite_float(text)


def _unique_fields(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise ReplyError(f"the key {key[:40]!r} stands twice with different values")
        found[key] = value
    return found


def _without_surrogates(value: JsonValue) -> JsonValue:
    """Return the value with halves of surrogate pairs replaced: they cannot be stored as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {str(_without_surrogates(key)): _without_surrogates(v) for key, v in value.items()}
    return value


_DECODER: Final = json.JSONDecoder(
    strict=False,  # line breaks inside strings
    parse_constant=_refuse_constant,
    parse_float=_finite_float,
    parse_int=_short_int,
    object_pairs_hook=_unique_fields,
)


class _Open:
    """An object or array that is being read."""

    __slots__ = ("closer", "items", "key", "pairs")

    def __init__(self, closer: str) -> None:
        self.closer = closer
        self.key: str | None = None
        self.pairs: list[tuple[str, JsonValue]] = []
        self.items: list[JsonValue] = []

    @property
    def wants_key(self) -> bool:
        return self.closer == "}" and self.key is None

    def add(self, value: JsonValue) -> None:
        if self.closer == "]":
            self.items.append(value)
        elif self.key is None:
            raise ReplyError(f"a value without a key: {str(value)[:40]!r}")
        else:
            self.pairs.append((self.key, value))
            self.key = None

    def value(self) -> JsonValue:
        return _unique_fields(self.pairs) if self.closer == "}" else self.items


class _Reader:
    """Reads JSON-like notation in one pass from left to right; the stack is explicit."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._at = start
        self._stack: list[_Open] = []

    def read(self) -> JsonReply:
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char.isspace() or char in _COMMAS or char in _COLONS:
                self._at += 1
            elif char in _OPENERS:
                self._open_container(char)
            elif char in _CLOSERS:
                done = self._close_container(char)
                if done is not None:
                    return JsonReply(done, complete=True, end=self._at)
            elif char in _QUOTES:
                self._take_string(char)
            elif text.startswith("```", self._at):
                break
            else:
                self._take_word()
        return self._finish_early()

    def _open_container(self, char: str) -> None:
        if self._stack and self._stack[-1].wants_key:
            raise ReplyError("an object or array stands where a key is expected")
        if len(self._stack) == MAX_DEPTH:
            raise ReplyError(f"the JSON is nested deeper than {MAX_DEPTH}")
        self._stack.append(_Open(_OPENERS[char]))
        self._at += 1

    def _close_container(self, char: str) -> dict[str, JsonValue] | None:
        """Close the innermost; return the object when it was the outermost."""
        self._at += 1
        ended = self._stack.pop()
        if ended.closer != _CLOSERS[char]:
            raise ReplyError(f"{char!r} closes what {ended.closer!r} should close")
        if ended.key is not None:
            ended.add(None)
        if not self._stack:
            return _unique_fields(ended.pairs)
        self._stack[-1].add(ended.value())
        return None

    def _finish_early(self) -> JsonReply:
        while len(self._stack) > 1:
            ended = self._stack.pop()
            self._stack[-1].add(ended.value())
        return JsonReply(_unique_fields(self._stack[0].pairs), complete=False, end=len(self._text))

    def _take_string(self, quote: str) -> None:
        closing = _QUOTES[quote]
        parts: list[str] = []
        at = self._at + 1
        text = self._text
        while at < len(text):
            char = text[at]
            if char == "\\" and at + 1 < len(text):
                piece, at = _read_escape(text, at + 1)
                parts.append(piece)
            elif char == closing and self._ends_string(at + 1):
                self._at = at + 1
                self._put_value("".join(parts))
                return
            else:
                parts.append(char)
                at += 1
        self._at = len(text)  # half a text says nothing: "Niger" may have become "Nigeria"

    def _ends_string(self, at: int) -> bool:
        """Whether a quote before `at` closes its string: only then does punctuation follow."""
        after = _skip_space(self._text, at)
        if after == len(self._text):
            return True
        char = self._text[after]
        top = self._stack[-1]
        if char not in _AFTER_STRING:
            # a forgotten comma at the end of a line
            return char in _QUOTES and "\n" in self._text[at:after]
        if top.wants_key:
            return char in _COLONS
        if char in _COLONS:
            return False
        return char not in _COMMAS or self._separates_items(_skip_space(self._text, after + 1), top)

    def _separates_items(self, at: int, top: _Open) -> bool:
        """Whether what follows a comma is a new value or key, not the rest of a sentence."""
        if at == len(self._text):
            return True
        char = self._text[at]
        if char in _QUOTES or char in _CLOSERS:
            return True
        if top.closer == "]":
            return char in _OPENERS or char in "-0123456789"
        return _is_bare_key(self._text[at : at + MAX_BARE_KEY])

    def _take_word(self) -> None:
        text, start = self._text, self._at
        at = start
        while at < len(text) and not (
            text[at].isspace() or text[at] in _AFTER_STRING or text[at] in _OPENERS
        ):
            at += 1
        self._at = at
        self._put_word(text[start:at], ended=at == len(text))

    def _put_word(self, word: str, *, ended: bool) -> None:
        if self._stack[-1].wants_key:
            if not ended:
                self._put_value(word)
            return
        if word.lower() in _WORDS:
            self._stack[-1].add(_WORDS[word.lower()])
            return
        if ended:
            return  # half a number is no number
        try:
            number = float(word.removesuffix("%"))
        except ValueError:
            raise ReplyError(f"{word[:40]!r} must stand in double quotes") from None
        if not math.isfinite(number):
            raise ReplyError(f"{word[:20]} is not a finite number")
        self._stack[-1].add(word if word.endswith("%") else _short_number(word, number))

    def _put_value(self, text: str) -> None:
        top = self._stack[-1]
        if top.wants_key:
            top.key = text
        else:
            top.add(text)


def _short_number(word: str, number: float) -> int | float:
    return int(word) if word.lstrip("-").isdecimal() and len(word) <= 18 else number


def _is_bare_key(text: str) -> bool:
    name, colon, _ = text.partition(":")
    return bool(colon) and name.strip().isidentifier()


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _read_escape(text: str, at: int) -> tuple[str, int]:
    """Return what the escape after a backslash means and where the text goes on."""
    char = text[at]
    if char != "u":
        return _ESCAPES.get(char, char), at + 1
    digits = text[at + 1 : at + 5]
    if len(digits) == 4 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
        point = int(digits, 16)
        return ("\ufffd" if 0xD800 <= point <= 0xDFFF else chr(point)), at + 5
    return "u", at + 1
