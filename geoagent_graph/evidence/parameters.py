"""The weights and thresholds of the evidence, typed, each group with how it was found.

They are read once from `data/evidence/fitted.json`. `how` begins with "fitted" or "set by hand", or
says so for each of its values.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Self, get_type_hints

from geoagent_graph.evidence.number_weights import CalendarWeights, RoadWeights
from geoagent_graph.evidence.parameter_group import Group
from geoagent_graph.evidence.person_weights import PersonWeights
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.visual_weights import VisualWeights
from geoagent_graph.types import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorWeights(Group):
    """Where photos are taken; see `evidence.prior`."""

    taken_roads: float  # powers of where photos are taken
    taken_population: float
    taken_towns: float
    taken_share: float  # of them in the mixture
    even_population: float  # powers of collections with a few photos of every country
    even_towns: float
    town_population: float
    town_offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageWeights(Group):
    """Languages, scripts, letters and street words of lines; see `evidence.language`."""

    shared: float  # P(a line is in the photo's main language)
    for_visitors: float  # share of photos whose lines are in the languages of visitors, anywhere
    guess_weight_beside_word: float
    word_elsewhere: float
    ending_elsewhere: float
    letter_elsewhere: float
    later_letter_power: float
    right_other_sure: float
    right_other_unsure: float
    right_other_own_script: float
    sure_from: float
    to_peers: float
    least_brand_guess: float
    least_own_share: float
    trust_from: float
    trust_full: float
    stray_reading: float
    stray_script: float
    transliterated: float
    han_as_hani: float
    han_as_other_han: float
    hangul_as_hani: float
    foreign_speakers: float
    spelling_power: float  # of the logarithm of P(letters | language)
    unlisted_word: float  # P(a word is not of its language's list)
    listed_power: float  # of P(word | language) by the list over that by the spelling
    stray_spelling: float  # P(a long line is of no language)
    stray_power_of_letter: float  # ... of a short one: this to the power of its letters
    same_line: float  # how alike two readings are that are taken for one sign
    most_stray_letters: int
    viewer_english: float  # how much oftener words to the viewer are English than other words


@dataclass(frozen=True, slots=True)
class ContextWeights:
    """What a name in one context means, as a mixture.

    own, near, country, world: probabilities that the sign names the town it stands in, one around,
    one in the same country, any. They sum to 1 with nothing left. `chance`: probability that the
    words are no place at all. `least`: the least probability of these words by chance; `fame`: how
    much more that is for the name of a city of a million.
    """

    own: float
    near: float
    country: float
    world: float
    chance: float
    least: float
    fame: float
    doubt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWeights(Group):
    """Names of places in any context; see `evidence.names.likelihood`."""

    mended_mark: float
    mended_letter: float
    lower_case: float
    least_read: float
    usual_confidence: float
    mention_offset: float
    mention_power: float
    own_country: float
    country_abroad: float
    word_doubt: float  # times the doubt for each half power of ten that a name is a word
    brand_doubt: float  # times the doubt where a brand has the name
    long_doubt: float  # times the doubt of a name of so many letters that is neither
    long_letters: int
    planted_by_language: float  # of names planted elsewhere, how many go by shared languages
    common_doubt: float  # that names and nothing but names are all of one map or poster, as odds
    own_named_after: float  # of streets and businesses named after a country, in that country
    own_abroad: float  # of places named as abroad, how many are in the country all the same
    own_twins: float  # ... of twin towns
    far_from_km: float  # beyond it a sign points at the world, not along a road
    far_share: float
    near_though_far: float
    own_region: float
    region_abroad: float
    region_share: float
    by_chance: float
    letter_power: float
    known_town: float
    obscure_power: float
    most_by_chance: float
    famous_population: float
    country_population: float
    road_over_straight: float
    road_spread: float  # of the logarithm of road distance over straight distance
    road_share: float
    near_share: float
    near_km: float
    near_power: float
    near_least_km: float
    near_most_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneWeights(Group):
    """Telephone numbers."""

    foreign: float
    odd_format: float
    fits_by_chance: float
    other_grouping: float
    without_trunk: float
    number: float
    area: float
    around: float
    around_km: float
    invalid_international: float
    least_area: float
    site_power: float
    site_offset: float
    border_km: float
    border_power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainWeights(Group):
    """Internet domains."""

    foreign: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyWeights(Group):
    """Currencies."""

    foreign: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalCodeWeights(Group):
    """Postal codes."""

    other_shape: float
    other_alone: float  # of a shape that is all of a line
    other_digits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandWeights(Group):
    """Names of brands, operators and transit networks where they are not listed."""

    long_elsewhere: float
    short_elsewhere: float
    words_elsewhere: float
    place_elsewhere: float
    misread_factor: float
    among_factor: float  # of single words and names that are not long, among other words
    only_elsewhere: float  # at least, of the only name in a photo


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateWeights(Group):
    """Number plates: how often one of a form is seen where it is not at home, beside at home."""

    foreign: float
    only: float  # of the only plate in a photo, whatever its form
    loose: float
    lettered: float  # with the country's letters beside it
    later_power: float  # what each plate after the first of a country adds
    also: float  # times as likely: forms that tell no plate
    least_share: float  # of the likeliest country's share: below it a form is not a country's


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayWeights(Group):
    """What is laid over a picture; places and sizes are shares of the frame."""

    least_screen_words: int
    least_repeats: int
    strewn_share: float
    caption_rim: float
    caption_off_middle: float
    least_caption_width: float
    most_caption_lines: int
    least_everyday_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePositionWeights(Group):
    """The position, and the time, that a file claims."""

    false: float
    false_near: float  # of the false ones, how many are in the country of the photo all the same
    false_time: float  # of the times that files claim
    false_void: float  # of a receiver that says it has no fix
    false_placeholder: float  # of (0, 0) and of a country's centre
    error_m: float  # of a file that does not state it
    least_error_m: float
    most_error_km: float
    void_km: float
    moved_m_s: float  # since the position was measured
    centre_share: float  # of a country's radius: so near rounded degrees are its centre


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlaceWeights(Group):
    """The place that a file names in words."""

    false: float
    around_share: float  # of a suburb's photos beside the city's own that bear the city's name
    around_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPhotoWeights(Group):
    """Reference photos that look alike."""

    same_offset: float
    same_slope: float
    same_km: float
    most: float
    around_share: float
    around_slope: float
    around_km: float
    least_distinct: float  # hits that stand out less are what any photo finds in any index
    same_place_km: float
    least_matching_points: int  # of hits that are claimed to show the very place
    matched_wrong: float  # how many of such claims are not true


@dataclass(frozen=True, slots=True, kw_only=True)
class GeocellWeights(Group):
    """How a photo looks, by a classifier that an index learnt."""

    uninformative: float  # share of photos whose look says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusWeights(Group):
    """How far photos lie from the towns that stand for them."""

    town_km: float
    town_power: float
    point_km: float
    cell_km: float
    stretch: float
    most_stretch_km: float
    least_continent: float  # continents with this share are held by the radius too
    held: float  # the share of the truth that the radius holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(Group):
    """From which probability on the default policy claims, and when it goes back or on."""

    continent: float
    country: float
    city: float
    listed: float  # of the probability inside the region
    left_out: float
    contradicted_log: float
    contradicted_probability: float
    only_town: float  # a city state
    least_support_log: float
    least_odds_log: float  # that much more weight of evidence is support for a capital too

    def of_level(self, level: Level) -> float:
        """Return the probability over the world that a place of this level needs."""
        return {"continent": self.continent, "country": self.country, "city": self.city}[level]


@dataclass(frozen=True, slots=True)
class TravelMode:
    """A way to move: its share, its speed, how long it takes to begin, how far a trip goes so."""

    weight: float
    speed_km_h: float
    rest_hours: float
    widest_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelWeights(Group):
    """How the places of two photos of one trip hang together; see `evidence.trip.travel_prior`."""

    start_km: float  # two photos of one minute may stand for towns this far apart
    reach_km: float
    reach_km_h: float
    border_hours: float  # what a clock that shows local time may jump by at a border
    look_alikes_shared: float  # from which share on a photo looks like an earlier one
    bad_fit: float  # decimal logarithm; photos that fit together worse are worth a warning
    max_imbalance: float  # of a travel factor; more is worth a warning
    on_foot: TravelMode
    over_land: TravelMode
    by_air: TravelMode

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Return the group with its ways to move."""
        values: dict[str, Any] = {
            name: TravelMode(**value) if isinstance(value, dict) else value
            for name, value in stored["values"].items()
        }
        return cls(how=stored["how"], **values)

    @property
    def modes(self) -> tuple[TravelMode, ...]:
        """The ways to move; their shares sum to 1."""
        return self.on_foot, self.over_land, self.by_air


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTable(Group):
    """The weights of names by the context they stand in."""

    by_context: dict[str, ContextWeights]

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Return one set of weights per context."""
        contexts = {name: ContextWeights(**value) for name, value in stored["values"].items()}
        return cls(how=stored["how"], by_context=contexts)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Every weight and threshold of the evidence, by what it belongs to."""

    prior: PriorWeights
    language: LanguageWeights
    contexts: ContextTable
    names: NameWeights
    phone: PhoneWeights
    domain: DomainWeights
    currency: CurrencyWeights
    postal_code: PostalCodeWeights
    brand: BrandWeights
    plate: PlateWeights
    road: RoadWeights
    calendar: CalendarWeights
    overlay: OverlayWeights
    exif: FilePositionWeights
    file_place: FilePlaceWeights
    person: PersonWeights
    similar: SimilarPhotoWeights
    geocells: GeocellWeights
    visual: VisualWeights
    radius: RadiusWeights
    thresholds: Thresholds
    travel: TravelWeights


@cache
def parameters() -> Parameters:
    """Return the parameters that ship, read once."""
    return parameters_of(table("fitted"))


def parameters_of(stored: dict[str, Any]) -> Parameters:
    """Return the parameters as they are stored.

    Raises:
        TypeError: a weight is missing, or one is there that nothing reads.
    """
    groups = get_type_hints(Parameters)
    unknown = set(stored) - set(groups)
    if unknown:
        raise TypeError(f"fitted.json: nothing reads {', '.join(sorted(unknown))}")
    return Parameters(**{name: group.of(stored[name]) for name, group in groups.items()})
