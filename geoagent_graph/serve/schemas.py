"""What the server says: its own nouns beside those of `geoagent_graph.types`."""

from typing import Annotated, Literal

from pydantic import Field

from geoagent_graph.cases.events import ForkPoint, Hex64
from geoagent_graph.cases.names import NAME_PATTERN
from geoagent_graph.cases.trip.trip_photos import RefusedPhoto
from geoagent_graph.positions.forms import MAX_CHARS
from geoagent_graph.questions import Ask, Question, Words
from geoagent_graph.render.next_steps import NextSteps
from geoagent_graph.serve.basemap import BasemapState
from geoagent_graph.serve.limits import Limits
from geoagent_graph.sun_marks import SunStatement
from geoagent_graph.types import (
    Answer,
    ClaimLevel,
    ContinentCode,
    CountryCode,
    Exclusion,
    FrozenModel,
    Hypothesis,
    ImageRef,
    LatDeg,
    Level,
    LonDeg,
    Place,
    Probability,
    Step,
)

RunStatus = Literal["queued", "running", "waiting", "unfinished", "answered", "failed"]


class Problem(FrozenModel):
    """An error as in RFC 9457; `detail` is one line for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class BranchState(FrozenModel):
    """One branch of a case: where it stands, and what it came to."""

    branch: str
    status: RunStatus
    steps: int
    headline: str | None = None
    forked_from: ForkPoint | None = None


class CaseState(FrozenModel):
    """One branch of a case as it stands.

    `status`: `queued` waits for its turn, `running` works, `waiting` has an open question,
    `unfinished` was stopped and can be resumed, `failed` says why in `problem` and can be resumed,
    `answered` has its answer. `answer` leaves out `trace` and `tools`: they are the steps. `head`
    is the hash of the last event. `candidates` are those of every level as judged last.
    `next_steps` say what can be done where the answer claims nothing.
    """

    id: str
    branch: str
    status: RunStatus
    problem: str | None = None
    created: str
    ask: Ask
    photo: ImageRef
    steps: int
    events: int
    head: Hex64
    branches: tuple[BranchState, ...]
    question: Question | None = None
    answer: Answer | None = None
    candidates: dict[Level, tuple[Hypothesis, ...]] = Field(default_factory=dict)
    excluded: tuple[Exclusion, ...] = ()
    next_steps: NextSteps | None = None
    tags: tuple[str, ...] = ()
    archived: bool = False


class CaseRow(FrozenModel):
    """One case in the list; `problem` says why it cannot be read.

    `photos` are how many it has; `headline` is what several say together, None before that.
    """

    id: str
    photo_name: str | None = None
    photos: int = 1
    headline: str | None = None
    created: str | None = None
    branches: tuple[BranchState, ...] = ()
    problem: str | None = None
    tags: tuple[str, ...] = ()
    archived: bool = False


class CaseList(FrozenModel):
    """The newest cases that fit, newest first, how many fit in all, and how many are put away."""

    cases: tuple[CaseRow, ...]
    total: int
    archived: int = 0


class StepState(FrozenModel):
    """One step in full, where it stands in the trace, and the candidates it proposed or judged.

    In `candidates`, `prior` is the probability before the evidence and `probability` after it.
    """

    seq: int
    time: str
    hash: Hex64
    step: Step
    candidates: tuple[Hypothesis, ...] = ()


class VerificationState(FrozenModel):
    """What was checked, what is wrong, and the hash to compare."""

    holds: bool
    checked: tuple[str, ...]
    problems: tuple[str, ...]
    head: Hex64 | None


class Health(FrozenModel):
    """Whether the server takes photos now, and why not."""

    status: Literal["ok", "busy"]
    reasons: tuple[str, ...] = ()


class OfferedFormat(FrozenModel):
    """A format in which a case can be had: `format=name` of its report."""

    name: str
    title: str
    note: str
    needs_answer: bool


class Threshold(FrozenModel):
    """The words for a number that is at least this."""

    at_least: float
    words: str


class Wording(FrozenModel):
    """The words that the page shows, the same as in reports and terminal.

    Names in braces stand for what the page fills in. Evidence whose `log_lr` is nearer to zero
    than `min_abs_log_lr` says nothing.
    """

    clue_labels: dict[str, str]
    node_names: dict[str, str]
    probability: tuple[Threshold, ...]
    strength: tuple[Threshold, ...]
    weakest_strength: str
    min_abs_log_lr: float
    no_claim: str
    no_claim_sentence: str
    prior_sentence: str
    claim_sentence: str
    continent_headline: str
    country_headline: str
    near_headline: str
    unnamed_continent: str
    unnamed_country: str


class About(FrozenModel):
    """What this server is, and the formats and words that its page offers."""

    version: str
    policy: str
    model: str | None
    index: str | None
    levels: tuple[Level, ...]
    limits: Limits
    attributions: tuple[str, ...]
    formats: tuple[OfferedFormat, ...]
    wording: Wording
    basemap: BasemapState | None = None


class Town(FrozenModel):
    """A town of the gazetteer; `population` is 0 where unknown."""

    name: str
    lat_deg: LatDeg
    lon_deg: LonDeg
    population: int


class Link(FrozenModel):
    """A page of somebody else; it is opened by a person, and asked for by nothing else."""

    title: str
    url: str


class PointOnMap(FrozenModel):
    """What lies at a point, in which forms it is written, and where else it is shown.

    `mgrs` is empty at the poles. On the pages of `image_searches` a person may drop the photo.
    """

    lat_deg: LatDeg
    lon_deg: LonDeg
    country: str
    region: str
    town: str
    town_km: float
    decimal: str
    dms: str
    mgrs: str
    plus_code: str
    geo_uri: str
    links: tuple[Link, ...]
    image_searches: tuple[Link, ...]


class TownList(FrozenModel):
    """The largest towns in a circle, the largest first."""

    towns: tuple[Town, ...]


class DrawnCountry(FrozenModel):
    """Which pieces of the map are a country's.

    `feature` is the id of a TopoJSON geometry, or its name where it has none. `box_deg` (west,
    south, east, north) takes only the pieces whose middle lies in it, None takes the others.
    """

    code: CountryCode
    continent_code: ContinentCode | None
    feature: str
    box_deg: tuple[float, float, float, float] | None


class DrawnCountryList(FrozenModel):
    """Every country's pieces of the map; a country may have several rows."""

    countries: tuple[DrawnCountry, ...]


class FoundPlace(FrozenModel):
    """A place that a name may mean; `similarity` is 1 for an exact match."""

    place: Place
    matched: str
    population: int
    similarity: float


class PlaceList(FrozenModel):
    """The places that a name may mean, the likeliest first."""

    places: tuple[FoundPlace, ...]


class ResumeRequest(FrozenModel):
    """How to go on."""

    one_step: bool = False


class VetoRequest(FrozenModel):
    """A place that the case has looked at, by name or id, and why it is excluded."""

    place: Words
    because: Words


class JointClaim(FrozenModel):
    """Where one photo was taken, together with the others; the fields mean what an answer's do."""

    level: ClaimLevel
    probability: Probability
    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_km: float


class TripPhotoState(FrozenModel):
    """One photo of a trip: where it was taken with the others, and by itself, in words.

    `together` is None for a photo that took no part, for the reason in `left_out`. `joint` is the
    same as numbers. `status` is that of its run, `steps` how many it has done.
    """

    branch: str
    number: int
    name: str
    status: RunStatus = "unfinished"
    steps: int = 0
    time: str
    together: str | None = None
    joint: JointClaim | None = None
    alone: str
    left_out: str | None = None


class TripState(FrozenModel):
    """What the photos of a case say together, in the order of their times.

    Without photos it is a case of one. `status` is `answered` once every photo has its answer and
    they were weighed together, `waiting` where one has an open question. `headline` is None before
    they were weighed; `fit` says how well they fit, `map` is a picture as a `data:` URI. `refused`
    are the files that were sent with the photos and could not be used, in the reply to that request
    alone; `notes` are what people, and that request, have written of the first photo.
    """

    id: str
    status: RunStatus = "unfinished"
    refused: tuple[RefusedPhoto, ...] = ()
    notes: tuple[str, ...] = ()
    headline: str | None = None
    fit: str | None = None
    warnings: tuple[str, ...] = ()
    photos: tuple[TripPhotoState, ...] = ()
    map: str | None = None


class SunRequest(FrozenModel):
    """Where the sun stood in the photo; a place, in any form of a position, and a day of it."""

    said: Annotated[SunStatement, Field(discriminator="kind")]
    position: Annotated[str, Field(max_length=MAX_CHARS)] | None = None
    day: Annotated[str, Field(max_length=40)] | None = None


class NoteRequest(FrozenModel):
    """What is to stand in the trace and the report."""

    text: Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"\S")]


class ForkRequest(FrozenModel):
    """The last step that both branches share, and the places set on a person's word."""

    at_step: Annotated[int, Field(ge=0, le=100_000)]
    set: dict[Level, Words] = Field(default_factory=dict)
    name: Annotated[str, Field(pattern=NAME_PATTERN)] | None = None
