"""What a person adds to a run, as clues: text, a place, a time, a part of the photo, an area."""

import asyncio
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from geoagent_graph.errors import InputError
from geoagent_graph.nodes.fallback import ask_policy
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import photo_of
from geoagent_graph.nodes.sun_statements import sun_update
from geoagent_graph.number_words import count
from geoagent_graph.perception.clues import text_clues
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import script_of
from geoagent_graph.protocols import Geocoder, TextLine
from geoagent_graph.questions import AddClue, MarkPhoto, NamePlace, Statement, StateTime
from geoagent_graph.search_areas import (
    AREA_KIND,
    PERSON,
    SearchArea,
    SearchCircle,
    SearchCountries,
    area_clue,
    areas_in,
)
from geoagent_graph.state import AgentState, RunOptions, dump, load, replacement_of_clues
from geoagent_graph.sun_marks import SunPosition, SunShadow
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.trip_types import TIME_KIND, parse_time_taken
from geoagent_graph.types import Box, Clue, Json, clue_id

PLACE_KIND = "named_place"
CONTEXT_KIND = "context"


async def add_statement(
    said: Statement, state: AgentState, tools: Toolbox, recorder: Recorder
) -> tuple[AgentState, str]:
    """Return the update that a person's statement makes, and what they did, in words.

    Raises:
        InputError: a country or a time in it is none.
    """
    if isinstance(said, MarkPhoto):
        found = await _read_box(said.box, state, tools, recorder)
        return await draft_again(state, tools, recorder, found), "marks a region of the photo"
    if isinstance(said, AddClue):
        read = [text_clue(said.text, said.box)]
        return await draft_again(state, tools, recorder, read), f"reads: {said.text}"
    if isinstance(said, NamePlace):
        named = await asyncio.to_thread(place_clue, said.place, tools)
        return AgentState(clues=[dump(named)]), f"names the place: {said.place}"
    if isinstance(said, SunShadow | SunPosition):
        return await sun_update(said, state, tools, recorder)
    if isinstance(said, StateTime):
        clues = [dump(time_clue(said.time))]
        return AgentState(clues=clues), f"says when it was taken: {said.time}"
    words = area_words(said, tools.geocoder)
    return _area_update(said, words, state), f"looks {words}"


def text_clue(text: str, box: Box | None = None) -> Clue:
    """Return text that a person reads in the photo, as the text reader would give it."""
    attributes = {"recogniser": PERSON}
    script, (language, confidence) = script_of(text), language_of(text)
    if script:
        attributes["script"] = script
    if language:
        attributes |= {"language": language, "language_confidence": f"{confidence:.3f}"}
    where = [] if box is None else [box.model_dump_json()]
    return Clue(
        id=clue_id("text", PERSON, text, *where),
        kind="text",
        text=text,
        source=PERSON,
        box=box,
        attributes=attributes,
    )


def place_clue(place: str, tools: Toolbox) -> Clue:
    """Return a place that a person names.

    Raises:
        InputError: no town, region or country bears the name.
    """
    clue = Clue(
        id=clue_id(PLACE_KIND, place),
        kind=PLACE_KIND,
        text=f"a person names {place}",
        source=PERSON,
        attributes={"name": place},
    )
    somewhere = tools.geocoder.continents()[0]
    weighed = any(
        line.source == PLACE_KIND for line in tools.evidence.score(somewhere, None, [clue], ())
    )
    if not (weighed or tools.geocoder.forward(place, 1)):
        raise InputError(f"{place}: no place of this name is known; name the town it is in")
    return clue


def clues_up_front(options: RunOptions, geocoder: Geocoder) -> list[Clue]:
    """Return what the caller knew of a photo before the run.

    Raises:
        InputError: a country is none.
    """
    areas: list[SearchArea] = [options.near] if options.near is not None else []
    areas += [SearchCountries(countries=options.countries)] if options.countries else []
    found = [area_clue(area, area_words(area, geocoder)) for area in areas]
    return [*found, context_clue(options.context)] if options.context.strip() else found


def context_clue(words: str) -> Clue:
    """Return what a person knows of a photo: the places it names count, its language does not."""
    return Clue(
        id=clue_id(CONTEXT_KIND, words),
        kind=CONTEXT_KIND,
        text=words,
        source=PERSON,
    )


def time_clue(words: str) -> Clue:
    """Return when a person says the photo was taken: it counts beside other photos of a trip.

    Raises:
        InputError: it is no time.
    """
    taken = parse_time_taken(words)
    return Clue(
        id=clue_id(TIME_KIND, taken.text),
        kind=TIME_KIND,
        text=f"a person says it was taken at {taken.text}",
        source=PERSON,
        attributes={"time": taken.text},
    )


def area_words(area: SearchArea, geocoder: Geocoder) -> str:
    """Return an area in words, its countries by name.

    Raises:
        InputError: a country is none.
    """
    if not isinstance(area, SearchCountries):
        return area.words
    names = {place.country_code: place.name for place in geocoder.countries()}
    unknown = [code for code in area.countries if code not in names]
    if unknown:
        raise InputError(f"{unknown[0]}: no such country; write its ISO 3166-1 code, as PT")
    return f"in {' or '.join(names[code] for code in area.countries)}"


def _area_update(area: SearchArea, words: str, state: AgentState) -> AgentState:
    """Return the update with a new area in the place of the one before.

    What is drawn replaces what was drawn, countries replace countries; both together hold.
    """
    known = list(load(Clue, state["clues"]))
    by_name = isinstance(area, SearchCountries)
    kept = [
        clue
        for clue in known
        if clue.kind != AREA_KIND
        or any(isinstance(old, SearchCountries) is not by_name for old in areas_in([clue]))
    ]
    update = AgentState(clues=replacement_of_clues([*kept, area_clue(area, words)]))
    if not by_name:
        update["region"] = dump(area) if isinstance(area, SearchCircle) else None
    return update


def clues_in(update: AgentState) -> list[Json]:
    """Return the clues that an update adds, or those it puts in the place of all others."""
    clues: Any = update.get("clues", [])
    found: list[Json] = clues["__overwrite__"] if isinstance(clues, dict) else clues
    return found


async def draft_again(
    state: AgentState, tools: Toolbox, recorder: Recorder, found: list[Clue]
) -> AgentState:
    """Return the update with new clues and what the policy draws from all of them."""
    photo = photo_of(state, tools.images)
    known = list(load(Clue, state["clues"]))
    lines = [clue for clue in known if clue.kind == "text"]
    found = [clue for clue in found if not any(_is_same_line(clue, line) for line in lines)]
    shown = [*known, *found]
    drafted, since = await ask_policy(
        lambda policy: policy.draft(photo, shown), tools, recorder, state
    )
    return AgentState(
        clues=[dump(clue) for clue in (*found, *drafted)],
        fallback_since=dump(since) if since else None,
    )


def _is_same_line(one: Clue, other: Clue) -> bool:
    """Return whether two readings are of one line of text, which must not count twice."""
    same = SequenceMatcher(None, one.text.casefold(), other.text.casefold()).ratio()
    if one.box is None or other.box is None:
        return same == 1.0
    x = (one.box.left + one.box.right) / 2
    y = (one.box.top + one.box.bottom) / 2
    inside = other.box.left <= x <= other.box.right and other.box.top <= y <= other.box.bottom
    return same == 1.0 or (inside and same > 0.6)


async def _read_box(box: Box, state: AgentState, tools: Toolbox, recorder: Recorder) -> list[Clue]:
    reader = tools.text_reader
    if reader is None:
        recorder.warnings.append("no text reader is installed: the marked region was not read")
        return []
    photo = photo_of(state, tools.images)

    def read() -> list[Clue]:
        pixels = photo.pixels()
        height, width = pixels.shape[:2]
        rows = slice(int(box.top * height), max(int(box.bottom * height), 1))
        columns = slice(int(box.left * width), max(int(box.right * width), 1))
        lines = reader.read(np.ascontiguousarray(pixels[rows, columns]))
        return text_clues([_line_in_photo(line, box) for line in lines])

    called = recorder.call("text_reader", {"box": dump(box)}, lambda c: count(len(c), "line"), read)
    return await called or []


def _line_in_photo(line: TextLine, region: Box) -> TextLine:
    """Return a line with its box as shares of the whole photo."""
    wide, high = region.right - region.left, region.bottom - region.top
    box = Box(
        left=min(1.0, region.left + line.box.left * wide),
        top=min(1.0, region.top + line.box.top * high),
        right=min(1.0, region.left + line.box.right * wide),
        bottom=min(1.0, region.top + line.box.bottom * high),
    )
    return replace(line, box=box)
