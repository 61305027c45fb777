"""A point of the map: what lies there, its forms, and links that a person may open."""

from pathlib import Path

from tests.support.app_client import app_client


def test_a_point_in_any_form_has_forms_and_links(tmp_path: Path) -> None:
    with app_client(tmp_path) as client:
        found = client.get("/v1/point", params={"position": "41°33'05\"N 8°25'23\"W"}).json()
        assert found["plus_code"].startswith("8CHHHH2G+HQ")
        assert found["geo_uri"] == "geo:41.551389,-8.423056"
        urls = [link["url"] for link in (*found["links"], *found["image_searches"])]
        assert len(urls) == 9
        assert all(url.startswith("https://") for url in urls)
        for asked, lon_deg in (("41.5, -8.4", -8.4), ("0, 180", -180.0)):
            found = client.get("/v1/point", params={"position": asked}).json()
            assert found["lon_deg"] == lon_deg
            assert found["decimal"].endswith(f", {lon_deg:.6f}")
        refused = client.get("/v1/point", params={"position": "Braga"})
        assert (refused.status_code, "is no position" in refused.json()["detail"]) == (422, True)
