"""Routes behind the map: borders that are kept, the largest towns of a circle, places by name."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray
from starlette.testclient import TestClient

from tests.support.app_client import app_client


@dataclass
class FewTowns:
    """A gazetteer of four towns, two of them on either side of the date line."""

    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    population: NDArray[np.int64]

    def name(self, row: int) -> str:
        """Return a town's name."""
        return "abcd"[row]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a server with four towns."""
    with app_client(tmp_path_factory.mktemp("home")) as client:
        assert isinstance(client.app, FastAPI)
        towns: Any = FewTowns(
            np.array([0.0, 0.0, 0.1, 50.0]),
            np.array([179.9, -179.9, 179.8, 0.0]),
            np.array([10, 500, 100, 9_000]),
        )
        state = client.app.state
        state.service = replace(state.service, gazetteer=towns)
        yield client


def towns(client: TestClient, **query: Any) -> list[str]:
    asked = {"lat": 0, "lon": 180, "radius_km": 50, **query}
    found = client.get("/v1/map/towns", params=asked)
    assert found.status_code == 200, found.text
    return [town["name"] for town in found.json()["towns"]]


def test_the_largest_towns_come_first_across_the_date_line(client: TestClient) -> None:
    assert towns(client) == ["b", "c", "a"]
    assert towns(client, limit=2) == ["b", "c"]
    assert towns(client, radius_km=20_100) == ["d", "b", "c", "a"]
    assert towns(client, lat=-60, lon=10) == []


@pytest.mark.parametrize(
    "query",
    ["lat=91&lon=0&radius_km=5", "lat=0&lon=181&radius_km=5", "lat=nan&lon=0&radius_km=5",
     "lat=0&lon=0&radius_km=0", "lat=0&lon=0&radius_km=inf", "lat=0&lon=0",
     "lat=0&lon=0&radius_km=5&limit=501"],
)  # fmt: skip
def test_a_circle_that_is_none_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/map/towns?{query}").status_code == 422


def test_borders_are_packed_for_who_takes_it_and_kept_by_their_tag(client: TestClient) -> None:
    path = "/v1/map/world?scale=110m"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert "countries" in plain.json()["objects"]
    again = client.get(path, headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/v1/map/world?scale=50m", headers={"If-None-Match": plain.headers["etag"]})
    assert other.status_code == 200
    assert client.get("/v1/map/world?scale=../x").status_code == 422


def test_places_are_found_by_name_and_an_empty_name_is_refused(client: TestClient) -> None:
    found = client.get("/v1/search", params={"q": "Lisbon"}).json()["places"]
    assert found[0]["place"]["name"] == "Lisbon"
    for wrong in ("q=", "q=%20%20", "q=" + "x" * 101, "q=x&limit=21", "limit=3"):
        assert client.get(f"/v1/search?{wrong}").status_code == 422
