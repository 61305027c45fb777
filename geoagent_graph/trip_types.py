"""The nouns of several photos of one trip: what goes into their joint posterior, what comes out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol

from pydantic import Field

from geoagent_graph.errors import InputError
from geoagent_graph.protocols import NOTHING_RULED_OUT, RuledOut
from geoagent_graph.types import (
    AnswerPlace,
    ClaimLevel,
    Clue,
    Finite,
    FrozenModel,
    Hypothesis,
    LatDeg,
    Level,
    LonDeg,
    Probability,
    Reference,
)

MAX_PHOTOS = 24
TIME_KIND = "time_said"  # the clue of a time that a person has said
Clock = Literal["date", "elapsed"]
_ELAPSED = re.compile(
    r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d(?:\.\d{1,6})?)|(\d{1,6}(?:\.\d{1,6})?)", re.ASCII
)


class Taken(FrozenModel):
    """When a photo was taken, as its file or a person says.

    `clock_s` are seconds as the clock showed them: since 1970 for a `date`, since the beginning of
    a video for `elapsed`. `utc_s` is the same moment in UTC, None where the offset is not known.
    """

    text: Annotated[str, Field(min_length=1, max_length=60)]
    said_by: Literal["file", "person"]
    clock: Clock
    clock_s: Finite
    utc_s: Finite | None = None


class JoinedPhoto(FrozenModel):
    """What one photo's place is together with the others.

    The fields mean what they mean in `Answer`, but for `levels`: in its hypotheses `prior` is the
    probability by this photo alone, `probability` the one together with the others, and the
    evidence says what each neighbour in time adds. `alone` and `together` are the probabilities of
    the place that is claimed together. `because` says in words what changed.
    """

    place: AnswerPlace
    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_km: Annotated[float, Field(ge=0.0, le=20100.0, allow_inf_nan=False)]
    level: ClaimLevel
    alone: Probability
    together: Probability
    levels: dict[Level, tuple[Hypothesis, ...]]
    because: tuple[str, ...] = ()
    taken: Taken | None = None


class Joined(FrozenModel):
    """The joint result of a trip, its photos in the order in which they were given.

    `fit` is the decimal logarithm of how much better the photos fit together as one trip with
    these times than as photos of unrelated places; None where they contradict each other: then
    `contradiction` says why, and every photo keeps the places it has alone. `times_right` is the
    probability that the times which files claim are right, None where none is used. `formula` names
    the travel model, see `geoagent_graph.evidence.trip.travel_prior`.
    """

    photos: tuple[JoinedPhoto, ...]
    fit: Finite | None
    contradiction: str | None = None
    times_right: Probability | None = None
    warnings: tuple[str, ...] = ()
    formula: str


@dataclass(frozen=True, slots=True)
class PhotoEvidence:
    """What one photo's own run came to.

    `key` orders photos of one moment, whatever order they are given in; `name` is for people.
    `levels` holds the candidates of its answer, with probabilities over the whole world.
    """

    key: str
    name: str
    clues: Sequence[Clue] = ()
    references: Sequence[Reference] = ()
    levels: dict[Level, tuple[Hypothesis, ...]] = field(default_factory=dict)
    ruled_out: RuledOut = NOTHING_RULED_OUT
    taken: Taken | None = None


class JointEvidence(Protocol):
    """Weighs several photos of one trip together."""

    def join(self, photos: Sequence[PhotoEvidence]) -> Joined:
        """Return what the photos' places are together; photos without a time take part too."""
        ...


def order_by_time(photos: Sequence[tuple[Taken | None, str]]) -> tuple[int, ...]:
    """Return which of (time, key) pairs have times that can be compared, the earliest first.

    Dates count before times since a video began; the key orders photos of one moment.
    """
    clocks = {taken.clock for taken, _ in photos if taken is not None}
    clock = "date" if "date" in clocks else "elapsed"
    timed = [
        (taken, key, index)
        for index, (taken, key) in enumerate(photos)
        if taken is not None and taken.clock == clock
    ]
    in_utc = all(taken.utc_s is not None for taken, _, _ in timed)
    moments = [
        ((taken.utc_s if in_utc else taken.clock_s) or 0.0, key, index)
        for taken, key, index in timed
    ]
    return tuple(index for *_, index in sorted(moments))


def parse_time_taken(words: str) -> Taken:
    """Return a time as a person writes it: a date, or the time since a video began.

    Raises:
        InputError: it is neither.
    """
    text = words.strip()
    elapsed = _ELAPSED.fullmatch(text)
    if elapsed:
        hours, minutes, seconds, only_seconds = elapsed.groups()
        clock_s = 3600.0 * int(hours or 0) + 60.0 * int(minutes or 0)
        clock_s += float(seconds or only_seconds)
        return Taken(text=text, said_by="person", clock="elapsed", clock_s=clock_s)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or len(text) < len("2024-05-01T10:00") or len(text) > 60:
        raise InputError(
            f"{words[:60]}: no time; write 2024-05-01T10:35, 2024-05-01T10:35:00+02:00, or for a "
            "frame of a video the time since it began, as 1:23.5"
        )
    return _time_of_date(text, moment, "person")


def parse_times(texts: Sequence[str]) -> list[Taken | None]:
    """Return times as a person writes them, one for each photo; None where a text is empty.

    Raises:
        InputError: one is no time, or some are dates and others times since a video began.
    """
    taken = [parse_time_taken(text) if text.strip() else None for text in texts]
    if len({moment.clock for moment in taken if moment is not None}) > 1:
        raise InputError("times: give dates only, or times since a video began only")
    return taken


def time_in_video(text: str, at_s: float) -> Taken:
    """Return the time of a frame, in seconds since its video began, as the video's file has it."""
    return Taken(text=text, said_by="file", clock="elapsed", clock_s=at_s)


def file_claim_of_time(clues: Sequence[Clue]) -> Taken | None:
    """Return the time that a photo's file claims, None where it claims none."""
    claims: dict[str, str] = {}
    for clue in clues:
        if clue.kind == "exif_other" and clue.source == "exif_reader":
            claims |= clue.attributes
    try:
        text = claims["taken_at"] + claims.get("utc_offset", "")
        return _time_of_date(text, datetime.fromisoformat(text), "file")
    except (KeyError, ValueError):
        return None


def _time_of_date(text: str, moment: datetime, said_by: Literal["file", "person"]) -> Taken:
    shown = moment.replace(tzinfo=UTC)  # the clock's own reading, whatever its zone
    utc_s = moment.timestamp() if moment.tzinfo else None
    clock_s = shown.timestamp()
    return Taken(text=text, said_by=said_by, clock="date", clock_s=clock_s, utc_s=utc_s)
