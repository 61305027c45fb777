"""Clues that were read out of other clues."""

from geoagent_graph.types import Clue, clue_id

MAX_CLUE_CHARS = 300


def clue_from_line(
    kind: str, text: str, origin: Clue, source: str, attributes: dict[str, str]
) -> Clue:
    """Return a clue that was drawn from a line of text.

    The id depends on what was found, not on where, so the same find gives the same id.
    """
    return Clue(
        id=clue_id(kind, *(f"{name}={attributes[name]}" for name in sorted(attributes))),
        kind=kind,
        text=text[:MAX_CLUE_CHARS],
        source=source,
        box=origin.box,
        confidence=origin.confidence,
        attributes={**attributes, "read_in": origin.id},
    )
