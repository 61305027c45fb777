"""The answer in a model's reply: thoughts dropped, the answer's tag opened, JSON read."""

import ast
import json
from collections.abc import Iterator
from typing import Any, Final

MAX_REPLY_CHARS: Final = 200_000
MAX_LITERAL_CHARS: Final = 20_000
MAX_STARTS: Final = 50
MAX_MISSING_BRACKETS: Final = 4


def answer_part(text: str) -> str:
    """Return what a reply says behind its thoughts, inside its last `<answer>`, if it has one."""
    text = text[-MAX_REPLY_CHARS:]
    for tag in ("</think>", "</thinking>", "</reasoning>"):
        at = text.rfind(tag)
        text = text[at + len(tag) :] if at >= 0 else text
    start = text.rfind("<answer>")
    if start >= 0:
        end = text.find("</answer>", start)
        text = text[start + len("<answer>") : end if end >= 0 else None]
    return text.strip()


def find_object(text: str) -> Any:
    """Return the first JSON object or list of a text, or a Python literal; None where none is."""
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    for number, start in enumerate(_starts(text)):
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            found = _cut_off(text, start, decoder) if number == 0 else None
        if isinstance(found, dict) or _is_list_of_places(found):
            return found
    return _literal(text)


def _cut_off(text: str, start: int, decoder: json.JSONDecoder) -> Any:
    """Return the object of a reply that ends before its last brackets; None where it is not one."""
    for missing in range(1, MAX_MISSING_BRACKETS + 1):
        try:
            return decoder.raw_decode(text[start:].rstrip() + "}" * missing)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _starts(text: str) -> Iterator[int]:
    at = -1
    for _ in range(MAX_STARTS):
        places = [place for mark in "{[" if (place := text.find(mark, at + 1)) >= 0]
        if not places:
            return
        at = min(places)
        yield at


def _is_list_of_places(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict | list)


def _literal(text: str) -> Any:
    """Return a dict written as Python writes it ({'country': ''}), None where there is none."""
    start, end = text.find("{"), text.rfind("}")
    if not 0 <= start < end or end - start > MAX_LITERAL_CHARS:
        return None
    try:
        found = ast.literal_eval(text[start : end + 1])
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
    return found if isinstance(found, dict) else None
