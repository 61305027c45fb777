"""What a system answered for one photo, before place names are looked up."""

from dataclasses import dataclass, replace
from typing import Final

MAX_CANDIDATES: Final = 1000
MAX_PLACE_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Point:
    """A guess: degrees, and its probability where one is stated."""

    lat_deg: float
    lon_deg: float
    probability: float | None = None

    @property
    def is_on_earth(self) -> bool:
        """Say whether latitude and longitude are in range."""
        return abs(self.lat_deg) <= 90 and abs(self.lon_deg) <= 180


@dataclass(frozen=True, slots=True)
class Answer:
    """Points, best first; or a place to look up; or an abstention; or why there is neither.

    `place` is written small before large ("Lyon, Auvergne, France").
    """

    points: tuple[Point, ...] = ()
    place: str = ""
    abstained: bool = False
    problem: str = ""

    @property
    def says_something(self) -> bool:
        """Say whether it is a claim or a refusal to make one."""
        return bool(self.points or self.place or self.abstained)


def failure(problem: str) -> Answer:
    """Return the answer of a system that gave none that can be read."""
    return Answer(problem=problem)


def checked_answer(answer: Answer) -> Answer:
    """Return an answer whose points lie on Earth; one with any other is a failure."""
    wrong = next((point for point in answer.points if not point.is_on_earth), None)
    if wrong is not None:
        return failure(f"{wrong.lat_deg:g}, {wrong.lon_deg:g} is no point on Earth")
    return replace(answer, points=answer.points[:MAX_CANDIDATES])
