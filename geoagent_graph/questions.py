"""What the graph asks a person, and what a person may answer: typed both ways."""

import warnings
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.types import Box, FrozenModel, Hypothesis, LatDeg, Level, LonDeg, Place, Verdict

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
    """Text that a person reads in the photo; it is weighed as text that a tool has read."""

    kind: Literal["clue"] = "clue"
    text: Words


class MarkPhoto(FrozenModel):
    """A box of the photo whose text is to be read again, closer."""

    kind: Literal["photo_region"] = "photo_region"
    box: Box


class SearchCircle(FrozenModel):
    """A circle on the map outside of which nothing comes into question any more."""

    kind: Literal["map_region"] = "map_region"
    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_km: Annotated[float, Field(ge=1.0, le=20100.0, allow_inf_nan=False)]


Reply = Accept | Reject | AddClue | MarkPhoto | SearchCircle
_REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])


class HumanInput(FrozenModel):
    """One thing a person did to a run: an answer to a question, a veto, a place set in a fork."""

    action: Literal["accept", "reject", "clue", "photo_region", "map_region", "veto", "set"]
    text: str
    place: Place | None = None
    reply: dict[str, Any] | None = None


def read_reply(raw: object, question: Question) -> Reply:
    """Return a reply that fits the question, its place by id.

    Raises:
        InputError: it is of no known form, or names a place that is not asked about.
    """
    try:
        reply = _REPLY.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "reply"
        raise InputError(f"{where}: {first['msg']}; the question stays open") from error
    if isinstance(reply, Accept) and reply.place is not None:
        found = find_place(reply.place, question.candidates)
        return reply.model_copy(update={"place": found.place.id})
    if isinstance(reply, Reject):
        found = find_place(reply.place, (*question.candidates, *question.accepted))
        return reply.model_copy(update={"place": found.place.id})
    if isinstance(reply, MarkPhoto):
        box = reply.box
        if box.right - box.left < 0.01 or box.bottom - box.top < 0.01:
            raise InputError("box: is empty or too small; the question stays open")
    return reply


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
