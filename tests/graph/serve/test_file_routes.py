"""Files of a case: a photo without metadata, a report that can run nothing, refusals in words."""

import asyncio
import io
from collections.abc import Iterator

import pytest
from PIL import Image
from starlette.testclient import TestClient

from geoagent_graph.render import pdf
from tests.support.app_client import app_client
from tests.support.cases import begin


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a server with an answered case and one that waits."""
    home = tmp_path_factory.mktemp("home")
    asyncio.run(begin(home))
    asyncio.run(begin(home, "open", ask="always"))
    with app_client(home) as client:
        yield client


def test_the_photo_is_a_jpeg_and_is_kept_by_its_tag(client: TestClient) -> None:
    photo = client.get("/v1/cases/one/photo")
    assert photo.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(photo.content)).size == (64, 48)
    again = client.get("/v1/cases/one/photo", headers={"If-None-Match": photo.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/v1/cases/one/photo", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200
    smaller = client.get("/v1/cases/one/photo", params={"max_side": 64})
    assert smaller.headers["etag"] != photo.headers["etag"]
    for beyond in ("0", "63", "8193", "1e9", "all"):
        assert client.get("/v1/cases/one/photo", params={"max_side": beyond}).status_code == 422


@pytest.mark.parametrize(
    ("name", "kind", "ending"),
    [
        ("html", "text/html; charset=utf-8", ".html"),
        ("geojson", "application/geo+json", ".geojson"),
    ],
)
def test_a_report_is_a_file_to_keep_that_runs_nothing(
    client: TestClient, name: str, kind: str, ending: str
) -> None:
    headers = client.get(f"/v1/cases/one/report?format={name}").headers
    assert headers["content-type"] == kind
    assert headers["content-disposition"] == f'attachment; filename="one-main{ending}"'
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "script-src" not in headers["content-security-policy"]


def test_a_report_is_written_in_the_language_asked_for_and_a_map_is_not(
    client: TestClient,
) -> None:
    report = client.get("/v1/cases/one/report?format=html&language=ar")
    assert 'lang="ar" dir="rtl"' in report.text
    assert 'lang="en"' in client.get("/v1/cases/one/report?format=html").text
    english = client.get("/v1/cases/one/report?format=geojson").content
    assert client.get("/v1/cases/one/report?format=geojson&language=ar").content == english
    assert client.get("/v1/cases/one/report?language=xx").status_code == 422


def test_without_an_answer_there_is_a_trace_and_no_report(client: TestClient) -> None:
    refused = client.get("/v1/cases/open/report")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "open/main: has no answer yet",
    )
    assert client.get("/v1/cases/open/report?format=jsonl").content == (
        client.get("/v1/cases/open/trace").content
    )


def test_a_printed_report_without_a_browser_names_another_format(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "find_browser", lambda: None)
    refused = client.get("/v1/cases/one/report?format=pdf")
    assert refused.status_code == 406
    assert refused.json()["detail"].endswith("take html")


@pytest.mark.parametrize("what", ["photo", "trace", "report"])
def test_what_is_not_there_is_said(client: TestClient, what: str) -> None:
    assert client.get(f"/v1/cases/none/{what}").status_code == 404
    assert client.get(f"/v1/cases/one/{what}?branch=two").status_code == 404
    assert client.get(f"/v1/cases/one/{what}?branch=..%2Fx").status_code == 422
