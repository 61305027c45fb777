"""Situations that a policy may stand in, over scripted photos."""

from collections.abc import Sequence

from geoagent_graph.protocols import Photo, Situation
from geoagent_graph.testing.scripted import MemoryImages
from geoagent_graph.types import Clue, Level, Place, Reference


def situation(
    level: Level,
    within: Place | None = None,
    *,
    clues: Sequence[Clue] = (),
    references: Sequence[Reference] = (),
    excluded: frozenset[str] = frozenset(),
    attempt: int = 0,
) -> Situation:
    """Return where a run stands at a level, with a grey photo."""
    images = MemoryImages()
    return Situation(
        photo=Photo(images.open(b"a photo").image, images),
        level=level,
        within=within,
        clues=tuple(clues),
        references=tuple(references),
        excluded=excluded,
        attempt=attempt,
        steps_left=10,
    )


def policy_clue(text: str, **attributes: str) -> Clue:
    """Return a clue that a model drew."""
    return Clue(id=f"policy:{text}", kind="policy", text=text, source="m", attributes=attributes)


def reference(country_code: str | None, score: float = 0.9) -> Reference:
    """Return a reference photo near Lisbon."""
    return Reference(id="r", score=score, lat_deg=38.7, lon_deg=-9.1, country_code=country_code)
