"""observe: what is in the photo, and what its file claims."""

import asyncio
from typing import Final

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime

from geoagent_graph.errors import InputError
from geoagent_graph.nodes.fallback import ask_policy
from geoagent_graph.nodes.person_clues import clues_up_front
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import options_of, photo_of, tools_of
from geoagent_graph.number_words import count
from geoagent_graph.perception.clues import (
    file_claim_clues,
    geocell_clues,
    photo_embedding_clue,
    reading_warnings,
    text_clues,
)
from geoagent_graph.photo_places import PHOTO_PLACES_MAX_SIDE_PX
from geoagent_graph.protocols import FileClaims, Photo
from geoagent_graph.state import AgentState, dump, new_run, require_current, require_input
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue

_CHECKPOINTER_KEY: Final = "__pregel_checkpointer"  # LangGraph tells a node of it nowhere else


async def observe(
    state: AgentState, runtime: Runtime[Toolbox], config: RunnableConfig | None = None
) -> AgentState:
    """Return the clues of the perception tools and of the policy, and the state of a new run."""
    require_current(state)
    tools = tools_of(runtime)
    require_input(state)
    _require_checkpointer(state, config)
    photo = photo_of(state, tools.images)
    recorder = Recorder("observe", None, tools.tool_seconds)
    found = await _read_text(photo, tools, recorder)
    if options_of(state).use_exif:
        found += await _read_exif(photo, tools, recorder)
    found += await _classify_place(photo, tools, recorder)
    found += await _look_at_photo(photo, tools, recorder)
    found += await asyncio.to_thread(clues_up_front, options_of(state), tools.geocoder)
    steps = state.get("steps", [])
    drafted, since = await ask_policy(
        lambda policy: policy.draft(photo, found), tools, recorder, state
    )
    clues = [dump(clue) for clue in (*found, *drafted)]
    update = new_run()
    update["options"] = dump(options_of(state))
    update["clues"] = clues
    update["fallback_since"] = dump(since) if since else None
    update["warnings"] = recorder.warnings
    update["steps"] = recorder.step(len(steps), _observation_summary(found, drafted), clues=clues)
    return update


def _require_checkpointer(state: AgentState, config: RunnableConfig | None) -> None:
    """Refuse a run that may stop with a question where nothing keeps it until the reply."""
    if config is None or options_of(state).ask == "never":
        return
    if not config.get("configurable", {}).get(_CHECKPOINTER_KEY):
        raise InputError(
            "options.ask: a question needs a graph that can wait for its reply; give it a "
            'checkpointer, as in `build_graph(checkpointer=InMemorySaver())`, or ask="never"'
        )


async def _read_text(photo: Photo, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    reader = tools.text_reader
    if reader is None:
        return []

    def read() -> list[Clue]:
        lines = reader.read(photo.pixels(tools.text_max_side))
        recorder.warnings.extend(reading_warnings(lines))
        return text_clues(lines)

    clues = await recorder.call("text_reader", {}, lambda c: count(len(c), "line"), read)
    return clues or []


async def _read_exif(photo: Photo, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    reader = tools.exif_reader
    if reader is None:
        return []

    def read() -> FileClaims:
        claims, sidecar = reader.read(photo.original()), photo.sidecar()
        return claims if sidecar is None else claims.completed_by(reader.read(sidecar))

    claims = await recorder.call(
        "exif_reader", {}, lambda c: count(len(file_claim_clues(c)), "claim"), read
    )
    if claims is None:
        return []
    recorder.warnings.extend(f"metadata of the file: {problem}" for problem in claims.problems)
    return file_claim_clues(claims)


async def _classify_place(photo: Photo, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    classifier = tools.classifier
    if classifier is None:
        return []

    def classify() -> list[Clue]:
        scores = classifier.classify(photo.pixels(tools.encoder_max_side))
        return geocell_clues(scores, classifier.classifier_id)

    clues = await recorder.call(
        "place_classifier", {}, lambda found: found[0].text if found else "nothing", classify
    )
    return clues or []


async def _look_at_photo(photo: Photo, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    places = tools.photo_places
    if places is None:
        return []

    def look() -> list[Clue]:
        embedding = places.embed(photo.pixels(PHOTO_PLACES_MAX_SIDE_PX))
        return [photo_embedding_clue(embedding, places.places_id)]

    clues = await recorder.call("photo_places", {}, lambda found: found[0].text, look)
    return clues or []


def _observation_summary(found: list[Clue], drafted: list[Clue]) -> str:
    lines = [clue.text for clue in found if clue.kind == "text"]
    read = f"read {count(len(lines), 'line')} of text" if lines else "no readable text"
    claims = sum(clue.kind == "exif_position" for clue in found)
    position = "; the file claims a position" if claims else ""
    return f"{read}{position}; {count(len(drafted), 'clue')} drawn from it"
