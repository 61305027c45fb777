"""The seams: what the graph asks of its tools and of its policy; fakes are in `testing`.

Tools are synchronous and thread-safe; the nodes call them in a worker thread. Policies are
asynchronous, because some live on a server. A class need not inherit from its protocol; `Toolbox`
says in one sentence what it lacks.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from geoagent_graph.file_claims import FileClaims as FileClaims
from geoagent_graph.file_claims import NamedLocation as NamedLocation
from geoagent_graph.photo_places import Geocell as Geocell
from geoagent_graph.photo_places import GeocellScore as GeocellScore
from geoagent_graph.photo_places import PhotoPlaces as PhotoPlaces
from geoagent_graph.photo_places import PlaceClassifier as PlaceClassifier
from geoagent_graph.search_areas import SearchArea, SearchCircle
from geoagent_graph.types import (
    Box,
    Clue,
    Evidence,
    Hypothesis,
    ImageRef,
    Level,
    Place,
    Reference,
    SourceWeight,
    Verdict,
)

MAX_ATTEMPTS_PER_LEVEL = 3


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text in a photo, as the reader saw it.

    `script` is an ISO 15924 code (`Latn`, `Cyrl`, ...), `language` ISO 639-1 or None where the line
    is too short to tell. `readable` is False for a box that no installed recogniser reads; its text
    is empty or unreliable then, and `unread` says in words for people why, and what to install.
    """

    text: str
    box: Box
    confidence: float
    script: str | None
    language: str | None
    language_confidence: float
    recogniser: str
    readable: bool = True
    unread: str = ""


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


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as a policy gets it: what it is, and its pixels wherever the graph runs."""

    image: ImageRef
    images: ImageStore

    def pixels(self, max_side: int | None = None) -> NDArray[np.uint8]:
        """Return the upright photo as RGB, shape [height, width, 3], at most `max_side` long.

        It may decode the file: from a coroutine, call it through `asyncio.to_thread`.

        Raises:
            PhotoError: the photo is not held, or its stored copy has changed.
        """
        return self.images.pixels(self.image, max_side)

    def original(self) -> bytes:
        """Return the bytes of the file as it came in.

        Raises:
            PhotoError: the photo is not held, or its stored copy has changed.
        """
        return self.images.original(self.image)

    def sidecar(self) -> bytes | None:
        """Return the bytes of the XMP file that lay beside the photo; None where none did.

        Raises:
            PhotoError: it is not held, or its stored copy has changed.
        """
        if self.image.sidecar is None:
            return None
        beside = {"sha256": self.image.sidecar, "sidecar": None}
        return self.images.original(self.image.model_copy(update=beside))


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


@runtime_checkable
class PlaceEncoding(Protocol):
    """What a `VisualEncoder` may have beside: another one whose vectors tell places apart."""

    @property
    def place_encoder(self) -> VisualEncoder | None:
        """What the classifier of an index learns from; None takes the vectors of the search."""
        ...


def place_encoder_of(encoder: VisualEncoder | None) -> VisualEncoder | None:
    """Return the encoder that an index learns places with; None where it is the encoder itself."""
    return encoder.place_encoder if isinstance(encoder, PlaceEncoding) else None


class ExifReader(Protocol):
    """Reads what a file claims about itself."""

    def read(self, data: bytes) -> FileClaims:
        """Return the claims in the file's metadata; empty ones when there is none."""
        ...


RETRIEVER_MAX_SIDE_PX: Final = 512
"""Longest side of the photos that a retriever is asked about."""


class Retriever(Protocol):
    """Finds reference photos that look alike; how it compares photos is its own affair."""

    def search(
        self,
        pixels: NDArray[np.uint8],
        k: int,
        country_codes: frozenset[str] | None = None,
    ) -> list[Reference]:
        """Return the k references most similar to an RGB photo, best first.

        Args:
            pixels: shape [height, width, 3], at most `RETRIEVER_MAX_SIDE_PX` long.
            k: at most so many.
            country_codes: only references inside these countries; None takes all.

        Raises:
            ToolError: it cannot search; the answer goes without it and says so.
        """
        ...

    def identity(self) -> Mapping[str, JsonValue]:
        """Return what its results depend on, as plain JSON, so that a stored run can name it.

        `encoder` names weights and preprocessing, `index_sha256` the references; other keys are the
        retriever's own.
        """
        ...


class Geocoder(Protocol):
    """Names to places and points to names, and the list of what there is."""

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        """Return what lies at a point."""
        ...

    def forward(self, name: str, limit: int = 10) -> list[NamedPlace]:
        """Return the places a name may mean, the likeliest first; empty when there is none."""
        ...

    def continents(self) -> list[Place]:
        """Return all continents."""
        ...

    def countries(self) -> list[Place]:
        """Return all countries, the most populous first."""
        ...

    def countries_named(self, name: str) -> list[Place]:
        """Return the countries that bear a name in any language; empty when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class RuledOut:
    """Where a photo was not taken, on a verdict's or a person's word.

    `places` were excluded; where there is a `circle`, or are `areas`, nothing outside of all of
    them comes into question.
    """

    places: tuple[Place, ...] = ()
    circle: SearchCircle | None = None
    areas: tuple[SearchArea, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.places or self.every_area)

    @property
    def every_area(self) -> tuple[SearchArea, ...]:
        """The areas, the circle among them, each once."""
        circle = (self.circle,) if self.circle is not None else ()
        return tuple(dict.fromkeys((*circle, *self.areas)))


NOTHING_RULED_OUT = RuledOut()


@dataclass(frozen=True, slots=True)
class PointEstimate:
    """A best single point, and the radius that should hold the truth nine times out of ten.

    `countries` is P(country | all observations and what was ruled out) over the whole world, by ISO
    code, the likeliest first; empty where the evidence model does not say. `is_prior` tells that
    nothing was observed that tells places apart: the point is where photos are taken at all.
    `source_weights` says what each source weighed; empty where the evidence model does not.
    """

    lat_deg: float
    lon_deg: float
    radius_km: float
    countries: Mapping[str, float] = field(default_factory=dict)
    is_prior: bool = False
    source_weights: tuple[SourceWeight, ...] = ()


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
    ) -> PointEstimate:
        """Return the best point inside `within` and its 90 % radius.

        The point lies in nothing that is ruled out, and the radius is given that this is right.
        """
        ...


@dataclass(frozen=True, slots=True)
class Situation:
    """All a policy may look at when it proposes or judges; `within` is the last accepted place."""

    photo: Photo
    level: Level
    within: Place | None
    clues: tuple[Clue, ...]
    references: tuple[Reference, ...]
    excluded: frozenset[str]  # place ids that were rejected
    attempt: int  # 0 for the first try at this level, up to `MAX_ATTEMPTS_PER_LEVEL` - 1
    steps_left: int

    @property
    def image(self) -> ImageRef:
        """What the photo is, without its pixels."""
        return self.photo.image


class Policy(Protocol):
    """Decides: what is in the photo, which places come into question, when to stop.

    A class that inherits from it has `model`, `identity` and `aclose` of a policy without a model.
    """

    @property
    def name(self) -> str:
        """Name as given to `--policy`."""
        ...

    @property
    def model(self) -> str | None:
        """Name of the model it asks, with its revision where that is known; None without one."""
        return None

    def identity(self) -> Mapping[str, JsonValue]:
        """Return what its decisions depend on beyond its name and model, as plain JSON.

        Answers that are kept (`geoagent locate --keep`) count for the same identity only.
        `calibration` and `prompts_sha256` are those of a language model; other keys are its own.
        """
        return {}

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
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
        return


def __getattr__(name: str) -> Any:
    if name != "ExifClaims":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn("ExifClaims is now FileClaims", DeprecationWarning, stacklevel=2)
    return FileClaims
