"""The routes of a case with several photos, over HTTP, with scripted tools."""

import asyncio
from pathlib import Path

from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from tests.support.cases import photo_bytes, store_in, tools
from tests.support.serving import serving


def test_photos_of_a_trip_are_branches_of_one_case(tmp_path: Path) -> None:
    async def begin() -> None:
        store = store_in(tmp_path)
        other = PhotoIn(photo_bytes((1, 2, 3)), "b.png")
        async with store.create(
            photo_bytes(), tools(), name="trip", photo_name="a.png", others=[other]
        ) as case:
            async for _ in Trip(case).run():
                pass

    asyncio.run(begin())
    with serving(tmp_path) as live:
        row = live.client.get("/v1/cases").json()["cases"][0]
        assert [branch["status"] for branch in row["branches"]] == ["answered", "answered"]
        names = set()
        for branch in row["branches"]:
            where = {"branch": branch["branch"]}
            names.add(live.case("trip", branch["branch"])["photo"]["name"])
            assert live.client.get("/v1/cases/trip/photo", params=where).status_code == 200
            assert live.client.get("/v1/cases/trip/verify", params=where).json()["holds"]
            assert live.client.get("/v1/cases/trip/report", params=where).status_code == 200
        assert names == {"a.png", "b.png"}
