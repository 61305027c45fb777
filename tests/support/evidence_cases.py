"""Runs the evidence policy over hand-made text clues, as the graph would."""

import asyncio
import math
from dataclasses import dataclass
from functools import cache

from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import script_of
from geoagent_graph.policies.evidence_policy import EvidencePolicy
from geoagent_graph.protocols import Photo, PointEstimate, Situation
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import MemoryImages
from geoagent_graph.types import (
    LEVELS,
    Clue,
    Hypothesis,
    ImageRef,
    Level,
    Place,
    Reference,
    Verdict,
)

IMAGE = ImageRef(sha256="sha256:" + "0" * 64, width=64, height=48, name="a photo", format="PNG")
PHOTO = Photo(IMAGE, MemoryImages())


class Case:
    """Lines of text and perhaps a claimed position, with what the answer must or must not be."""

    def __init__(
        self,
        *lines: str,
        exif: tuple[float, float] | None = None,
        country: str | None = None,
        city: str | None = None,
        region: str | None = None,
        level: str | None = None,
        not_country: str | None = None,
        not_city: str | None = None,
    ) -> None:
        self.lines = lines
        self.exif = exif
        self.country = country
        self.city = city
        self.region = region
        self.level = level
        self.not_country = not_country
        self.not_city = not_city

    def __str__(self) -> str:
        expected = self.city or self.country or self.level or f"not {self.not_country}"
        return f"{' / '.join(self.lines) or 'nothing'} -> {expected}"[:70]


@dataclass(frozen=True)
class Found:
    level: str
    country: str | None
    region: str | None
    city: str | None
    probability: float
    point: PointEstimate
    verdicts: tuple[Verdict, ...]
    candidates: tuple[tuple[Hypothesis, ...], ...]


@cache
def model() -> BayesEvidence:
    return BayesEvidence(open_gazetteer(load_settings()))


def text_clue(text: str, number: int = 0) -> Clue:
    attributes = {}
    script = script_of(text)
    language, confidence = language_of(text)
    if script:
        attributes["script"] = script
    if language:
        attributes |= {"language": language, "language_confidence": f"{confidence:.3f}"}
    return Clue(
        id=f"text:{number}",
        kind="text",
        text=text,
        source="text_reader:hand",
        confidence=0.95,
        attributes=attributes,
    )


def exif_clue(lat_deg: float, lon_deg: float) -> Clue:
    return Clue(
        id="exif_position:0",
        kind="exif_position",
        text=f"the file claims {lat_deg}, {lon_deg}",
        source="exif_reader",
        attributes={"lat_deg": str(lat_deg), "lon_deg": str(lon_deg)},
    )


def observed(case: Case) -> list[Clue]:
    clues = [text_clue(line, number) for number, line in enumerate(case.lines)]
    if case.exif:
        clues.append(exif_clue(*case.exif))
    policy = EvidencePolicy(model())
    return clues + asyncio.run(policy.draft(PHOTO, clues))


def situation(
    level: Level, within: Place | None, clues: list[Clue], references: tuple[Reference, ...] = ()
) -> Situation:
    return Situation(
        photo=PHOTO,
        level=level,
        within=within,
        clues=tuple(clues),
        references=references,
        excluded=frozenset(),
        attempt=0,
        steps_left=40,
    )


def scored(at: Situation) -> list[Hypothesis]:
    """Propose and score, as the graph does: probability = prior x likelihood ratio."""
    policy = EvidencePolicy(model())
    candidates = []
    for hypothesis in asyncio.run(policy.propose(at)):
        evidence = model().score(hypothesis.place, at.within, at.clues, at.references)
        probability = hypothesis.prior * math.exp(sum(item.log_lr for item in evidence))
        candidates.append(
            hypothesis.model_copy(
                update={"probability": min(1.0, probability), "evidence": tuple(evidence)}
            )
        )
    return sorted(candidates, key=lambda candidate: -candidate.probability)


def answer_to(case: Case, references: tuple[Reference, ...] = ()) -> Found:
    clues = observed(case)
    policy = EvidencePolicy(model())
    within: Place | None = None
    probability = 1.0
    verdicts, lists = [], []
    for level in LEVELS:
        at = situation(level, within, clues, references)
        candidates = scored(at)
        verdict = asyncio.run(policy.judge(at, candidates))
        verdicts.append(verdict)
        lists.append(tuple(candidates))
        if verdict.decision != "accept":
            break
        chosen = next(c for c in candidates if c.place.id == verdict.place_id)
        within = chosen.place
        probability *= chosen.probability
    return Found(
        level=within.level if within else "none",
        country=within.country_code if within else None,
        region=within.region if within else None,
        city=within.city if within else None,
        probability=probability,
        point=model().locate(within, clues, references),
        verdicts=tuple(verdicts),
        candidates=tuple(lists),
    )
