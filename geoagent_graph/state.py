"""The state of one run: plain JSON values only, so that any checkpointer can store it.

Nouns cross into the state through `dump` and come back through `load`; pixels, clients, numpy
values and tuples never enter it.
"""

from collections.abc import Sequence
from typing import Annotated, NotRequired, TypedDict, TypeVar

from geoagent_graph.errors import CheckpointError
from geoagent_graph.questions import Ask
from geoagent_graph.types import Answer, FrozenModel, Json, Level

GRAPH_VERSION = 3
"""Raised whenever a node or a state key is added, renamed or removed."""
OLDEST_GRAPH_VERSION = 2
"""2: without `fallback_since`, which is then found in the steps. Such runs go on as they are."""

NounT = TypeVar("NounT", bound=FrozenModel)


class RunOptions(FrozenModel):
    """What a caller may choose for one run.

    `use_exif` False ignores what the file claims about itself. `budget` is the largest number of
    steps; when it runs out, the answer is what was accepted until then; whatever a person does to
    the run renews it. `ask` interrupts the run with a `Question`, which needs a checkpointer: after
    every verdict, or only where it is unsure.
    """

    use_exif: bool = True
    budget: int = 40
    ask: Ask = "never"


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


def dump(noun: FrozenModel) -> Json:
    """Return a noun as plain JSON values."""
    return noun.model_dump(mode="json")


def load(kind: type[NounT], values: Sequence[Json]) -> tuple[NounT, ...]:
    """Return nouns from their dumped form, validated again."""
    return tuple(kind.model_validate(value) for value in values)


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
