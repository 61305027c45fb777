"""What is laid over the picture or told to the viewer: clues of their own, no evidence of a place.

Words to the viewer keep their language, as any words on a sign of it; see `languages`.
"""

from typing import Final, Literal

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.overlays import OverlayKind
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "overlays"
MAX_OVERLAYS = 12
TO_VIEWER: Final = "viewer"
_Kind = OverlayKind | Literal["viewer"]
_MEANING: dict[_Kind, str] = {
    "credit": "says who made the picture",
    "maps": "is the mark of a map or street view",
    "stock": "is the mark of a picture agency",
    "date": "is a date",
    "screen": "stands in a screenshot of a programme",
    "caption": "is a caption laid over the picture",
    TO_VIEWER: "speaks to whoever looks at the photo",
    "repeated": "is laid over the picture again and again",
}


def _extract_overlays(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    lines = observations.lines
    kinds: dict[str, _Kind] = {}
    kinds.update(dict.fromkeys(lines.to_viewer, TO_VIEWER))
    kinds.update(lines.overlays)
    found = [
        clue_from_line(
            "overlay",
            f"“{line.text}” {_MEANING[kinds[line.id]]}",
            line,
            NAME,
            {"overlay": kinds[line.id], "line": line.text},
        )
        for line in lines.every
        if line.id in kinds
    ]
    return list({clue.id: clue for clue in found}.values())[:MAX_OVERLAYS]


SOURCE = Source(
    name=NAME,
    kind="overlay",
    label=mark("Mark on the picture"),
    check="no weights of places: it says which lines are no evidence; checked by the tests' marks",
    extract=_extract_overlays,
    likelihood=None,
)
