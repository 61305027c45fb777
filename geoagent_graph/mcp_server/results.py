"""What the tools return: short, typed, and safe to show; the resources hold the whole."""

from collections.abc import Sequence
from dataclasses import asdict

from pydantic import Field

from geoagent_graph.cases.summary import CaseSummary
from geoagent_graph.cases.view import CaseView, Status
from geoagent_graph.geo.surroundings import Surroundings
from geoagent_graph.protocols import NamedPlace
from geoagent_graph.render import wording
from geoagent_graph.safe_text import visible
from geoagent_graph.types import (
    LEVELS,
    Answer,
    AnswerPlace,
    ClaimLevel,
    FrozenModel,
    Hypothesis,
    Level,
    Reference,
    Step,
)

MAX_CANDIDATES = 5
_MAX_REASONS = 4


class Claim(FrozenModel):
    """What the answer stands for.

    `level` none claims nothing, and there is no point. The true place should lie within
    `radius_km` of the point nine times out of ten.
    """

    headline: str
    sentence: str
    level: ClaimLevel
    probability: float
    place: AnswerPlace
    lat_deg: float | None
    lon_deg: float | None
    radius_km: float | None


class Candidate(FrozenModel):
    """A place that was weighed; probabilities are over the whole world."""

    level: Level
    place_id: str
    name: str
    probability: float
    lat_deg: float
    lon_deg: float
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


class Excluded(FrozenModel):
    """A place that was ruled out, and why."""

    name: str
    reason: str


class StepLine(FrozenModel):
    """One step of the run."""

    index: int
    node: str
    level: Level | None
    summary: str
    seconds: float


class OpenQuestion(FrozenModel):
    """A question that waits for `reply`; `problem` says why the last reply was refused."""

    level: Level
    text: str
    problem: str | None
    candidates: tuple[Candidate, ...]


class Links(FrozenModel):
    """Resources of this server; all but the trace are there once there is an answer."""

    answer_json: str
    answer_geojson: str
    report_html: str
    trace: str


class Investigation(FrozenModel):
    """Where a case stands.

    `new_steps` are those of this call. `candidates` are the likeliest places of every level that
    was judged. `status` waiting means that `question` is open.
    """

    case: str
    branch: str
    status: Status
    photo: str
    photo_sha256: str
    new_steps: tuple[StepLine, ...]
    steps_in_all: int
    question: OpenQuestion | None
    claim: Claim | None
    candidates: tuple[Candidate, ...]
    excluded: tuple[Excluded, ...]
    warnings: tuple[str, ...]
    resources: Links
    trace_head: str = Field(description="hash of the last event; it stands for the whole trace")


class NamedPlaces(FrozenModel):
    """The places that a name may mean, the likeliest first; `matched` is the name that fits."""

    places: tuple["NamedPosition", ...]


class NamedPosition(FrozenModel):
    """A place with its position; that of a country or continent is its middle."""

    place_id: str
    level: Level
    name: str
    region: str | None
    country: str | None
    country_code: str | None
    lat_deg: float
    lon_deg: float
    matched: str
    population: int


class CaseLine(FrozenModel):
    """One case in a list: where its first branch stands, and how it is filed."""

    case: str
    branches: tuple[str, ...]
    status: Status | None
    headline: str | None
    photo: str | None
    begun: str | None
    tags: tuple[str, ...]
    archived: bool
    problem: str | None


class FoundCases(FrozenModel):
    """The cases that fit; `total` counts those that the limit left out as well."""

    cases: tuple[CaseLine, ...]
    total: int


class FiledCase(FrozenModel):
    """A case as it is filed now, by the name it has now."""

    case: str
    tags: tuple[str, ...]
    archived: bool


def case_line(case: CaseSummary) -> CaseLine:
    """Return a case as a list shows it."""
    first = case.branches[0] if case.branches else None
    claimed = first.claim if first is not None else None
    return CaseLine(
        case=case.name,
        branches=tuple(branch.branch for branch in case.branches),
        status=first.status if first else None,
        headline=visible(wording.headline(claimed)) if claimed else None,
        photo=visible(first.photo_name) if first else None,
        begun=first.created if first else None,
        tags=tuple(visible(tag) for tag in case.tags),
        archived=case.archived,
        problem=visible(case.problem) if case.problem else None,
    )


def named_position(found: NamedPlace) -> NamedPosition:
    """Return a place of the gazetteer as the tools show it."""
    place = found.place
    return NamedPosition(
        place_id=place.id,
        level=place.level,
        name=visible(place.name),
        region=place.region,
        country=place.country,
        country_code=place.country_code,
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        matched=visible(found.matched),
        population=found.population,
    )


class PointDescription(FrozenModel):
    """What lies at a point: the country by polygon, the nearest town and its distance.

    `border_country_code` is the nearest other country within 100 km; within the error of the map
    (`is_within_border_error`) either may be right. Disputed land names its states by ISO codes.
    """

    lat_deg: float
    lon_deg: float
    continent_code: str
    country_code: str
    country: str
    region: str
    city: str
    geonames_id: int
    distance_km: float
    country_source: str
    border_country_code: str | None = None
    border_km: float | None = None
    is_within_border_error: bool = False
    at_sea: bool = False
    nearest_land_country_code: str | None = None
    nearest_land_km: float | None = None
    disputed_area: str | None = None
    held_by: tuple[str, ...] = ()
    claimed_by: tuple[str, ...] = ()


class SimilarPhotos(FrozenModel):
    """Reference photos, the most similar first, with the credit that their licences ask for."""

    photo_sha256: str
    references: tuple[Reference, ...]


def investigation(view: CaseView, new_steps: Sequence[Step]) -> Investigation:
    """Return where a branch stands as its trace tells it."""
    opened, answer, question = view.opened, view.answer, view.question
    judged = answer.levels if answer is not None else view.candidates
    ranked = [c for level in LEVELS for c in _top_candidates(judged.get(level, ()))]
    return Investigation(
        case=view.case,
        branch=opened.branch,
        status=view.status,
        photo=visible(opened.image.name),
        photo_sha256=opened.image.sha256,
        new_steps=tuple(_step_line(step) for step in new_steps),
        steps_in_all=len(view.steps),
        question=None
        if question is None
        else OpenQuestion(
            level=question.level,
            text=visible(question.text),
            problem=question.problem and visible(question.problem),
            candidates=tuple(_top_candidates(question.candidates, 20)),
        ),
        claim=claim(answer) if answer is not None else None,
        candidates=tuple(ranked),
        excluded=tuple(
            Excluded(name=visible(e.place.name), reason=visible(e.reason))
            for e in (answer.excluded if answer is not None else ())
        ),
        warnings=tuple(visible(w) for w in (answer.warnings if answer else opened.warnings)),
        resources=links(view.case, opened.branch),
        trace_head=view.head,
    )


def claim(answer: Answer) -> Claim:
    """Return what an answer stands for."""
    claimed = answer.level != "none"
    return Claim(
        headline=visible(wording.headline(answer)),
        sentence=visible(wording.claim_sentence(answer)),
        level=answer.level,
        probability=answer.probability,
        place=answer.place,
        lat_deg=answer.lat_deg if claimed else None,
        lon_deg=answer.lon_deg if claimed else None,
        radius_km=answer.radius_km if claimed else None,
    )


def links(case: str, branch: str) -> Links:
    """Return where the documents of a branch are."""
    base = f"geoagent://cases/{case}" + ("" if branch == "main" else f"/branches/{branch}")
    return Links(
        answer_json=f"{base}/answer.json",
        answer_geojson=f"{base}/answer.geojson",
        report_html=f"{base}/report.html",
        trace=f"{base}/trace.jsonl",
    )


def point_description(found: Surroundings, lat_deg: float, lon_deg: float) -> PointDescription:
    """Return what lies at a point and around it."""
    border, land, dispute = found.border, found.land, found.dispute
    return PointDescription(
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        **asdict(found.point),
        border_country_code=border.country_code if border else None,
        border_km=border.distance_km if border else None,
        is_within_border_error=found.is_within_border_error,
        at_sea=found.is_at_sea,
        nearest_land_country_code=land.country_code if land else None,
        nearest_land_km=land.distance_km if land else None,
        disputed_area=dispute.name if dispute else None,
        held_by=dispute.held_by if dispute else (),
        claimed_by=dispute.claimed_by if dispute else (),
    )


def step_line(step: Step) -> str:
    """Return a step as one line for progress."""
    level = f" ({step.level})" if step.level else ""
    return visible(f"{step.node}{level}: {step.summary}", 300)


def _step_line(step: Step) -> StepLine:
    return StepLine(
        index=step.index,
        node=step.node,
        level=step.level,
        summary=visible(step.summary),
        seconds=round(step.seconds, 4),
    )


def _top_candidates(
    hypotheses: Sequence[Hypothesis], most: int = MAX_CANDIDATES
) -> list[Candidate]:
    likeliest = sorted(hypotheses, key=lambda h: -h.probability)[:most]
    return [_candidate_of(hypothesis) for hypothesis in likeliest]


def _candidate_of(hypothesis: Hypothesis) -> Candidate:
    place = hypothesis.place
    spoke_for, spoke_against = (
        tuple(visible(evidence.reason) for evidence in spoken[:_MAX_REASONS])
        for spoken in wording.for_and_against(hypothesis)
    )
    return Candidate(
        level=hypothesis.level,
        place_id=visible(place.id),
        name=visible(wording.place_name(place)),
        probability=hypothesis.probability,
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        speaks_for=spoke_for,
        speaks_against=spoke_against,
    )
