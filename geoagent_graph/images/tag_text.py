"""Texts in tags, as one visible line."""

from typing import Any

from geoagent_graph.images.source import display_name


def visible_text(value: Any) -> str | None:
    """Return a tag as one visible line, or None when it is empty or no text."""
    if not isinstance(value, str):
        return None
    text = value.split("\0", 1)[0].strip()
    return display_name(text) if text else None
