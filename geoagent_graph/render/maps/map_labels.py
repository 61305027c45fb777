"""Names on a map that never lie on each other."""

import unicodedata

from geoagent_graph.render.html.markup import Element, element
from geoagent_graph.render.maps.svg_path import Frame

_LETTER_WIDTH = 8.2
_ABOVE, _BELOW, _PAD = 14.0, 5.0, 3.0


class Labels:
    """Takes names in order of importance; one without room is left out."""

    def __init__(self, width: float, height: float, taken: list[Frame]) -> None:
        self._width, self._height = width, height
        self._taken = list(taken)
        self.drawn: list[Element] = []

    def add(self, text: str, x: float, y: float, kind: str) -> None:
        """Draw a name centred on a point of its baseline."""
        half = _text_width(text) / 2 + _PAD
        box = (x - half, y - _ABOVE, x + half, y + _BELOW)
        inside = box[0] > 0 and box[1] > 0 and box[2] < self._width and box[3] < self._height
        if not inside or any(_do_overlap(box, other) for other in self._taken):
            return
        self._taken.append(box)
        place = {"x": f"{x:.1f}", "y": f"{y:.1f}"}
        self.drawn.append(element("text", {"class": f"label {kind}", **place}, text))


def _text_width(text: str) -> float:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return _LETTER_WIDTH * (len(text) + wide)


def _do_overlap(one: Frame, other: Frame) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
