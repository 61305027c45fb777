"""Names from a model, as places: every answer is checked against the geocoder."""

from functools import cached_property

from geoagent_graph.geo.names import fold
from geoagent_graph.policies.model.chain import PlaceText
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.protocols import Geocoder
from geoagent_graph.types import ContinentCode, Place

MAX_MEANINGS = 20
MIN_SIMILARITY = 0.8


class PlaceLookup:
    """Continents, countries and towns by the names that models use for them."""

    def __init__(self, geocoder: Geocoder) -> None:
        self._geocoder = geocoder

    def continents(self) -> list[Place]:
        """Return all continents."""
        return self._continent_list

    @cached_property
    def _continent_list(self) -> list[Place]:
        return self._geocoder.continents()

    @cached_property
    def _countries_by_code(self) -> dict[str, Place]:
        """Countries by their ISO codes, the most populous first."""
        return {place.country_code or "": place for place in self._geocoder.countries()}

    def countries(self, continent_code: ContinentCode | None = None) -> list[Place]:
        """Return the countries of a continent, or all, the most populous first."""
        return [
            place
            for place in self._countries_by_code.values()
            if continent_code in (None, place.continent_code)
        ]

    def country(self, name: str, within: Place | None = None) -> Place | None:
        """Return the country of a name in any language, inside a continent where one is given."""
        for place in self._geocoder.countries_named(name):
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
            and named.similarity >= MIN_SIMILARITY
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

    def country_of(self, code: str | None, within: Place | None = None) -> Place | None:
        """Return the country of an ISO code; None where it is unknown or not in the continent."""
        place = self._countries_by_code.get(code or "")
        if place is None or within is None or place.continent_code == within.continent_code:
            return place
        return None
