"""What was read in a photo, given to another run of the agent as if it were read again."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.protocols import TextLine
from geoagent_graph.types import Box, Clue

_TEXT_KINDS = ("text", "script")
_WHOLE_PHOTO = Box(left=0.0, top=0.0, right=1.0, bottom=1.0)


class ReplayedText:
    """A `TextReader` that has read the photo before: text recognition is what takes the time."""

    def __init__(self, clues: Iterable[Clue]) -> None:
        self._lines = [_line_of(clue) for clue in clues if clue.kind in _TEXT_KINDS]

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return the lines of then, whatever the pixels."""
        del pixels
        return list(self._lines)


def _line_of(clue: Clue) -> TextLine:
    said: Mapping[str, Any] = clue.attributes
    return TextLine(
        text=clue.text,
        box=clue.box or _WHOLE_PHOTO,
        confidence=clue.confidence or 0.0,
        script=said.get("script"),
        language=said.get("language"),
        language_confidence=float(said.get("language_confidence", 0.0)),
        recogniser=said.get("recogniser", ""),
        readable=clue.kind == "text",
    )
