"""A geocoder that somebody else wrote serves every policy."""

import pytest

pytest.importorskip("openai")

from geoagent_graph import locate
from geoagent_graph.default_tools import open_toolbox
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.protocols import GeocodedPoint, NamedPlace
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.testing.mock_server import MODEL, MockServer, ScriptedModel
from geoagent_graph.types import Place
from tests.support.cases import photo_bytes

OCEANIA = Place(
    id="continent:OC", level="continent", name="Oceania", continent_code="OC",
    lat_deg=-25, lon_deg=140,
)  # fmt: skip
FIJI = Place(
    id="country:FJ", level="country", name="Fiji", continent_code="OC", country_code="FJ",
    country="Fiji", lat_deg=-18, lon_deg=178,
)  # fmt: skip
SUVA = Place(
    id="mine:suva", level="city", name="Suva", continent_code="OC", country_code="FJ",
    country="Fiji", city="Suva", lat_deg=-18.14, lon_deg=178.44,
)  # fmt: skip


class IslandGeocoder:
    """Knows one town."""

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        return GeocodedPoint("OC", "FJ", "Fiji", "", "Suva", 0, 0.0, "nearest_town")

    def forward(self, name: str, limit: int = 10) -> list[NamedPlace]:
        known = name.partition(",")[0] == "Suva"
        return [NamedPlace(SUVA, "Suva", 90_000, 1.0)] if known else []

    def continents(self) -> list[Place]:
        return [OCEANIA]

    def countries(self) -> list[Place]:
        return [FIJI]

    def countries_named(self, name: str) -> list[Place]:
        return [FIJI] if name == "Fiji" else []


async def test_served_asks_it_for_everything() -> None:
    toolbox = scripted_toolbox(geocoder=IslandGeocoder())
    async with MockServer(ScriptedModel.towards("Oceania", "Fiji", "Suva")) as server:
        options = PolicyOptions(policy="served", base_url=server.base_url, model=MODEL)
        served = with_policy(toolbox, options)
        answer = await locate(photo_bytes(), toolbox=served)
        await served.aclose()
    assert (answer.policy, answer.place.country, answer.place.city) == ("served", "Fiji", "Suva")
    assert answer.warnings == ()


async def test_it_takes_the_place_of_the_offline_one_in_the_real_tools() -> None:
    toolbox = open_toolbox(load_settings(), geocoder=IslandGeocoder())
    answer = await locate(photo_bytes(), toolbox=toolbox)
    assert answer.policy == "evidence"
    assert isinstance(toolbox.geocoder, IslandGeocoder)
