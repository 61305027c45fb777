"""The towns of a circle, over HTTP, from the real gazetteer."""

from pathlib import Path

from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.settings import Settings
from tests.support.serving import serving


def test_towns_come_from_the_gazetteer(tmp_path: Path) -> None:
    with serving(tmp_path, geocoder=open_geocoder(Settings())) as live:
        near = {"lat": 38.72, "lon": -9.14, "radius_km": 50, "limit": 3}
        towns = live.client.get("/v1/map/towns", params=near).json()["towns"]
        assert towns[0]["name"] == "Lisbon"
        assert len(towns) == 3
        assert towns[0]["population"] > towns[1]["population"] >= towns[2]["population"]
        for wrong in ({"lat": 91}, {"lon": "nan"}, {"radius_km": "inf"}, {"limit": 501}):
            refused = live.client.get("/v1/map/towns", params={**near, **wrong})
            assert refused.status_code == 422
