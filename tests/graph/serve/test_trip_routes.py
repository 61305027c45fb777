"""The routes of a case with several photos, over HTTP, with scripted tools."""

import asyncio
from pathlib import Path

from tests.support.cases import begin_trip
from tests.support.serving import serving


def test_photos_of_a_trip_are_branches_of_one_case(tmp_path: Path) -> None:
    asyncio.run(begin_trip(tmp_path))
    with serving(tmp_path) as live:
        row = live.client.get("/v1/cases").json()["cases"][0]
        assert [branch["status"] for branch in row["branches"]] == ["answered", "answered"]
        together = live.client.get("/v1/cases/trip/trip").json()
        assert "Lisbon" in together["headline"]
        assert {photo["name"] for photo in together["photos"]} == {"a.png", "b.png"}
        assert together["map"].startswith("data:image/svg+xml;base64,")
        alone = live.begin()
        assert live.client.get(f"/v1/cases/{alone}/trip").json()["photos"] == []
        assert live.client.get("/v1/cases/none/trip").status_code == 404
        names = set()
        for branch in row["branches"]:
            where = {"branch": branch["branch"]}
            names.add(live.case("trip", branch["branch"])["photo"]["name"])
            assert live.client.get("/v1/cases/trip/photo", params=where).status_code == 200
            assert live.client.get("/v1/cases/trip/verify", params=where).json()["holds"]
            assert live.client.get("/v1/cases/trip/report", params=where).status_code == 200
        assert names == {"a.png", "b.png"}
