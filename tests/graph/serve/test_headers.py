"""Every response carries the headers that bound what a browser may do; its own ones stay."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from geoagent_graph.serve.headers import ALWAYS, SafeHeaders


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    own = {"Content-Security-Policy": "sandbox"} if scope["path"] == "/own" else {}
    await PlainTextResponse("ok", headers=own)(scope, receive, send)


@pytest.fixture
def client() -> TestClient:
    """Return a client of an application that sets one header on one path."""
    return TestClient(SafeHeaders(plain))


def test_no_script_of_others_no_frame_and_no_copy_is_allowed(client: TestClient) -> None:
    headers = client.get("/").headers
    assert {name: headers[name] for name in ALWAYS} == ALWAYS
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_what_a_response_says_itself_stays(client: TestClient) -> None:
    headers = client.get("/own").headers
    assert headers.get_list("content-security-policy") == ["sandbox"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/static/page.js", "no-cache"), ("/static", "no-store"), ("/v1/static/x", "no-store")],
)
def test_only_the_files_of_the_page_are_kept(client: TestClient, path: str, kept: str) -> None:
    assert client.get(path).headers["cache-control"] == kept
