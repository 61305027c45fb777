"""The weights of names of places, by the context they stand in."""

from dataclasses import dataclass
from typing import Any, Self

from geoagent_graph.evidence.parameter_group import Group


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
    own_abroad: float  # of places named as abroad, how many are in the country all the same
    own_twins: float  # ... of twin towns
    far_from_km: float  # beyond it a sign points at the world, not along a road
    signpost_from_km: float  # ... beside a place that no road leads to
    longest_road_km: float  # on the signs of a road within one country
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
    signed_km: float  # up to where signs name a place of a thousand people
    signed_power: float  # of its population
    near_share: float
    near_km: float
    near_power: float
    near_least_km: float
    near_most_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTable(Group):
    """The weights of names by the context they stand in."""

    by_context: dict[str, ContextWeights]

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Self:
        """Return one set of weights per context."""
        contexts = {name: ContextWeights(**value) for name, value in stored["values"].items()}
        return cls(how=stored["how"], by_context=contexts)
