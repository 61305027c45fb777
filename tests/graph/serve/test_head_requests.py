"""HEAD is answered wherever GET is, without a body and without waiting for its end."""

from pathlib import Path

import pytest

from tests.support.serving import serving

PATHS = (
    "/",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/static/js/api.js",
    "/v1/cases",
    "/v1/basemap",
)
OF_A_CASE = ("", "/photo", "/trace", "/report?format=html", "/answer", "/verify")


def test_head_is_get_without_the_body(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        case = f"/v1/cases/{live.begin()}"
        for path in (*PATHS, *(case + rest for rest in OF_A_CASE), "/v1/cases/none", "/nothing"):
            got, head = live.client.get(path), live.client.head(path)
            assert (head.status_code, head.content) == (got.status_code, b""), path
            assert head.headers["content-type"] == got.headers["content-type"], path


def test_the_head_of_a_stream_does_not_wait_for_its_end(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        live.gate.opened.clear()
        case = live.begin(wait=False)
        head = live.client.head(f"/v1/cases/{case}/events", timeout=5)
        assert (head.status_code, head.headers["content-type"].split(";")[0]) == (
            200,
            "text/event-stream",
        )
        assert live.client.get("/healthz").status_code == 200  # on the same connection


@pytest.mark.parametrize("path", ["/v1/locate", "/v1/trips"])
def test_head_is_refused_where_there_is_no_get(tmp_path: Path, path: str) -> None:
    with serving(tmp_path) as live:
        assert live.client.head(path).status_code == 405
