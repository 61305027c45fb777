"""One meaning of a written place name, and how likely it is beside the others."""

from dataclasses import dataclass
from typing import Final

from geoagent_graph.geo.regions import Region

# The numbers here are set by hand and checked with benchmarks/geocode_names.py: they order the
# meanings of one name for people who look a place up, and weigh no evidence.

# A region counts as that share of its people beside a town of its name: most ask for the town.
REGION_SHARE: Final = 0.05
MIN_PEOPLE: Final = 300.0
# A country weighs as if it were known in so many spellings, more than any town of its people.
COUNTRY_NAME_COUNT: Final = 100
MAX_WEIGHT: Final = 1e15
# A town of another own name, that some language calls so, is meant less often.
ALIAS_SHARE: Final = 0.05
# A country's name in a language that few read.
RARE_SHARE: Final = 0.01
# Two meanings count as two when neither is that many times likelier than the other.
MAX_LIKELIER: Final = 20.0
# Meanings closer than that are the same place, a town and its district.
SAME_PLACE_KM: Final = 15.0


@dataclass(frozen=True, slots=True)
class Found:
    """A town (`town` >= 0), a country or continent (`code`) or a `region` that a name may mean.

    `weight` orders meanings of one similarity: people times the square of how many names the place
    has, for a place known in many languages is meant more often than a populous one that is not.
    `passed_over` are the parts of the name that said nothing.
    """

    matched: str
    similarity: float
    weight: float
    town: int = -1
    code: str = ""
    region: Region | None = None
    passed_over: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[int, str, str]:
        """What makes two findings the same place."""
        return (self.town, self.code, self.region.id if self.region else "")

    @property
    def is_zone(self) -> bool:
        """Say whether this is only known as what a time zone is named after."""
        return self.region is not None and self.region.id.startswith("zone:")

    @property
    def rank(self) -> tuple[float, float]:
        """Sort key: the better match first, then the weightier place."""
        return (-self.similarity, -self.weight)


def town_weight(population: int, name_count: int) -> float:
    """Return how likely a town is meant beside others of its name."""
    return max(float(population), MIN_PEOPLE) * float(name_count) ** 2


def country_weight(population: int) -> float:
    """Return how likely a country is meant beside towns of its name."""
    return town_weight(population, COUNTRY_NAME_COUNT)


def region_weight(region: Region) -> float:
    """Return how likely a region is meant beside towns of its name."""
    people = max(region.population * REGION_SHARE, MIN_PEOPLE)
    return people * float(region.name_count) ** 2
