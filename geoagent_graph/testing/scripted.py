"""Scripted tools and a scripted policy, for this project's tests and for yours.

from geoagent_graph import locate
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox

toolbox = scripted_toolbox(policy=ScriptedPolicy.towards_lisbon())
answer = await locate(b"any bytes", toolbox=toolbox)
assert answer.place.city == "Lisbon"
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from geoagent_graph.protocols import (
    NOTHING_RULED_OUT,
    FileClaims,
    GeocellScore,
    GeocodedPoint,
    NamedPlace,
    OpenedPhoto,
    Photo,
    PointEstimate,
    RuledOut,
    Situation,
    TextLine,
)
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.trip_types import Joined, JoinedPhoto, PhotoEvidence
from geoagent_graph.types import (
    AnswerPlace,
    Clue,
    Evidence,
    Hypothesis,
    ImageRef,
    Level,
    Place,
    Reference,
    Verdict,
)

EUROPE = Place(
    id="continent:EU", level="continent", name="Europe", continent_code="EU", lat_deg=50, lon_deg=15
)
AFRICA = Place(
    id="continent:AF", level="continent", name="Africa", continent_code="AF", lat_deg=5, lon_deg=20
)
PORTUGAL = Place(
    id="country:PT",
    level="country",
    name="Portugal",
    continent_code="EU",
    country_code="PT",
    country="Portugal",
    lat_deg=39.6,
    lon_deg=-8.4,
)
SPAIN = Place(
    id="country:ES",
    level="country",
    name="Spain",
    continent_code="EU",
    country_code="ES",
    country="Spain",
    lat_deg=39.9,
    lon_deg=-3.6,
)
LISBON = Place(
    id="geonames:2267057",
    level="city",
    name="Lisbon",
    continent_code="EU",
    country_code="PT",
    country="Portugal",
    region="Lisbon",
    city="Lisbon",
    lat_deg=38.71667,
    lon_deg=-9.13333,
)
PORTO = Place(
    id="geonames:2735943",
    level="city",
    name="Porto",
    continent_code="EU",
    country_code="PT",
    country="Portugal",
    region="Porto",
    city="Porto",
    lat_deg=41.14961,
    lon_deg=-8.61099,
)


@dataclass
class MemoryImages:
    """An `ImageStore` that takes any bytes for a grey photo of 64 x 48 pixels."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        """Keep the bytes, or the file's bytes, and return their reference."""
        data = source if isinstance(source, bytes) else source.read_bytes()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.kept[digest] = data
        image = ImageRef(sha256=digest, width=64, height=48, name=name or "photo", format="PNG")
        return OpenedPhoto(image)

    def pixels(self, image: ImageRef, max_side: int | None = None) -> NDArray[np.uint8]:
        """Return a grey photo, shape [48, 64, 3]."""
        del max_side
        return np.full((image.height, image.width, 3), 128, np.uint8)

    def original(self, image: ImageRef) -> bytes:
        """Return the bytes as they came in."""
        return self.kept[image.sha256]


@dataclass(frozen=True)
class FixedTextReader:
    """A `TextReader` that reads the same lines in every photo, or fails with `error`."""

    lines: Sequence[TextLine] = ()
    error: Exception | None = None

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return the lines, or raise the error."""
        del pixels
        if self.error is not None:
            raise self.error
        return list(self.lines)


@dataclass(frozen=True)
class FixedExifReader:
    """An `ExifReader` that finds the same claims in every file."""

    claims: FileClaims

    def read(self, data: bytes) -> FileClaims:
        """Return the claims."""
        del data
        return self.claims


@dataclass(frozen=True)
class MeanColourEncoder:
    """A `VisualEncoder` of three numbers: the mean colour, as a unit vector."""

    encoder_id: str = "mean-colour/1"
    dimension: int = 3

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors, shape [len(photos), 3]."""
        means = np.array([photo.reshape(-1, 3).mean(axis=0) + 1.0 for photo in photos], np.float32)
        means = means.reshape(-1, 3)
        unit: NDArray[np.float32] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return unit


@dataclass(frozen=True)
class FixedRetriever:
    """A `Retriever` that finds the same references, those inside the countries asked for."""

    references: Sequence[Reference] = ()
    identified_by: Mapping[str, JsonValue] = field(default_factory=dict)

    def identity(self) -> Mapping[str, JsonValue]:
        """Return what was given as `identified_by`."""
        return self.identified_by

    def search(
        self, pixels: NDArray[np.uint8], k: int, country_codes: frozenset[str] | None = None
    ) -> list[Reference]:
        """Return the first k references inside the countries."""
        del pixels
        inside = [
            reference
            for reference in self.references
            if country_codes is None or reference.country_code in country_codes
        ]
        return inside[:k]


@dataclass(frozen=True)
class FixedPlaceClassifier:
    """A `PlaceClassifier` that scores every photo alike, or fails with `error`."""

    scores: Sequence[GeocellScore] = ()
    error: Exception | None = None
    classifier_id: str = "fixed"

    def classify(self, pixels: NDArray[np.uint8]) -> list[GeocellScore]:
        """Return the scores, or raise the error."""
        del pixels
        if self.error is not None:
            raise self.error
        return list(self.scores)


@dataclass(frozen=True)
class FixedGeocoder:
    """A `Geocoder` that knows the given places by name and lies everywhere in one point.

    `places` are towns, `larger` the countries and continents there are.
    """

    places: Sequence[Place] = (LISBON, PORTO)
    larger: Sequence[Place] = (EUROPE, AFRICA, SPAIN, PORTUGAL)

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        """Return the first place, whatever the point."""
        del lat_deg, lon_deg
        first = self.places[0]
        return GeocodedPoint(
            continent_code=first.continent_code,
            country_code=first.country_code or "",
            country=first.country or "",
            region=first.region or "",
            city=first.city or "",
            geonames_id=0,
            distance_km=0.0,
            country_source="nearest_town",
        )

    def forward(self, name: str, limit: int = 10) -> list[NamedPlace]:
        """Return the towns of exactly that name, which may be followed by their country's."""
        town, _, country = name.partition(", ")
        return [
            NamedPlace(place=place, matched=town, population=0, similarity=1.0)
            for place in self.places[:limit]
            if place.name == town and country in ("", place.country)
        ]

    def continents(self) -> list[Place]:
        """Return the continents of `larger`."""
        return [place for place in self.larger if place.level == "continent"]

    def countries(self) -> list[Place]:
        """Return the countries of `larger`, in their order."""
        return [place for place in self.larger if place.level == "country"]

    def countries_named(self, name: str) -> list[Place]:
        """Return the country of exactly that name."""
        return [place for place in self.countries() if place.name == name]


NEAR_LISBON = PointEstimate(38.71667, -9.13333, 25.0)


@dataclass(frozen=True)
class FixedEvidence:
    """An `EvidenceModel` that gives each place id the same log likelihood ratio every time.

    It is a `JointEvidence` too.
    """

    log_lr: Mapping[str, float] = field(default_factory=dict)
    point: PointEstimate = NEAR_LISBON

    def score(
        self,
        candidate: Place,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
    ) -> list[Evidence]:
        """Return one line of evidence for a known place, none for others."""
        del within, references
        if candidate.id not in self.log_lr:
            return []
        return [
            Evidence(
                place_id=candidate.id,
                source="script",
                log_lr=self.log_lr[candidate.id],
                clue_ids=tuple(clue.id for clue in clues[:1]),
                reason="as scripted",
            )
        ]

    def locate(
        self,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
        ruled_out: RuledOut = NOTHING_RULED_OUT,
    ) -> PointEstimate:
        """Return the scripted point and radius."""
        del within, clues, references, ruled_out
        return self.point

    def join(self, photos: Sequence[PhotoEvidence]) -> Joined:
        """Return what each photo of a trip came to alone: none changes another."""
        return Joined(photos=tuple(map(self._alone_result, photos)), fit=0.0, formula="scripted")

    def _alone_result(self, photo: PhotoEvidence) -> JoinedPhoto:
        judged = [found[0] for found in photo.levels.values() if found]
        best = judged[-1] if judged else None
        return JoinedPhoto(
            place=AnswerPlace.of(best.place if best else None),
            lat_deg=self.point.lat_deg,
            lon_deg=self.point.lon_deg,
            radius_km=self.point.radius_km,
            level=best.level if best else "none",
            alone=best.probability if best else 0.0,
            together=best.probability if best else 0.0,
            levels=photo.levels,
            because=(f"{photo.name} stays where it is",),
            taken=photo.taken,
        )


@dataclass
class ScriptedPolicy:
    """A `Policy` that plays back candidates per level and verdicts in order.

    `candidates` maps a level to (place, prior) pairs; excluded places are left out. When the
    verdicts are used up it accepts the likeliest candidate. `seen` keeps every situation.
    """

    candidates: Mapping[Level, Sequence[tuple[Place, float]]]
    verdicts: list[Verdict] = field(default_factory=list)
    clues: Sequence[Clue] = ()
    name: str = "scripted"
    model: str | None = None
    seen: list[Situation] = field(default_factory=list)
    identified_by: Mapping[str, JsonValue] = field(default_factory=dict)

    @classmethod
    def towards_lisbon(cls, **changes: Any) -> Self:
        """Return a policy that goes from Europe over Portugal to Lisbon."""
        candidates: dict[Level, list[tuple[Place, float]]] = {
            "continent": [(EUROPE, 0.9), (AFRICA, 0.1)],
            "country": [(PORTUGAL, 0.9), (SPAIN, 0.1)],
            "city": [(LISBON, 0.9), (PORTO, 0.1)],
        }
        return cls(**{"candidates": candidates, **changes})

    def identity(self) -> Mapping[str, JsonValue]:
        """Return what was given as `identified_by`."""
        return self.identified_by

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        """Return the scripted clues."""
        del photo, clues
        return list(self.clues)

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Return the scripted candidates of the level that are not excluded."""
        self.seen.append(situation)
        return [
            Hypothesis(
                level=situation.level, place=place, prior=prior, probability=prior, reason="script"
            )
            for place, prior in self.candidates.get(situation.level, ())
            if place.id not in situation.excluded
        ]

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Return the next scripted verdict, or accept the first candidate."""
        del situation
        if self.verdicts:
            return self.verdicts.pop(0)
        return Verdict(decision="accept", place_id=candidates[0].place.id, reason="as scripted")

    async def aclose(self) -> None:
        """Do nothing: there are no connections."""


def scripted_toolbox(**parts: Any) -> Toolbox:
    """Return a toolbox of fakes that answers Lisbon; `parts` replace single ones."""
    evidence = parts.get("evidence", FixedEvidence())
    defaults: dict[str, Any] = {
        "policy": ScriptedPolicy.towards_lisbon(),
        "evidence": evidence,
        "joint": evidence if isinstance(evidence, FixedEvidence) else None,
        "geocoder": FixedGeocoder(),
        "images": MemoryImages(),
        "countries_of": {"EU": frozenset({"PT", "ES"}), "AF": frozenset({"MA"})},
    }
    return Toolbox(**{**defaults, **parts})
