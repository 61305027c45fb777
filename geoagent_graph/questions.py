"""What the graph asks a person, and what a person may answer: typed both ways."""

import warnings
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import Field, TypeAdapter, ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.search_areas import SearchCircle as SearchCircle
from geoagent_graph.search_areas import SearchCountries, SearchOutline
from geoagent_graph.sun_marks import SunPosition, SunShadow
from geoagent_graph.types import Box, FrozenModel, Hypothesis, Level, Place, Verdict
from geoagent_graph.validation_words import validation_words

Ask = Literal["never", "unsure", "always"]
Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]
MAX_CANDIDATES = 20


class Question(FrozenModel):
    """What a person is asked after the candidates of a level have been judged.

    `verdict` is what happens if they agree, `accepted` the places accepted above the level.
    `problem` says why the last reply was refused.
    """

    level: Level
    text: str
    verdict: Verdict
    candidates: tuple[Hypothesis, ...]
    accepted: tuple[Hypothesis, ...] = ()
    problem: str | None = None


class Accept(FrozenModel):
    """Go on with a candidate, by id or name; None agrees with the verdict, whatever it is.

    The place keeps the probability that the evidence gives it.
    """

    kind: Literal["accept"] = "accept"
    place: Words | None = None


class Reject(FrozenModel):
    """Exclude a candidate, or a place accepted above it, and look again at its level."""

    kind: Literal["reject"] = "reject"
    place: Words
    reason: Words


class AddClue(FrozenModel):
    """Text that a person reads in the photo; it is weighed as text that a tool has read.

    `box` is where it stands in the photo, where they say so.
    """

    kind: Literal["clue"] = "clue"
    text: Words
    box: Box | None = Field(default=None, exclude_if=lambda box: box is None)


class MarkPhoto(FrozenModel):
    """A box of the photo whose text is to be read again, closer."""

    kind: Literal["photo_region"] = "photo_region"
    box: Box


class NamePlace(FrozenModel):
    """A place that a person recognises: "Braga", "Paris, Texas", a region or a country.

    It is weighed as right nine times out of ten.
    """

    kind: Literal["place"] = "place"
    place: Words


class StateTime(FrozenModel):
    """When the photo was taken, on a person's word: ISO 8601, best with its offset from UTC."""

    kind: Literal["time"] = "time"
    time: Words


Statement = (
    AddClue
    | NamePlace
    | StateTime
    | MarkPhoto
    | SearchCircle
    | SearchOutline
    | SearchCountries
    | SunShadow
    | SunPosition
)
"""What a person may add to a run at any time, asked or not."""
AnyStatement = Annotated[Statement, Field(discriminator="kind")]
Reply = Accept | Reject | Statement
_REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])
_STATEMENT: TypeAdapter[Statement] = TypeAdapter(AnyStatement)
REPLY_KINDS = frozenset(form.model_fields["kind"].default for form in get_args(Reply))
CheckedT = TypeVar("CheckedT", bound=Reply)


class HumanInput(FrozenModel):
    """One thing a person did to a run: an answer to a question, a veto, a place set in a fork."""

    action: Literal[
        "accept", "reject", "veto", "set", "undo", "clue", "place", "time", "photo_region",
        "map_region", "map_outline", "map_countries", "sun_shadow", "sun_position",
    ]  # fmt: skip
    text: str
    place: Place | None = None
    reply: dict[str, Any] | None = None


def positions_in_force(acts: Sequence[HumanInput]) -> list[int]:
    """Return the places in a list of acts of those that were not taken back."""
    stack: list[int] = []
    for position, act in enumerate(acts):
        if act.action == "undo":
            count = (act.reply or {}).get("acts", 1)
            del stack[max(0, len(stack) - count) :]
        else:
            stack.append(position)
    return stack


def read_reply(raw: object, question: Question) -> Reply:
    """Return a reply that fits the question, its place by id.

    Raises:
        InputError: it is of no known form, or names a place that is not asked about.
    """
    try:
        reply = _REPLY.validate_python(raw)
    except ValidationError as error:
        problem = validation_words(error, "reply", REPLY_KINDS)
        raise InputError(f"{problem}; the question stays open") from error
    if isinstance(reply, Accept) and reply.place is not None:
        found = find_place(reply.place, question.candidates)
        return reply.model_copy(update={"place": found.place.id})
    if isinstance(reply, Reject):
        found = find_place(reply.place, (*question.candidates, *question.accepted))
        return reply.model_copy(update={"place": found.place.id})
    try:
        return _check_box(reply)
    except InputError as error:
        raise InputError(f"{error}; the question stays open") from error


def read_statement(raw: object) -> Statement:
    """Return what a person adds to a run.

    Raises:
        InputError: it is of no known form; the message says which field and why.
    """
    try:
        statement = _STATEMENT.validate_python(raw)
    except ValidationError as error:
        raise InputError(validation_words(error, "statement", REPLY_KINDS)) from error
    return _check_box(statement)


def _check_box(said: CheckedT) -> CheckedT:
    box = said.box if isinstance(said, MarkPhoto | AddClue) else None
    if box is not None and (box.right - box.left < 0.01 or box.bottom - box.top < 0.01):
        raise InputError("box: is empty or too small")
    return said


def find_place(words: str, hypotheses: tuple[Hypothesis, ...]) -> Hypothesis:
    """Return the one hypothesis that an id, a country code or a name stands for.

    Raises:
        InputError: none does, or several do; the message lists what there is.
    """
    wanted = words.strip().casefold()
    found = {
        h.place.id: h
        for h in hypotheses
        if wanted in (h.place.id.casefold(), h.place.name.casefold())
        or (h.level == "country" and wanted == (h.place.country_code or "").casefold())
    }
    if len(found) == 1:
        return next(iter(found.values()))
    named = ", ".join(dict.fromkeys(f"{h.place.name} ({h.place.id})" for h in hypotheses[:12]))
    problem = "several candidates are called so" if found else "is not among the candidates"
    raise InputError(f"{words}: {problem}; there is: {named or 'no candidate'}")


def __getattr__(name: str) -> Any:
    if name != "MapRegion":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn("MapRegion is now SearchCircle", DeprecationWarning, stacklevel=2)
    return SearchCircle
