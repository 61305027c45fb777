"""An answer without a claim as a beginning: what was tried, what is missing, three ways on."""

import shlex
from collections import Counter
from typing import Final

from geoagent_graph.cases.view import CaseView
from geoagent_graph.render.photo_name import photo_name
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import mark
from geoagent_graph.types import Answer, FrozenModel

TRIED: Final = mark("What was tried")
MISSING: Final = mark("What is missing")
WAYS_ON: Final = mark("Ways on")
MAX_UNREAD_SHOWN: Final = 3
_MARKUP: Final = frozenset(
    "<>`&"
)  # names with these are left to the reader: commands stand in pages
_READER, _FILE, _LOOK, _SIMILAR = "text_reader", "exif_reader", "photo_places", "retriever"


class WayOn(FrozenModel):
    """One way to go on: what it is, and the command that does it."""

    title: str
    command: str


class NextSteps(FrozenModel):
    """What an answer without a claim leaves to do."""

    tried: tuple[str, ...]
    missing: tuple[str, ...]
    ways: tuple[WayOn, ...]


def next_steps(answer: Answer, case: str | None = None) -> NextSteps | None:
    """Return what was tried, what is missing and how to go on; None where something is claimed.

    Args:
        answer: with its tool calls.
        case: its name for commands, as CASE or CASE/BRANCH; None where it is kept as no case.
    """
    if answer.level != "none":
        return None
    ways = _ways_on(answer, case)
    return NextSteps(
        tried=tuple(map(say_stored, _things_tried(answer))),
        missing=tuple(map(say_stored, _things_missing(answer))),
        ways=tuple(WayOn(title=say_stored(way.title), command=way.command) for way in ways),
    )


def case_words(view: CaseView) -> str:
    """Return what a branch is called in commands: CASE, or CASE/BRANCH."""
    branch = view.opened.branch
    return view.case if branch == "main" else f"{view.case}/{branch}"


def _things_tried(answer: Answer) -> list[str]:
    calls = Counter(call.tool for call in answer.tools if call.error is None)
    kinds = Counter(clue.kind for clue in answer.clues)
    said = []
    if calls[_READER]:
        read = sum(clue.kind == "text" and clue.source != "person" for clue in answer.clues)
        said.append(f"writing: {_count(read, 'line')} read" if read else "writing: none was read")
    if calls[_FILE]:
        position = "it claims a position" if kinds["exif_position"] else "it claims no position"
        said.append(f"the file: {position}")
    if calls[_LOOK] or kinds["geocells"]:
        said.append("the look of the photo, by a model that sees")
    if calls[_SIMILAR]:
        said.append(f"similar photos: {len(answer.references)} found in the index")
    places = sum(len(found) for found in answer.levels.values())
    said.append(f"{_count(places, 'place')} weighed, none likely enough to claim")
    return said


def _things_missing(answer: Answer) -> list[str]:
    calls = {call.tool for call in answer.tools}
    unread = list(dict.fromkeys(clue.text for clue in answer.clues if clue.kind == "script"))
    said = unread[:MAX_UNREAD_SHOWN]
    if _READER not in calls:
        said.append("a reader of text: none is installed (`geoagent doctor` says what to do)")
    if not any(clue.kind == "exif_position" for clue in answer.clues):
        said.append("a position in the file")
    if _LOOK not in calls and answer.policy.startswith("evidence"):
        said.append("a model that sees what the photo shows beyond its writing")
    if _SIMILAR not in calls:
        said.append("reference photos of the places that come into question")
    return said


def _ways_on(answer: Answer, case: str | None) -> list[WayOn]:
    name = visible(photo_name(answer))
    photo = "PHOTO" if _MARKUP & set(name) else shlex.quote(name)
    add = f"geoagent locate {photo}" if case is None else f"geoagent add-clue {case}"
    text = f'{add} --context "what you know"' if case is None else f'{add} "text you can read"'
    again = f"geoagent locate {photo}" if case is None else f"geoagent resume {case}"
    model = "geoagent weights pull geoclip && geoagent weights pull clip-vit-l14"
    if any(clue.kind == "script" for clue in answer.clues):
        model = "geoagent weights list  # then: geoagent weights pull ocr-..."
    return [
        WayOn(title="add what you see or know", command=text),
        WayOn(title="narrow the area to a country", command=f"{add} --country PT"),
        WayOn(title="or to a circle", command=f"{add} --near 41.55,-8.42,40"),
        WayOn(title="add a model", command=model),
        WayOn(title="or reference photos", command=_index_command(photo, again, case)),
    ]


def _index_command(photo: str, again: str, case: str | None) -> str:
    build = "geoagent index build MANIFEST.jsonl --out DIR"
    run = f"{again} --index DIR" if case is None else f"geoagent investigate {photo} --index DIR"
    return f"{build} && {run}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
