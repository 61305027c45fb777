"""A case in a few words, for lists: made from the events of its traces, whichever way they come."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from geoagent_graph.cases.events import BESIDE_THE_RUN, ForkPoint
from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView, Status
from geoagent_graph.types import AnswerPlace, ClaimLevel, FrozenModel, Json

Count = Annotated[int, Field(ge=0)]
_STATUS_AFTER: dict[str, Status] = {
    "step": "unfinished",
    "human": "unfinished",
    "question": "waiting",
    "answer": "answered",
}


class Claim(FrozenModel):
    """What an answer claims: the place, to a level."""

    level: ClaimLevel
    place: AnswerPlace


class BranchSummary(FrozenModel):
    """Where a branch stands; `claim` is its answer's, `notes` are what people wrote.

    `last_event` is the kind of the last event that says something of the run.
    """

    branch: str
    created: str
    photo_name: str
    status: Status
    steps: Count
    last_event: str
    claim: Claim | None = None
    forked_from: ForkPoint | None = None
    notes: tuple[str, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether its run ended with a failure."""
        return self.status == "unfinished" and self.last_event == "failure"


class TripSummary(FrozenModel):
    """Several photos of a case: how many, and what each is together with the others."""

    photos: Count
    together: tuple[Claim, ...] = ()


class CaseSummary(FrozenModel):
    """One case in a list: its branches, or why it cannot be read.

    `trip` is what several photos of it say together, None for a case of one photo. `tags` and
    `archived` are how it is filed.
    """

    name: str
    branches: tuple[BranchSummary, ...] = ()
    problem: str | None = None
    trip: TripSummary | None = None
    tags: tuple[str, ...] = ()
    archived: bool = False


class SummaryInProgress:
    """Takes the events of a branch in order, as JSON."""

    def __init__(self) -> None:
        self._opened: Json | None = None
        self._status: Status = "unfinished"
        self._steps = 0
        self._last_event: Literal["case"] | str = "case"
        self._claim: Json | None = None
        self._notes: list[str] = []

    def take(self, events: Iterable[Json]) -> None:
        """Count the next events."""
        for event in events:
            kind = event["event"]
            self._last_event = self._last_event if kind in BESIDE_THE_RUN else kind
            if kind == "note" and "text" in event:
                self._notes.append(event["text"])
            self._opened = event if kind == "case" else self._opened
            self._steps += kind == "step"
            if kind in _STATUS_AFTER:
                self._status = _STATUS_AFTER[kind]
                self._claim = event["answer"] if kind == "answer" else None

    def summary(self) -> BranchSummary | None:
        """Return the summary of the events so far, None before the first."""
        if self._opened is None:
            return None
        claim = self._claim
        return BranchSummary.model_validate(
            {
                "branch": self._opened["branch"],
                "created": self._opened["time"],
                "photo_name": self._opened["image"]["name"],
                "forked_from": self._opened.get("forked_from"),
                "status": self._status,
                "steps": self._steps,
                "last_event": self._last_event,
                "notes": self._notes,
                "claim": claim and {"level": claim["level"], "place": claim["place"]},
            }
        )


def summary_of(view: CaseView) -> BranchSummary:
    """Return the summary of a branch's trace."""
    opened, answer = view.opened, view.answer
    return BranchSummary(
        branch=opened.branch,
        created=opened.time,
        photo_name=opened.image.name,
        status=view.status,
        steps=len(view.steps),
        last_event=view.last_event.event,
        notes=tuple(event.text for event in view.events if event.event == "note"),
        claim=Claim(level=answer.level, place=answer.place) if answer else None,
        forked_from=opened.forked_from,
    )


def trip_summary_of(trip: TripView) -> TripSummary:
    """Return the summary of a joint trace."""
    joined = trip.joint.joined.photos if trip.joint else ()
    claims = tuple(Claim(level=photo.level, place=photo.place) for photo in joined)
    return TripSummary(photos=len(trip.photos), together=claims)
