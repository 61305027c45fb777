"""What a person says of the sun in a photo, as a clue; the last such clue counts."""

from typing import Final

from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import options_of, photo_of
from geoagent_graph.protocols import FileClaims
from geoagent_graph.state import AgentState, load, replacement_of_clues
from geoagent_graph.sun_marks import SUN_KIND, MarkedPhoto, SunShadow, SunStatement, sun_clue
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.trip_types import TIME_KIND, file_claim_of_time
from geoagent_graph.types import Clue

NO_TIME: Final = (
    "the sun says nothing of the place before a time is known: add when the photo was taken"
)


async def sun_update(
    said: SunStatement, state: AgentState, tools: Toolbox, recorder: Recorder
) -> tuple[AgentState, str]:
    """Return the update with the clue in the place of what was said of the sun before, and words.

    A shadow without a focal length is measured with that of the file, where it has one.
    """
    clues = list(load(Clue, state["clues"]))
    if not (said.time or _has_time(clues)):
        recorder.warnings.append(NO_TIME)
    image = photo_of(state, tools.images).image
    focal_mm = await _focal_length_of_file(said, state, tools, recorder)
    photo = MarkedPhoto(width=image.width, height=image.height, focal_35mm_mm=focal_mm)
    clue = sun_clue(said, photo)
    kept = [other for other in clues if other.kind != SUN_KIND]
    words = clue.text.removeprefix("a person ")
    return AgentState(clues=replacement_of_clues([*kept, clue])), words


def _has_time(clues: list[Clue]) -> bool:
    """Say whether a person has said when it was taken, or the file claims it."""
    is_said = any(clue.kind == TIME_KIND for clue in clues)
    return is_said or file_claim_of_time(clues) is not None


async def _focal_length_of_file(
    said: SunStatement, state: AgentState, tools: Toolbox, recorder: Recorder
) -> float | None:
    """Return the 35 mm equivalent that the file claims, where it is needed and may be heard."""
    reader = tools.exif_reader
    is_needed = isinstance(said, SunShadow) and said.focal_35mm_mm is None
    if reader is None or not is_needed or not options_of(state).use_exif:
        return None
    photo = photo_of(state, tools.images)

    def read() -> FileClaims:
        return reader.read(photo.original())

    claims = await recorder.call("exif_reader", {}, _words_of_focal, read)
    return None if claims is None else claims.focal_35mm_mm


def _words_of_focal(claims: FileClaims) -> str:
    found = claims.focal_35mm_mm
    return "no focal length" if found is None else f"focal length {found:g} mm"
