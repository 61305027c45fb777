"""What is said of several photos of a case together, format `geojoint/1`: a trace of its own.

`joint.geojoint.jsonl` is written and chained as the trace of a branch is, see `events.py`. Its
events name the branches of the photos and the hashes of their answers, so that with the photos'
traces beside it everything that went into a joint result is at hand.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from geoagent_graph.cases.events import CustodyNoted, Environment, Hex64, TraceSigned
from geoagent_graph.trip_types import Joined, Taken
from geoagent_graph.types import FrozenModel, ImageRef, Json

TRIP_FORMAT = "geojoint/1"
TRIP_SUFFIX = ".geojoint.jsonl"


class _Linked(FrozenModel):
    seq: Annotated[int, Field(ge=0)]
    time: str
    prev: Hex64
    hash: Hex64


class TripOpened(_Linked):
    """The first line: which case."""

    event: Literal["trip"]
    format: Literal["geojoint/1"]
    case: str


class PhotoAdded(_Linked):
    """A photo of the case: the first branch of its own, and when a person says it was taken."""

    event: Literal["photo"]
    branch: str
    image: ImageRef
    taken: Taken | None = None


class JointInput(FrozenModel):
    """What of one photo went into a joint result: its answer, by that event's hash, and its time.

    `taken` is the time that was used: a person's word, else the file's claim, None without any.
    """

    branch: str
    answer: Hex64
    taken: Taken | None = None


class LeftOut(FrozenModel):
    """A photo that took no part, and why."""

    branch: str
    reason: str


class TripJoined(_Linked):
    """A joint result; its photos are in the order of the inputs."""

    event: Literal["joint"]
    inputs: tuple[JointInput, ...]
    left_out: tuple[LeftOut, ...]
    joined: Joined
    environment: Environment


TripEvent = TripOpened | PhotoAdded | TripJoined | CustodyNoted | TraceSigned
_EVENT: TypeAdapter[TripEvent] = TypeAdapter(Annotated[TripEvent, Field(discriminator="event")])


def trip_event_of(line: Json) -> TripEvent:
    """Return a line as a typed event.

    Raises:
        pydantic.ValidationError: it is no event of this format.
    """
    return _EVENT.validate_python(line)


def trip_schema() -> Json:
    """Return the JSON schema of one line."""
    return _EVENT.json_schema()
