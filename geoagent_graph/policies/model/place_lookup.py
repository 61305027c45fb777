"""Names from a model, as places: every answer is checked against the gazetteer."""

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from geoagent_graph.geo.names import fold
from geoagent_graph.policies.model.chain import PlaceText
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.protocols import NamedPlace
from geoagent_graph.types import ContinentCode, Place

if TYPE_CHECKING:
    from geoagent_graph.geo.gazetteer import Gazetteer

MAX_MEANINGS = 20
LEAST_SIMILARITY = 0.8


class NameGeocoder(Protocol):
    """What the atlas asks of a geocoder: the gazetteer behind it and its search by name."""

    @property
    def gazetteer(self) -> "Gazetteer":
        """The table of countries and towns."""
        ...

    def forward(self, name: str, limit: int = 10) -> list[NamedPlace]:
        """Return the places a name may mean, the likeliest first."""
        ...


class Atlas:
    """Continents, countries and towns by the names that models use for them."""

    def __init__(self, geocoder: NameGeocoder) -> None:
        self._geocoder = geocoder
        self._gazetteer = geocoder.gazetteer

    def continents(self) -> list[Place]:
        """Return all continents."""
        return self._continents

    @cached_property
    def _continents(self) -> list[Place]:
        return [self._gazetteer.continent_place(code) for code in self._gazetteer.continents]

    def countries(self, continent_code: ContinentCode | None = None) -> list[Place]:
        """Return the countries of a continent, or all, the most populous first."""
        return [
            place for place in self._countries if continent_code in (None, place.continent_code)
        ]

    @cached_property
    def _countries(self) -> list[Place]:
        ordered = sorted(self._gazetteer.countries, key=lambda country: -country.population)
        return [self._gazetteer.country_place(country.code) for country in ordered]

    def country(self, name: str, within: Place | None = None) -> Place | None:
        """Return the country of a name in any language, inside a continent where one is given."""
        for code in self._gazetteer.country_matches(name):
            place = self._gazetteer.country_place(code)
            if within is None or place.continent_code == within.continent_code:
                return place
        return None

    def town(self, name: str, country: Place, region: str = "") -> Place | None:
        """Return the town of a name inside a country; None where there is none of that name.

        Of several, the one in the region named comes first, then the most populous.
        """
        found = [
            named.place
            for named in self._geocoder.forward(f"{name}, {country.name}", MAX_MEANINGS)
            if named.place.level == "city"
            and named.place.country_code == country.country_code
            and named.similarity >= LEAST_SIMILARITY
        ]
        wanted = fold(region)
        regional = [p for p in found if wanted and p.region and fold(p.region) == wanted]
        return next(iter(regional or found), None)

    def check(self, answer: PlaceText) -> tuple[Place, Place | None]:
        """Return the country of an answer and its town, None where no town is meant.

        Raises:
            ReplyError: no country has that name.
        """
        country = self.country(answer.country)
        if country is None:
            raise ReplyError(f"there is no country named {answer.country[:60]!r}")
        for name in (answer.place, *answer.place.split(",")[:3], answer.region):
            town = self.town(name.strip(), country, answer.region) if name.strip() else None
            if town is not None:
                return country, town
        return country, None

    def same_continent(self, place: Place, code: str | None) -> bool:
        """Whether a country code lies in the continent of a place."""
        numbers = self._gazetteer.country_numbers
        if code is None or code not in numbers:
            return False
        country = self._gazetteer.country(code)
        return country.continent_code == place.continent_code

    def country_of(self, code: str) -> Place:
        """Return a country by its ISO code."""
        return self._gazetteer.country_place(code)
