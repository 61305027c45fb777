"""The state of one run: plain JSON values only, so that any checkpointer can store it.

Nouns cross into the state through `dump` and come back through `load`; pixels, clients, numpy
values and tuples never enter it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, TypedDict, TypeVar, cast

from pydantic import Field, ValidationError

from geoagent_graph.errors import CheckpointError, InputError
from geoagent_graph.questions import Ask
from geoagent_graph.search_areas import MAX_COUNTRIES, SearchCircle
from geoagent_graph.types import Answer, Clue, CountryCode, FrozenModel, ImageRef, Json, Level
from geoagent_graph.validation_words import validation_words

GRAPH_VERSION = 3
"""Raised whenever a node or a state key is added, renamed or removed."""
MAX_CONTEXT_CHARS = 2000
OLDEST_GRAPH_VERSION = 2
"""2: without `fallback_since`, which is then found in the steps. Such runs go on as they are."""

_REDUCED_KEYS = ("clues", "scores", "human", "warnings", "steps")
"""What a node adds to instead of replacing it."""

NounT = TypeVar("NounT", bound=FrozenModel)


class RunOptions(FrozenModel):
    """What a caller may choose for one run.

    `use_exif` False ignores what the file claims about itself. `budget` is the largest number of
    steps; when it runs out, the answer is what was accepted until then; whatever a person does to
    the run renews it. `ask` interrupts the run with a `Question`, which needs a checkpointer: after
    every verdict, or only where it is unsure. `near` and `countries` say where the photo lies, on
    the caller's word: everything is given that this is right. `context` is what is known of it in
    words; the places that it names are weighed like names on signs.
    """

    use_exif: bool = True
    budget: int = 40
    ask: Ask = "never"
    near: SearchCircle | None = Field(default=None, exclude_if=lambda near: near is None)
    countries: Annotated[tuple[CountryCode, ...], Field(max_length=MAX_COUNTRIES)] = Field(
        default=(), exclude_if=lambda countries: not countries
    )
    context: Annotated[str, Field(max_length=MAX_CONTEXT_CHARS)] = Field(
        default="", exclude_if=lambda context: not context
    )


class FallbackSince(FrozenModel):
    """From which step on which policy decides in place of which."""

    step: int
    policy: str
    fallback: str


def _merge_by_id(old: list[Json], new: list[Json]) -> list[Json]:
    """Keep the first of each id, in the order of arrival: a node that runs twice adds nothing."""
    known = {item["id"] for item in old}
    merged = list(old)
    for item in new:
        if item["id"] not in known:
            known.add(item["id"])
            merged.append(item)
    return merged


def _append_all(old: list[Json], new: list[Json]) -> list[Json]:
    return old + new


def _append_new(old: list[str], new: list[str]) -> list[str]:
    return old + [text for text in new if text not in old]


class AgentInput(TypedDict):
    """What a run starts from: a dumped `ImageRef`, dumped `RunOptions`, how the photo was read."""

    image: Json
    options: NotRequired[Json]
    warnings: NotRequired[Annotated[list[str], _append_new]]


class AgentOutput(TypedDict):
    """What a run ends with: a dumped `Answer`."""

    done: bool
    answer: Json


class AgentState(TypedDict, total=False):
    """Everything the nodes know. `done` alone tells that a run has ended."""

    graph_version: int
    image: Json
    options: Json
    level: Level
    attempt: int
    round: int
    clues: Annotated[list[Json], _merge_by_id]
    references: list[Json]
    hypotheses: list[Json]
    scores: Annotated[list[Json], _append_all]  # one per candidate and round
    accepted: list[Json]
    excluded: list[Json]
    levels: dict[Level, list[Json]]
    verdict: Json
    question: Json | None  # the open question to a person
    region: Json | None  # the circle on the map that a person has drawn
    pinned: list[str]  # ids of places that a person has set; the policy cannot take them back
    human: Annotated[list[Json], _append_all]  # what people did, in order
    fallback_since: Json | None  # a dumped `FallbackSince`, once the policy has failed for good
    counted_from: int  # the step at which the budget was last renewed
    warnings: Annotated[list[str], _append_new]
    steps: Annotated[list[Json], _append_all]
    done: bool
    answer: Json


class ScoreTask(TypedDict):
    """What one parallel scoring task receives: one candidate and what was observed."""

    round: int
    candidate: Json
    within: Json | None
    clues: list[Json]
    references: list[Json]


def begin_run(given: object) -> Json:
    """Return what the input of a new run writes to its thread: its photo, and nothing of before.

    A thread keeps the values of the run before, and reducers would add to them. This is written
    before the first node, so that no node and no reader of the state sees a mixture. What the
    input does not give is as on a fresh thread. Nothing is refused here, because LangGraph also
    reads an input that it throws away; `require_input` does that.
    """
    inputs: Mapping[str, Any] = given if isinstance(given, Mapping) else {"image": given}
    reduced = {**dict.fromkeys(_REDUCED_KEYS, ()), "warnings": inputs.get("warnings") or ()}
    return {
        **new_run(),
        **{key: {"__overwrite__": _as_list(values)} for key, values in reduced.items()},
        "verdict": None,
        "answer": None,
        "image": _as_plain(inputs.get("image")),
        "options": _as_plain(inputs.get("options") or {}),
    }


def new_run() -> AgentState:
    """Return what is known of a run before it has seen its photo."""
    return AgentState(
        graph_version=GRAPH_VERSION,
        level="continent",
        attempt=0,
        round=0,
        references=[],
        hypotheses=[],
        accepted=[],
        excluded=[],
        levels={},
        question=None,
        region=None,
        pinned=[],
        fallback_since=None,
        counted_from=0,
        done=False,
    )


def require_input(state: AgentState) -> None:
    """Refuse a run whose photo or options are not what `AgentInput` says.

    Raises:
        InputError: the message names the key and what to give.
    """
    image = state.get("image")
    try:
        ImageRef.model_validate(image)
    except ValidationError as error:
        raise InputError(
            f"image: is {_kind_of(image)}, not a photo that the toolbox has opened; give "
            '`toolbox.images.open(photo).image.model_dump(mode="json")`, or use `locate(photo)`'
        ) from error
    try:
        RunOptions.model_validate(state.get("options", {}))
    except ValidationError as error:
        problem = validation_words(error, "all")
        raise InputError(f"options.{problem}; give `RunOptions(...)`") from error
    if not all(isinstance(text, str) for text in state.get("warnings", [])):
        raise InputError("warnings: give a list of texts")


def _kind_of(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, Mapping):
        return f"an object with {', '.join(sorted(map(str, value))[:6]) or 'nothing in it'}"
    return f"a {type(value).__name__}"


def _as_plain(value: object) -> object:
    return dump(value) if isinstance(value, FrozenModel) else value


def _as_list(values: object) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def dump(noun: FrozenModel) -> Json:
    """Return a noun as plain JSON values."""
    return noun.model_dump(mode="json")


def load(kind: type[NounT], values: Sequence[Json]) -> tuple[NounT, ...]:
    """Return nouns from their dumped form, validated again."""
    return tuple(kind.model_validate(value) for value in values)


def replacement_of_clues(clues: Sequence[Clue]) -> list[Any]:
    """Return clues as the update that puts them in the place of all clues before."""
    return cast("list[Any]", {"__overwrite__": [dump(clue) for clue in clues]})


def require_current(state: AgentState) -> None:
    """Refuse a stored run that a version of the graph began whose runs cannot go on.

    Raises:
        CheckpointError: the message names the versions.
    """
    version = state.get("graph_version", GRAPH_VERSION)
    if not can_continue(version):
        raise CheckpointError(
            f"this run was begun by graph version {version}, this is version {GRAPH_VERSION}: "
            "start it again, or continue it with the version that began it"
        )


def can_continue(graph_version: object) -> bool:
    """Return whether runs that a version of the graph began go on with this one."""
    return graph_version in range(OLDEST_GRAPH_VERSION, GRAPH_VERSION + 1)


def answer_of(state: AgentOutput) -> Answer:
    """Return the answer of a finished run.

    Raises:
        CheckpointError: the run has not finished.
    """
    if not state.get("done"):
        raise CheckpointError("this run has not finished: resume it to get an answer")
    return Answer.model_validate(state["answer"])
