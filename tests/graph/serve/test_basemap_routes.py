"""The basemap goes out in parts, and only where there is one."""

from pathlib import Path

import pytest

from geoagent_graph.serve.basemap import open_basemap
from tests.support.app_client import app_client

pytest.importorskip("pmtiles", reason="pmtiles is not installed")
from tests.support.drawn_basemap import write_basemap


def test_ranges_of_the_file_are_served(tmp_path: Path) -> None:
    path = write_basemap(tmp_path / "town.pmtiles", 38.72, -9.14, range(10))
    client = app_client(tmp_path / "home", basemap=open_basemap(path))
    with client:
        told = client.get("/v1/about").json()
        assert told["basemap"]["kind"] == "vector"
        assert "Drawn streets for tests" in told["attributions"]
        part = client.get("/v1/basemap", headers={"Range": "bytes=0-126"})
        assert part.status_code == 206
        assert part.content == path.read_bytes()[:127]
        assert part.headers["content-range"].startswith("bytes 0-126/")
        assert part.headers["content-type"] == "application/vnd.pmtiles"
        assert client.get("/v1/basemap", headers={"Range": "bytes=9999999-"}).status_code == 416
        path.unlink()
        assert client.get("/v1/basemap").status_code == 404


def test_without_a_basemap_there_is_none(tmp_path: Path) -> None:
    with app_client(tmp_path) as client:
        assert client.get("/v1/about").json()["basemap"] is None
        gone = client.get("/v1/basemap")
        assert gone.status_code == 404
        assert "--basemap FILE" in gone.json()["detail"]
