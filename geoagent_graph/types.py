"""The nouns of the agent: frozen, validated, and plain JSON when dumped."""

import hashlib
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from geoagent_graph.display import file_of, html_of, text_of
from geoagent_graph.translation import use_language

Level = Literal["continent", "country", "city"]
ClaimLevel = Literal["none", "continent", "country", "city"]
Decision = Literal["accept", "retry", "back", "stop"]
MAX_CLUE_CHARS = 2000
LEVELS: tuple[Level, ...] = ("continent", "country", "city")
Json = dict[str, Any]
"""A JSON object that is not typed further."""

LatDeg = Annotated[float, Field(ge=-90.0, le=90.0, allow_inf_nan=False)]
LonDeg = Annotated[float, Field(ge=-180.0, lt=180.0, allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
ClueKind = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
"""What was observed; `evidence.sources.clue_labels` has the kinds and their words for people.

Tools of perception make `text`, `script`, `exif_position`, `exif_other` and `file_place`
(`perception.clues`), policies `policy`, and each source of evidence its own.
"""

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Sha256 = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
ContinentCode = Literal["AF", "AN", "AS", "EU", "NA", "OC", "SA"]


class TextPrinter(Protocol):
    """What IPython prints text with."""

    def text(self, text: str) -> None:
        """Print text."""


class FrozenModel(BaseModel):
    """Base of every noun: immutable, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Box(FrozenModel):
    """A part of the photo as shares of its width and height, origin top left."""

    left: Probability
    top: Probability
    right: Probability
    bottom: Probability


class ImageRef(FrozenModel):
    """A photo by its content: the pixels live in an `ImageStore`, never in the state.

    `sidecar` is the digest of the XMP file that lay beside it; without one the field is left out.
    """

    sha256: Sha256
    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    name: str
    format: str
    sidecar: Sha256 | None = Field(default=None, exclude_if=lambda digest: digest is None)


class Clue(FrozenModel):
    """One thing observed in the photo or claimed by its file.

    `id` is stable: the same observation gives the same id. `text` is what a person reads.
    `attributes` holds what a program needs, by kind: `language` (ISO 639-1), `script` (ISO 15924),
    `country_code`, `calling_code`, `lat_deg`/`lon_deg` as text, `normalized` (a folded name), ...
    `confidence` is the tool's own score in [0, 1], where it has one.
    """

    id: str
    kind: ClueKind
    text: Annotated[str, Field(max_length=MAX_CLUE_CHARS)]
    source: str
    box: Box | None = None
    confidence: Probability | None = None
    attributes: dict[str, str] = Field(default_factory=dict)


def clue_id(kind: ClueKind, *parts: str) -> str:
    """Return the stable id of an observation: the same one gives the same id."""
    digest = hashlib.sha256("\x1f".join((kind, *parts)).encode()).hexdigest()[:12]
    return f"{kind}:{digest}"


class Place(FrozenModel):
    """A continent, a country or a town.

    `id` is `continent:EU`, `country:PT` or `geonames:2267057`. The coordinates are a town's own, or
    the population-weighted centre of a country or continent.
    """

    id: str
    level: Level
    name: str
    continent_code: ContinentCode
    country_code: CountryCode | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    lat_deg: LatDeg
    lon_deg: LonDeg


class Reference(FrozenModel):
    """A reference photo that looks like the one asked about.

    `score` is the cosine similarity in [-1, 1] of the two embeddings. `matching_points` is how many
    points of the two photos lie where one view of the same place would have them; None where that
    was not looked at.
    """

    id: str
    score: Annotated[float, Field(ge=-1.001, le=1.001, allow_inf_nan=False)]
    lat_deg: LatDeg
    lon_deg: LonDeg
    country_code: CountryCode | None = None
    license: str = ""
    attribution: str = ""
    source_url: str = ""
    matching_points: Annotated[int, Field(ge=0, le=100_000)] | None = None


class Evidence(FrozenModel):
    """What one source says about one hypothesis.

    `log_lr` is the natural logarithm of P(observation | place) / P(observation | the area that is
    being divided); positive speaks for the place, negative against it.
    """

    place_id: str
    source: str
    log_lr: Finite
    clue_ids: tuple[str, ...] = ()
    reason: str


class SourceWeight(FrozenModel):
    """What one source of evidence weighed in an answer.

    `nats` is log P(its observations | place) - log P(its observations | the world), `share` its
    part of the absolute nats of all sources. `place` is what is claimed, or the likeliest country
    where nothing is. `probability` is P(place | all observations), `probability_without` that
    without this source, by the evidence alone; `country_without` is then the likeliest country.
    """

    source: str
    label: str
    place: str
    place_id: str
    nats: Finite
    share: Probability
    probability: Probability
    probability_without: Probability
    country_without: str
    country_probability_without: Probability


class Hypothesis(FrozenModel):
    """A place that may be the answer at its level.

    `prior` is the policy's probability before the tools spoke, `probability` the one after. The
    probabilities of a list of hypotheses sum to at most 1; the rest is "somewhere else".
    """

    level: Level
    place: Place
    prior: Probability
    probability: Probability
    reason: str
    clues: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


PERSON_PREFIX = "a person: "
"""How the reason of an exclusion begins that a person has made."""


class Exclusion(FrozenModel):
    """A hypothesis that was rejected, by whom and why.

    `probability` and `prior` are inside the place above it, when it was rejected; `world_prior` is
    its share of the world before the clues. With them what a person rejected is weighed anew when
    clues are added; they are None in cases of earlier versions.
    """

    place: Place
    probability: Probability
    prior: Probability | None = None
    world_prior: Probability | None = None
    reason: str
    step: int
    by: Literal["policy", "person"] = "policy"

    @model_validator(mode="before")
    @classmethod
    def _add_author(cls, value: Any) -> Any:
        """Take from the reason who excluded, where an exclusion of an earlier version is read."""
        if isinstance(value, dict) and "by" not in value:
            by_person = str(value.get("reason", "")).startswith(PERSON_PREFIX)
            return {**value, "by": "person" if by_person else "policy"}
        return value


class Verdict(FrozenModel):
    """What the policy decided about the candidates of one level.

    `accept` names `place_id`; `retry` says what to do differently; `back` gives up the accepted
    place one level up; `stop` answers with what has been accepted so far.
    """

    decision: Decision
    place_id: str | None = None
    reason: str


class Usage(FrozenModel):
    """What a language model was asked for: calls, tokens in, tokens out, pictures shown."""

    calls: Annotated[int, Field(ge=0)] = 0
    prompt_tokens: Annotated[int, Field(ge=0)] = 0
    completion_tokens: Annotated[int, Field(ge=0)] = 0
    images: Annotated[int, Field(ge=0)] = 0


class ToolCall(FrozenModel):
    """One call of a tool or a model: what it was asked, what came back, how long it took.

    `result_sha256` is the digest of the whole result as JSON, None where there was none or the
    tool does not say. `usage` is None for a tool that is no language model.
    """

    tool: str
    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    result: str
    seconds: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
    error: str | None = None
    result_sha256: Annotated[str | None, Field(pattern=r"^sha256:[0-9a-f]{64}$")] = None
    usage: Usage | None = None


class Step(FrozenModel):
    """One node of the graph that has run, as a person reads it.

    `detail` carries the node's typed result as JSON: the clues it added, the candidates and their
    probabilities, the references, the evidence, the verdict.
    """

    index: Annotated[int, Field(ge=0)]
    node: str
    level: Level | None
    summary: str
    seconds: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
    tools: tuple[ToolCall, ...] = ()
    detail: dict[str, JsonValue] = Field(default_factory=dict)


CONTINENTS: dict[ContinentCode, str] = {
    "AF": "Africa",
    "AN": "Antarctica",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}


class AnswerPlace(FrozenModel):
    """The names the answer stands for; None where it claims nothing."""

    continent: str | None = None
    country: str | None = None
    country_code: CountryCode | None = None
    region: str | None = None
    city: str | None = None

    @classmethod
    def of(cls, place: Place | None) -> "AnswerPlace":
        """Return the names of a place that is claimed, none for None."""
        if place is None:
            return cls()
        return cls(
            continent=CONTINENTS[place.continent_code],
            country=place.country,
            country_code=place.country_code,
            region=place.region,
            city=place.city,
        )


class Answer(FrozenModel):
    """Where the photo was taken, how sure that is, and everything that led there.

    `lat_deg`, `lon_deg` are the best single point even when `level` is `none`; `radius_km` is the
    great-circle radius around it that should hold the truth nine times out of ten. `place` names
    only what `level` stands for; where no town is claimed though the radius is as small as one,
    `near` names the nearest. `probability` is that of the claimed place (1.0 minus it is the
    chance that the claim is wrong), or 0.0 when nothing is claimed. `levels` holds the ranked
    candidates of every level that was looked at; `countries` the probability of every country
    over the whole world by ISO code, whatever is claimed, left out where the evidence model does
    not say; `is_prior` that nothing is claimed and nothing seen tells places apart: point, radius
    and `countries` say where photos are taken at all. `source_weights` says what each source of
    evidence weighed, the heaviest first, left out where the evidence model does not. `warnings` are
    what a reader must know: a tool that failed, an exhausted budget, a claim of the file that the
    photo contradicts. `usage` sums what the policy's language model was asked for; all zero for a
    policy without one. `policy` names who decided: `served`, or `evidence (without served)` where
    the model could not be used.
    """

    image: ImageRef
    place: AnswerPlace
    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_km: Annotated[float, Field(ge=0.0, le=20100.0, allow_inf_nan=False)]
    level: ClaimLevel
    probability: Probability
    levels: dict[Level, tuple[Hypothesis, ...]]
    near: str | None = Field(default=None, exclude_if=lambda near: near is None)
    countries: dict[CountryCode, Probability] = Field(
        default_factory=dict, exclude_if=lambda shares: not shares
    )
    is_prior: bool = Field(default=False, exclude_if=lambda is_prior: not is_prior)
    source_weights: tuple[SourceWeight, ...] = Field(
        default=(), exclude_if=lambda weights: not weights
    )
    clues: tuple[Clue, ...]
    references: tuple[Reference, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    tools: tuple[ToolCall, ...] = ()
    warnings: tuple[str, ...] = ()
    policy: str
    usage: Usage = Usage()
    seconds: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
    trace: tuple[Step, ...] = ()

    def to_dict(self) -> Json:
        """Return the answer as JSON values: what `geoagent locate --json` writes."""
        return self.model_dump(mode="json")

    def to_geojson(self) -> Json:
        """Return a GeoJSON FeatureCollection: the point, its 90 % circle and the candidates."""
        collection: Json = file_of(self, "geojson")
        return collection

    def to_html(self, language: str | None = None) -> str:
        """Return the report as one HTML page without the photo's picture; it loads nothing.

        Args:
            language: en, es, fr, de, ar or zh; None takes the one that is spoken, else English.

        Raises:
            InputError: it is none of these.
        """
        with use_language(language):
            page: str = file_of(self, "html")
        return page

    def _repr_html_(self) -> str:
        """Return the answer as a notebook shows it: a map, the claim, the candidates."""
        return html_of(self)

    def _repr_pretty_(self, printer: "TextPrinter", cycle: bool) -> None:  # noqa: ARG002
        """Print the claim where an interactive shell shows text: the whole is 100 kB."""
        printer.text(text_of(self))
