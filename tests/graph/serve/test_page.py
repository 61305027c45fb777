"""The page, signing in by its address, and its files."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from geoagent_graph.serve import page
from geoagent_graph.serve.limits import Address
from geoagent_graph.serve.token import COOKIE
from tests.support.app_client import app_client

SECRET = "0123456789abcdef"


def test_a_right_token_becomes_a_cookie_and_leaves_the_address(tmp_path: Path) -> None:
    client = app_client(tmp_path, address=Address(token=SecretStr(SECRET)))
    reply = client.get("/", params={"token": SECRET}, follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert SECRET not in cookie
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", SECRET + "x", "é"])
def test_a_wrong_token_leaves_the_address_and_gives_no_cookie(tmp_path: Path, token: str) -> None:
    client = app_client(tmp_path, address=Address(token=SecretStr(SECRET)))
    reply = client.get("/", params={"token": token}, follow_redirects=False)
    assert reply.status_code == (303 if token else 401)
    assert "set-cookie" not in reply.headers
    assert client.get("/").status_code == 401


def test_a_token_where_none_is_needed_gives_no_cookie(tmp_path: Path) -> None:
    reply = app_client(tmp_path).get("/", params={"token": SECRET}, follow_redirects=False)
    assert (reply.status_code, "set-cookie" in reply.headers) == (303, False)


def test_the_page_is_asked_for_again_and_a_missing_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app_client(tmp_path)
    assert client.get("/").headers["cache-control"] == "no-cache"
    monkeypatch.setattr(page, "static_folder", lambda: tmp_path)
    missing = client.get("/")
    assert missing.status_code == 404
    assert missing.json()["detail"] == "this installation has no page; its API is at /v1"


def test_no_file_outside_the_folder_is_served(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "cases", ignore_errors=True)
    client = app_client(tmp_path)
    for path in ("/static/../page.py", "/static/%2e%2e/page.py", "/static/..%2fpage.py"):
        assert client.get(path).status_code == 404
