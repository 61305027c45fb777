"""The agent's gazetteer, for place names in predictions that others have published."""

from functools import lru_cache

from geoagent_evaluation.contract.tables import LEVELS
from geoagent_evaluation.importers.places import FoundPlace
from geoagent_graph.geo.found_places import FoundPlace as AgentPlace
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.settings import load_settings

CACHED_NAMES = 100_000


class AgentGazetteer:
    """Looks names up in GeoNames, in any language; small before large, as "Lyon, France"."""

    def __init__(self, geocoder: OfflineGeocoder) -> None:
        self._geocoder = geocoder
        self._find = lru_cache(maxsize=CACHED_NAMES)(self._find_parts)

    def find(self, name: str) -> FoundPlace | None:
        """Return the likeliest place; of a name whose first part is not known, what the rest names.

        "12 Unheard Street, Lyon, France" is Lyon, at the level of a city.
        """
        return self._find(name)

    def _find_parts(self, name: str) -> FoundPlace | None:
        parts = [part.strip() for part in name.split(",") if part.strip()]
        for start in range(len(parts)):
            found = self._geocoder.find(", ".join(parts[start:]), limit=1)
            if found:
                return _as_found(found[0])
        return None


def open_agent_gazetteer() -> AgentGazetteer:
    """Return the agent's gazetteer, compiled on its first use (a few seconds)."""
    return AgentGazetteer(open_geocoder(load_settings()))


def _as_found(place: AgentPlace) -> FoundPlace:
    level = place.level if place.level in LEVELS else "city"
    country = place.country_codes[0] if len(place.country_codes) == 1 else None
    return FoundPlace(place.lat_deg, place.lon_deg, level, country)
