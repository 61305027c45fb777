"""observe: what is in the photo, and what its file claims."""

from langgraph.runtime import Runtime

from geoagent_graph.nodes.fallback import decided
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import options_of
from geoagent_graph.perception.clues import exif_clues, text_clues
from geoagent_graph.protocols import ExifClaims
from geoagent_graph.state import GRAPH_VERSION, AgentState, dump, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, ImageRef


async def observe(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the clues of the perception tools and of the policy, and the state of a new run."""
    require_current(state)
    tools = runtime.context
    image = ImageRef.model_validate(state["image"])
    recorder = Recorder("observe", None)
    found = await _read_text(image, tools, recorder)
    if options_of(state).use_exif:
        found += await _read_exif(image, tools, recorder)
    steps = state.get("steps", [])
    drafted = await decided(lambda policy: policy.draft(image, found), tools, recorder, steps)
    clues = [dump(clue) for clue in (*found, *drafted)]
    return AgentState(
        graph_version=GRAPH_VERSION,
        options=dump(options_of(state)),
        level="continent",
        attempt=0,
        round=0,
        clues=clues,
        references=[],
        hypotheses=[],
        accepted=[],
        excluded=[],
        levels={},
        question=None,
        region=None,
        pinned=[],
        counted_from=0,
        warnings=recorder.warnings,
        steps=recorder.step(len(steps), _summary(found, drafted), clues=clues),
        done=False,
    )


async def _read_text(image: ImageRef, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    reader = tools.text_reader
    if reader is None:
        return []

    def read() -> list[Clue]:
        return text_clues(reader.read(tools.images.pixels(image, tools.text_max_side)))

    clues = await recorder.call("text_reader", {}, lambda c: f"{len(c)} lines", read)
    return clues or []


async def _read_exif(image: ImageRef, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    reader = tools.exif_reader
    if reader is None:
        return []

    def read() -> ExifClaims:
        return reader.read(tools.images.original(image))

    claims = await recorder.call("exif_reader", {}, lambda c: f"{len(exif_clues(c))} claims", read)
    if claims is None:
        return []
    recorder.warnings.extend(f"metadata of the file: {problem}" for problem in claims.problems)
    return exif_clues(claims)


def _summary(found: list[Clue], drafted: list[Clue]) -> str:
    lines = [clue.text for clue in found if clue.kind == "text"]
    read = f"read {len(lines)} lines of text" if lines else "no readable text"
    claims = sum(clue.kind == "exif_position" for clue in found)
    position = "; the file claims a position" if claims else ""
    return f"{read}{position}; {len(drafted)} clues drawn from them"
