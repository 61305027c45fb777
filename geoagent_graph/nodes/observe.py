"""observe: what is in the photo, and what its file claims."""

from langgraph.runtime import Runtime

from geoagent_graph.nodes.fallback import ask_policy
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import options_of, photo_of
from geoagent_graph.perception.clues import file_claim_clues, text_clues
from geoagent_graph.protocols import FileClaims, Photo
from geoagent_graph.state import GRAPH_VERSION, AgentState, dump, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue


async def observe(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return the clues of the perception tools and of the policy, and the state of a new run."""
    require_current(state)
    tools = runtime.context
    photo = photo_of(state, tools.images)
    recorder = Recorder("observe", None)
    found = await _read_text(photo, tools, recorder)
    if options_of(state).use_exif:
        found += await _read_exif(photo, tools, recorder)
    steps = state.get("steps", [])
    drafted, since = await ask_policy(
        lambda policy: policy.draft(photo, found), tools, recorder, state
    )
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
        fallback_since=dump(since) if since else None,
        counted_from=0,
        warnings=recorder.warnings,
        steps=recorder.step(len(steps), _observation_summary(found, drafted), clues=clues),
        done=False,
    )


async def _read_text(photo: Photo, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    reader = tools.text_reader
    if reader is None:
        return []

    def read() -> list[Clue]:
        return text_clues(reader.read(photo.pixels(tools.text_max_side)))

    clues = await recorder.call("text_reader", {}, lambda c: f"{len(c)} lines", read)
    return clues or []


async def _read_exif(photo: Photo, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    reader = tools.exif_reader
    if reader is None:
        return []

    def read() -> FileClaims:
        claims, sidecar = reader.read(photo.original()), photo.sidecar()
        return claims if sidecar is None else claims.completed_by(reader.read(sidecar))

    claims = await recorder.call(
        "exif_reader", {}, lambda c: f"{len(file_claim_clues(c))} claims", read
    )
    if claims is None:
        return []
    recorder.warnings.extend(f"metadata of the file: {problem}" for problem in claims.problems)
    return file_claim_clues(claims)


def _observation_summary(found: list[Clue], drafted: list[Clue]) -> str:
    lines = [clue.text for clue in found if clue.kind == "text"]
    read = f"read {len(lines)} lines of text" if lines else "no readable text"
    claims = sum(clue.kind == "exif_position" for clue in found)
    position = "; the file claims a position" if claims else ""
    return f"{read}{position}; {len(drafted)} clues drawn from them"
