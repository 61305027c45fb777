"""What the trace of several photos says: the one source of every view of a joint result."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from geoagent_graph.cases.trace_file import read_chain, read_whole_lines
from geoagent_graph.cases.trip.trip_events import (
    PhotoAdded,
    TripEvent,
    TripJoined,
    TripOpened,
    trip_event_of,
)
from geoagent_graph.cases.view import CaseView, name_in_trace
from geoagent_graph.display import html_of
from geoagent_graph.trip_types import JoinedPhoto, order_by_time
from geoagent_graph.types import LEVELS, Answer


@dataclass(frozen=True)
class TripView:
    """The photos of a case and what they came to together, as `joint.geojoint.jsonl` tells it.

    `stored_as` is the case's name in its store.
    """

    events: tuple[TripEvent, ...]
    trace_path: Path | None = field(default=None, compare=False)
    stored_as: str | None = field(default=None, compare=False)

    @property
    def case(self) -> str:
        """The case's name: in its store, else as its trace was renamed last, else as begun."""
        return self.stored_as or name_in_trace(self.events) or self.opened.case

    @property
    def opened(self) -> TripOpened:
        """The first event."""
        first = self.events[0]
        assert isinstance(first, TripOpened)
        return first

    @property
    def head(self) -> str:
        """The hash of the last event: it stands for the whole trace."""
        return self.events[-1].hash

    @cached_property
    def photos(self) -> tuple[PhotoAdded, ...]:
        """The photos in the order in which they were added."""
        return tuple(event for event in self.events if event.event == "photo")

    @cached_property
    def joint(self) -> TripJoined | None:
        """The newest joint result."""
        found = [event for event in self.events if event.event == "joint"]
        return found[-1] if found else None

    def joined(self, branch: str) -> JoinedPhoto | None:
        """Return what one photo's place is together with the others."""
        if self.joint is None:
            return None
        pairs = zip(self.joint.inputs, self.joint.joined.photos, strict=True)
        found = next((photo for item, photo in pairs if item.branch == branch), None)
        if found is None:
            return None
        levels = {level: found.levels[level] for level in LEVELS if level in found.levels}
        return found.model_copy(update={"levels": levels})

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The branches of the photos whose times could be compared, the earliest first."""
        if self.joint is None:
            return ()
        images = {photo.branch: photo.image.sha256 for photo in self.photos}
        inputs = self.joint.inputs
        order = order_by_time([(item.taken, images.get(item.branch, "")) for item in inputs])
        return tuple(inputs[index].branch for index in order)

    def __repr__(self) -> str:
        return f"<TripView {self.case}: {len(self.photos)} photos>"

    def _repr_html_(self) -> str:
        """Return the joint result as a notebook shows it: a map and a row for each photo."""
        return html_of(self)

    def trace_text(self) -> str:
        """Return the joint trace as it is to be handed on: its whole lines, byte for byte.

        Raises:
            StorageError: it cannot be read.
        """
        assert self.trace_path is not None, "a view of events without a file"
        return read_whole_lines(self.trace_path)

    def number(self, branch: str) -> int:
        """Return which photo a branch is about: 1 for the first."""
        return next(i for i, p in enumerate(self.photos, start=1) if p.branch == branch)

    def is_current(self, views: dict[str, CaseView]) -> bool:
        """Return whether the joint result is made from the newest answers of the photos."""
        if self.joint is None or {p.branch for p in self.photos} - views.keys():
            return False
        used = {item.branch: item.answer for item in self.joint.inputs}
        newest = {p.branch: answer_hash(views[p.branch]) for p in self.photos}
        return {branch: used.get(branch) for branch in newest} == newest


def answer_hash(view: CaseView) -> str | None:
    """Return the hash of the event of a branch's answer, None while it has none."""
    if view.answer is None:
        return None
    return next(event.hash for event in reversed(view.events) if event.event == "answer")


def answer_together(answer: Answer, joined: JoinedPhoto) -> Answer:
    """Return a photo's answer with the place it has together with the others.

    The probabilities of all countries are those of the photo alone, so they are left out.
    """
    return answer.model_copy(
        update={
            "place": joined.place,
            "lat_deg": joined.lat_deg,
            "lon_deg": joined.lon_deg,
            "radius_km": joined.radius_km,
            "level": joined.level,
            "probability": joined.together,
            "levels": joined.levels,
            "countries": {},
        }
    )


def read_trip_view(path: Path, stored_as: str | None = None) -> TripView:
    """Return the view of a `*.geojoint.jsonl` whose chain holds.

    Raises:
        CheckpointError: it is no such trace, damaged or changed.
        StorageError: it cannot be read.
    """
    return TripView(tuple(read_chain(path, trip_event_of, "trip")), path, stored_as)
