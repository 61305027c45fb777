"""The seams: what the graph asks of its tools and of its policy.

Fakes for every protocol ship in `geoagent_graph.testing`. Tools are synchronous and thread-safe;
the nodes call them in a worker thread. Policies are asynchronous, because some live on a server.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.questions import SearchCircle
from geoagent_graph.types import (
    Box,
    Clue,
    Evidence,
    Hypothesis,
    ImageRef,
    Level,
    Place,
    Reference,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text in a photo, as the reader saw it.

    `script` is an ISO 15924 code (`Latn`, `Cyrl`, `Hang`, ...), `language` ISO 639-1 or None where
    the line is too short to tell. `readable` is False for a box whose script no installed
    recogniser covers; its `text` is then empty or unreliable.
    """

    text: str
    box: Box
    confidence: float
    script: str | None
    language: str | None
    language_confidence: float
    recogniser: str
    readable: bool = True


@dataclass(frozen=True, slots=True)
class GeocodedPoint:
    """What lies at a point: the country by polygon, the nearest town and its distance."""

    continent_code: str
    country_code: str
    country: str
    region: str
    city: str
    geonames_id: int
    distance_km: float
    country_source: str  # "polygon", "nearest_coast" or "nearest_town"


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place that answers to a name: how well it matches and how many people live there."""

    place: Place
    matched: str  # the alias that matched
    population: int
    similarity: float  # 1.0 for an exact match after folding, less for a fuzzy one


@dataclass(frozen=True, slots=True)
class FileClaims:
    """What the file says about itself; None where it says nothing. Never trusted silently."""

    lat_deg: float | None
    lon_deg: float | None
    taken_at: str | None
    utc_offset: str | None
    camera: str | None
    software: str | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedPhoto:
    """A photo that is in the store, and what its reader must know about how it was read."""

    image: ImageRef
    warnings: tuple[str, ...] = ()


class ImageStore(Protocol):
    """Content-addressed photos."""

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        """Read, check, decode and keep a photo; `name` is what people read.

        Raises:
            PhotoError: it is missing, unreadable, too large or not a photo.
        """
        ...

    def pixels(self, image: ImageRef, max_side: int | None = None) -> NDArray[np.uint8]:
        """Return the upright photo as RGB, shape [height, width, 3], at most `max_side` long."""
        ...

    def original(self, image: ImageRef) -> bytes:
        """Return the bytes of the file as it came in."""
        ...


class TextReader(Protocol):
    """Reads text in photos."""

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return the lines of text in an RGB photo, shape [height, width, 3], top to bottom."""
        ...


class VisualEncoder(Protocol):
    """Turns photos into vectors."""

    @property
    def encoder_id(self) -> str:
        """Name of the weights and the preprocessing; an index remembers it."""
        ...

    @property
    def dimension(self) -> int:
        """Length of one embedding."""
        ...

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors, shape [len(photos), dimension]."""
        ...


class ExifReader(Protocol):
    """Reads what a file claims about itself."""

    def read(self, data: bytes) -> FileClaims:
        """Return the claims in the file's metadata; empty ones when there is none."""
        ...


class Retriever(Protocol):
    """Finds reference photos that look alike."""

    def search(
        self,
        embedding: NDArray[np.float32],
        k: int,
        country_codes: frozenset[str] | None = None,
    ) -> list[Reference]:
        """Return the k most similar references, best first, inside the given countries."""
        ...


class Geocoder(Protocol):
    """Names to places and points to names."""

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        """Return what lies at a point."""
        ...

    def forward(self, name: str, limit: int = 10) -> list[NamedPlace]:
        """Return the places a name may mean, the likeliest first; empty when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class RuledOut:
    """Where a photo was not taken, on a verdict's or a person's word.

    `places` were excluded; where there is a `circle`, nothing outside of it comes into question.
    """

    places: tuple[Place, ...] = ()
    circle: SearchCircle | None = None

    def __bool__(self) -> bool:
        return bool(self.places) or self.circle is not None


NOTHING_RULED_OUT = RuledOut()


class EvidenceModel(Protocol):
    """Turns observations into likelihood ratios over places."""

    def score(
        self,
        candidate: Place,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
    ) -> list[Evidence]:
        """Return what each source says about a candidate against the region it lies in.

        The sum of the `log_lr` is log P(all observations | candidate) - log P(all | within).
        """
        ...

    def locate(
        self,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
        ruled_out: RuledOut = NOTHING_RULED_OUT,
    ) -> tuple[float, float, float]:
        """Return (lat_deg, lon_deg, radius_km): the best point inside `within`, 90 % radius.

        The point lies in nothing that is ruled out, and the radius is given that this is right.
        """
        ...


@dataclass(frozen=True, slots=True)
class Situation:
    """All a policy may look at when it proposes or judges; `within` is the last accepted place."""

    image: ImageRef
    level: Level
    within: Place | None
    clues: tuple[Clue, ...]
    references: tuple[Reference, ...]
    excluded: frozenset[str]  # place ids that were rejected
    attempt: int  # 0 for the first try at this level, then 1, 2, ...
    steps_left: int


class Policy(Protocol):
    """Decides: what is in the photo, which places come into question, when to stop."""

    @property
    def name(self) -> str:
        """Name as given to `--policy`."""
        ...

    @property
    def model(self) -> str | None:
        """Name of the model it asks, with its revision where that is known; None without one."""
        ...

    async def draft(self, image: ImageRef, clues: Sequence[Clue]) -> list[Clue]:
        """Return the clues the policy adds to what the perception tools found."""
        ...

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return ranked candidates of `situation.level` with their prior probabilities."""
        ...

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Return the decision over candidates that carry evidence and posterior probability."""
        ...

    async def aclose(self) -> None:
        """Let go of connections of the running event loop; the policy can be asked again."""
        ...


def __getattr__(name: str) -> Any:
    if name != "ExifClaims":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn("ExifClaims is now FileClaims", DeprecationWarning, stacklevel=2)
    return FileClaims
