"""The tables that ship in `geoagent_graph/data/evidence`."""

import json
from functools import cache
from importlib import resources
from typing import Any

from geoagent_graph.geo.names import fold


@cache
def table(name: str) -> dict[str, Any]:
    """Return one JSON table by its file name without ending."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / f"{name}.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def word_list(name: str) -> frozenset[str]:
    """Return one list of `words.json`, folded."""
    words: list[str] = table("words")[name]
    return frozenset(fold(word) for word in words)
