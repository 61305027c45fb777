"""ask: the run waits for a person, and does what the reply says."""

from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from geoagent_graph.errors import InputError
from geoagent_graph.nodes.exclusions import exclude_place
from geoagent_graph.nodes.fallback import ask_policy
from geoagent_graph.nodes.judge import settle
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.nodes.situation import photo_of, tools_of
from geoagent_graph.perception.clues import text_clues
from geoagent_graph.protocols import TextLine
from geoagent_graph.questions import (
    Accept,
    AddClue,
    HumanInput,
    MarkPhoto,
    Question,
    Reject,
    Reply,
    find_place,
    read_reply,
)
from geoagent_graph.state import AgentState, dump, load, require_current
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Box, Clue, Hypothesis, Verdict, clue_id


async def ask(state: AgentState, runtime: Runtime[Toolbox]) -> AgentState:
    """Return what a person's reply changes; a reply that does not fit is asked for again."""
    require_current(state)
    question = Question.model_validate(state["question"])
    reply = _wait_for_reply(question)
    tools = tools_of(runtime)
    recorder = Recorder("ask", question.level, tools.tool_seconds)
    update, said = await _carry_out_reply(reply, state, tools, recorder)
    update["question"] = None
    update["counted_from"] = len(state["steps"]) + 1
    update["human"] = [dump(said)]
    update["warnings"] = recorder.warnings
    detail = {"clues": update["clues"]} if "clues" in update else {}
    update["steps"] = recorder.step(
        len(state["steps"]), f"a person {said.text}", reply=dump(reply), **detail
    )
    return update


def _wait_for_reply(question: Question) -> Reply:
    """Return the first reply that fits: interrupt() gives earlier ones again, in their order."""
    while True:
        raw = interrupt(dump(question))
        try:
            return read_reply(raw, question)
        except InputError as error:
            question = question.model_copy(update={"problem": str(error)})


async def _carry_out_reply(
    reply: Reply, state: AgentState, tools: Toolbox, recorder: Recorder
) -> tuple[AgentState, HumanInput]:
    candidates = list(load(Hypothesis, state["hypotheses"]))
    if isinstance(reply, Accept):
        return _accept_place(reply, state, candidates)
    if isinstance(reply, Reject):
        known = (*candidates, *load(Hypothesis, state["accepted"]))
        rejected = find_place(reply.place, known)
        text = f"rejects {rejected.place.name}: {reply.reason}"
        said = HumanInput(action="reject", text=text, place=rejected.place, reply=dump(reply))
        return exclude_place(state, rejected, reply.reason), said
    update = AgentState(verdict=dump(Verdict(decision="retry", reason="a person adds to it")))
    if isinstance(reply, AddClue):
        text = f"reads: {reply.text}"
        read = [_clue_of_person(reply.text)]
        update |= await _clue_update(state, tools, recorder, read)
    elif isinstance(reply, MarkPhoto):
        text = "marks a region of the photo"
        found = await _read_region(reply.box, state, tools, recorder)
        update |= await _clue_update(state, tools, recorder, found)
    else:
        text = f"looks within {reply.radius_km:g} km of {reply.lat_deg:.4f}, {reply.lon_deg:.4f}"
        update["region"] = dump(reply)
    return update, HumanInput(action=reply.kind, text=text, reply=dump(reply))


def _accept_place(
    reply: Accept, state: AgentState, candidates: list[Hypothesis]
) -> tuple[AgentState, HumanInput]:
    if reply.place is None:
        verdict = Verdict.model_validate(state["verdict"])
        update = settle(verdict, state, candidates)
        named = next((c.place.name for c in candidates if c.place.id == verdict.place_id), "")
        text = f"agrees to {verdict.decision} {named}".rstrip()
        return update, HumanInput(action="accept", text=text, reply=dump(reply))
    place = find_place(reply.place, tuple(candidates)).place
    verdict = Verdict(decision="accept", place_id=place.id, reason="a person accepts it")
    update = settle(verdict, state, candidates)
    update["verdict"] = dump(verdict)
    said = HumanInput(action="accept", text=f"accepts {place.name}", place=place, reply=dump(reply))
    return update, said


def _clue_of_person(text: str) -> Clue:
    return Clue(id=clue_id("text", "person", text), kind="text", text=text, source="person")


async def _clue_update(
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


async def _read_region(
    box: Box, state: AgentState, tools: Toolbox, recorder: Recorder
) -> list[Clue]:
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
        return text_clues([_in_photo(line, box) for line in lines])

    called = recorder.call("text_reader", {"box": dump(box)}, lambda c: f"{len(c)} lines", read)
    return await called or []


def _in_photo(line: TextLine, region: Box) -> TextLine:
    """Return a line with its box as shares of the whole photo."""
    wide, high = region.right - region.left, region.bottom - region.top
    box = Box(
        left=min(1.0, region.left + line.box.left * wide),
        top=min(1.0, region.top + line.box.top * high),
        right=min(1.0, region.left + line.box.right * wide),
        bottom=min(1.0, region.top + line.box.bottom * high),
    )
    return replace(line, box=box)
