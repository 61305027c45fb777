"""Clues that were read out of other clues."""

import hashlib

from geoagent_graph.types import Clue, ClueKind

MAX_CLUE_CHARS = 300


def drawn_clue(
    kind: ClueKind, text: str, origin: Clue, source: str, attributes: dict[str, str]
) -> Clue:
    """Return a clue that was drawn from a line of text.

    The id depends on what was found, not on where, so the same find gives the same id.
    """
    key = "\x1f".join((kind, *(f"{name}={attributes[name]}" for name in sorted(attributes))))
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return Clue(
        id=f"{kind}:{digest}",
        kind=kind,
        text=text[:MAX_CLUE_CHARS],
        source=source,
        box=origin.box,
        confidence=origin.confidence,
        attributes={**attributes, "read_in": origin.id},
    )
