"""Values from JSON files, which anybody may have written: checked before they are shown."""

import math
import re
from typing import Any

MAX_ITEMS = 60


def number_or_none(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 and math.isfinite(value) else None


def text_or_empty(value: Any) -> str:
    """Return text and numbers as text, "" for anything else."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""


def short_path(text: str) -> str:
    """Return a path without its folders, which tell about the machine; other text as it is."""
    is_path = text.startswith(("/", "~", "../", "./")) or text[1:3] == ":\\"
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1] if is_path else text


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, an empty list where there is none."""
    items = value if isinstance(value, list | tuple) else ()
    return [item for item in items if isinstance(item, dict)]


def flat_items(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return the leaves of nested objects and lists as ("a.b", "text"), `MAX_ITEMS` at most."""
    found: list[tuple[str, str]] = []
    open_items: list[tuple[str, Any]] = [(prefix, value)]
    while open_items and len(found) < MAX_ITEMS:
        name, item = open_items.pop(0)
        if isinstance(item, dict):
            children = [(f"{name}.{key}".strip("."), child) for key, child in item.items()]
            open_items = children[:MAX_ITEMS] + open_items
        elif isinstance(item, list | tuple) and not _is_plain(item):
            open_items = [
                (f"{name}.{at}", child) for at, child in enumerate(item[:MAX_ITEMS])
            ] + open_items
        elif item is not None:
            found.append((name, _leaf_text(item)))
    return found


def _is_plain(items: list[Any] | tuple[Any, ...]) -> bool:
    return all(isinstance(item, str | int | float) for item in items)


def _leaf_text(item: Any) -> str:
    if isinstance(item, list | tuple):
        return ", ".join(short_path(text_or_empty(part)) for part in item[:MAX_ITEMS])
    return short_path(text_or_empty(item))
