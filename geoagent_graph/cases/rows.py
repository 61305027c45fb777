"""What the stored rows of a case must look like before anything works with them."""

import json
from collections.abc import Mapping
from typing import NoReturn

from pydantic import ConfigDict, ValidationError

from geoagent_graph.cases.events import Environment, Person
from geoagent_graph.errors import CheckpointError
from geoagent_graph.questions import HumanInput, Question
from geoagent_graph.search_areas import SearchCircle
from geoagent_graph.state import GRAPH_VERSION, FallbackSince, RunOptions, can_continue
from geoagent_graph.types import (
    Answer,
    Clue,
    Exclusion,
    FrozenModel,
    Hypothesis,
    ImageRef,
    Json,
    Level,
    Reference,
    Step,
    Verdict,
)

SCHEMA_VERSION = 3
"""2: a case may hold several photos. 3: what is large in a state is stored once, under its digest;
rows have a checksum. Cases of earlier versions open as they are and become version 3 when they are
next held."""
OLDEST_SCHEMA = 1


class About(FrozenModel):
    """What a case is: its photo, its options, what it was begun with.

    `request` is what its opener needs to open the same tools again, `person` who began it.
    """

    schema_version: int = SCHEMA_VERSION
    graph_version: int = GRAPH_VERSION
    time: str
    case: str
    image: ImageRef
    options: RunOptions
    warnings: tuple[str, ...]
    environment: Environment
    request: Json
    person: Person | None = None


class StoredPhoto(FrozenModel):
    """One photo of a case, and how it was read."""

    image: ImageRef
    warnings: tuple[str, ...]


class StoredScore(FrozenModel):
    """The evidence about one candidate in one round."""

    round: int
    place_id: str
    evidence: tuple[Json, ...]


class StoredState(FrozenModel):
    """A state after the first step; LangGraph's own channels stand beside these."""

    model_config = ConfigDict(extra="ignore")

    graph_version: int
    image: ImageRef
    options: RunOptions
    level: Level
    attempt: int
    round: int
    clues: tuple[Clue, ...]
    references: tuple[Reference, ...]
    hypotheses: tuple[Hypothesis, ...]
    scores: tuple[StoredScore, ...] = ()
    accepted: tuple[Hypothesis, ...]
    excluded: tuple[Exclusion, ...]
    levels: dict[Level, tuple[Hypothesis, ...]]
    verdict: Verdict | None = None
    question: Question | None
    region: SearchCircle | None
    pinned: tuple[str, ...]
    human: tuple[HumanInput, ...] = ()
    fallback_since: FallbackSince | None = None
    counted_from: int
    warnings: tuple[str, ...]
    steps: tuple[Step, ...]
    done: bool
    answer: Answer | None = None


def check_state(state: Json, case: str) -> None:
    """Refuse a stored state that no run of this version can have made.

    Raises:
        CheckpointError: it is of another graph version, damaged or crafted.
    """
    if not state.get("steps"):
        return  # nothing has run: the next step begins from the photo
    if not can_continue(state.get("graph_version")):
        _refuse_version(case, "graph version", state.get("graph_version"), GRAPH_VERSION)
    try:
        StoredState.model_validate(state)
    except (ValidationError, RecursionError) as error:
        raise CheckpointError(f"{case}: its last checkpoint is damaged") from error


def about_of(text: str, case: str) -> About:
    """Return what a case is from its row.

    Raises:
        CheckpointError: it was made by another version, or is damaged.
    """
    content = json_object(text, case)
    schema = content.get("schema_version")
    if schema not in range(OLDEST_SCHEMA, SCHEMA_VERSION + 1):
        _refuse_version(case, "schema version", schema, SCHEMA_VERSION)
    if not can_continue(content.get("graph_version")):
        _refuse_version(case, "graph version", content.get("graph_version"), GRAPH_VERSION)
    try:
        return About.model_validate(content)
    except (ValidationError, RecursionError) as error:
        raise CheckpointError(f"{case}: what it is about is damaged") from error


def root_of(branches: Mapping[str, Json], branch: str, case: str) -> str:
    """Return the branch that a branch was forked from, through all forks: one per photo.

    Raises:
        CheckpointError: the forks lead nowhere, or in a circle.
    """
    for _ in range(len(branches)):
        point = branches.get(branch, {}).get("forked_from")
        if point is None:
            break
        branch = str(point.get("branch")) if isinstance(point, dict) else ""
    if branch not in branches or branches[branch].get("forked_from") is not None:
        raise CheckpointError(f"{case}: its branches are damaged")
    return branch


def photo_of(about: About, branches: Mapping[str, Json], branch: str) -> StoredPhoto:
    """Return the photo that a branch is about.

    Raises:
        CheckpointError: its row is damaged.
    """
    stored = branches[root_of(branches, branch, about.case)].get("photo")
    if stored is None:
        return StoredPhoto(image=about.image, warnings=about.warnings)
    try:
        return StoredPhoto.model_validate(stored)
    except (ValidationError, RecursionError) as error:
        raise CheckpointError(f"{about.case}: one of its photos is damaged") from error


def json_object(text: str, case: str) -> Json:
    """Return a stored JSON object.

    Raises:
        CheckpointError: it is none.
    """
    try:
        content = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{case}: holds a damaged row") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{case}: holds a damaged row")
    return content


def _refuse_version(case: str, what: str, found: object, current: int) -> NoReturn:
    raise CheckpointError(
        f"{case}: its {what} is {found}, this version works with {current}. "
        "Export its trace, or use the version that made it."
    )
