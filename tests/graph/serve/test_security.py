"""What `geoagent serve` refuses: hosts, origins, tokens, paths, bodies, too much of anything."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.serve.headers import CONTENT_POLICY
from geoagent_graph.serve.limits import Address
from geoagent_graph.serve.page import static_folder
from geoagent_graph.serve.security import Rates
from geoagent_graph.serve.token import Tokens
from geoagent_graph.serve.token_file import TokenHolder
from geoagent_graph.settings import Settings
from tests.support.refusals import LIMITS, case_count, is_problem
from tests.support.serving import Live, photo, serving

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home"), limits=LIMITS) as server:
        yield server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    address = Address(port=0, token=SecretStr(SECRET))
    with serving(tmp_path_factory.mktemp("home"), address=address) as server:
        yield server


# who may speak


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8321", "127.0.0.1.evil.example", "", "[::1", "2130706433"],
)
def test_another_host_name_is_refused(live: Live, host: str) -> None:
    assert is_problem(live.client.get("/v1/about", headers={"Host": host}), 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:8321"])
def test_this_machines_names_are_taken(live: Live, host: str) -> None:
    assert live.client.get("/v1/about", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_writes_from_other_sites_are_refused(live: Live, headers: dict[str, str]) -> None:
    before = case_count(live)
    refused = live.client.post("/v1/cases", files={"photo": photo()}, headers=headers)
    assert is_problem(refused, 403)
    assert case_count(live) == before


def test_writes_from_the_page_are_taken(live: Live) -> None:
    headers = {"Origin": live.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    made = live.client.post("/v1/cases", files={"photo": photo()}, headers=headers)
    assert made.status_code == 201


def test_reads_from_other_sites_pages_are_refused_but_links_are_not(live: Live) -> None:
    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert is_problem(live.client.get("/v1/cases", headers=embedded), 403)
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert live.client.get("/v1/about", headers=followed).status_code == 200


def test_a_form_of_another_site_cannot_write_json(live: Live) -> None:
    name = live.begin()
    body = json.dumps({"text": "x"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        refused = live.client.post(
            f"/v1/cases/{name}/notes", content=body, headers={"Content-Type": kind}
        )
        assert is_problem(refused, 422)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_an_address_that_others_reach_demands_a_token(host: str) -> None:
    with pytest.raises(InputError, match="needs a token"):
        Address(host=host)
    Address(host=host, token=SecretStr(SECRET))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_loopback_needs_none(host: str) -> None:
    assert Address(host=host).is_loopback


def test_a_short_token_is_refused() -> None:
    with pytest.raises((InputError, ValidationError), match="too short"):
        Address(token=SecretStr("guess"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {SECRET}"},
        {"Authorization": f"Bearer {SECRET}x"},
        {"Authorization": f"Bearer {SECRET[:-1]}"},
        {"Authorization": "Bearer \xff\xfe"},
        {"Cookie": f"geoagent={SECRET}"},
        {"Cookie": "geoagent=\x01; =;"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/v1/about", "/v1/cases", "/static/x.js", "/openapi.json"])
def test_without_the_token_nothing_is_shown(
    guarded: Live, path: str, headers: dict[str, str]
) -> None:
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    refused = guarded.client.get(path, headers=raw)
    assert is_problem(refused, 401)
    assert refused.headers["www-authenticate"] == "Bearer"


def test_with_the_token_everything_is(guarded: Live) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    assert guarded.client.get("/v1/about", headers=headers).status_code == 200
    assert is_problem(guarded.client.get(f"/v1/about?token={SECRET}"), 401)  # in no other address


def test_the_page_turns_the_token_into_a_cookie(guarded: Live) -> None:
    with httpx.Client(base_url=guarded.url, trust_env=False) as browser:
        signed_in = browser.get(f"/?token={SECRET}")
        assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
        cookie = signed_in.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert SECRET not in cookie
        assert browser.get("/v1/cases").status_code == 200
    with httpx.Client(base_url=guarded.url, trust_env=False) as browser:
        assert "set-cookie" not in browser.get("/?token=wrong").headers
        assert browser.get("/v1/cases").status_code == 401


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr("geoagent_graph.serve.token.hmac.compare_digest", compare)
    from starlette.datastructures import Headers

    holders = [TokenHolder.of_token(SECRET + name, name) for name in ("", "Ana", "Bo")]
    tokens = Tokens(lambda: holders)
    assert tokens.holder_of(Headers({"authorization": f"Bearer {SECRET}"})) == holders[0]
    assert tokens.holder_of(Headers({"cookie": "geoagent=x"})) is None
    assert len(compared) == 6  # all of them, found or not


def test_no_secret_is_shown_or_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with serving(tmp_path, address=Address(port=0, token=SecretStr(SECRET))) as guarded:
        guarded.client.headers["Authorization"] = f"Bearer {SECRET}"
        guarded.client.get(f"/?token={SECRET}")
        name = guarded.begin()
        shown = [
            guarded.client.get(path).text
            for path in ("/openapi.json", "/v1/about", f"/v1/cases/{name}/trace", "/v1/cases")
        ]
    own = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    out, err = capfd.readouterr()
    stored = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert stored
    assert SECRET not in "".join([*shown, *own, out, err])
    assert not any(SECRET.encode() in content for content in stored)
    assert SECRET not in repr(Address(token=SecretStr(SECRET))) + repr(Settings(serve_token=SECRET))


# what a browser is told


@pytest.mark.parametrize("path", ["/v1/about", "/v1/cases/none", "/static/none.js", "/nowhere"])
def test_every_response_carries_the_safe_headers(live: Live, path: str) -> None:
    headers = live.client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_the_pages_files_are_kept_and_what_cases_say_is_not(live: Live) -> None:
    file = next(path for path in static_folder().rglob("*.js"))
    where = f"/static/{file.relative_to(static_folder())}"
    shown = live.client.get(where)
    assert shown.content == file.read_bytes()
    assert shown.headers["cache-control"] == "no-cache"
    again = live.client.get(where, headers={"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    assert live.client.get("/v1/cases").headers["cache-control"] == "no-store"


def test_refusals_carry_them_too(live: Live) -> None:
    refused = live.client.get("/v1/about", headers={"Host": "evil.example"})
    assert refused.headers["content-security-policy"] == CONTENT_POLICY
    assert "access-control-allow-origin" not in refused.headers


def test_the_policy_allows_no_inline_script_and_no_other_host() -> None:
    parts = dict(part.strip().split(" ", 1) for part in CONTENT_POLICY.split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == "'self'"
    assert parts["frame-ancestors"] == "'none'"
    assert "unsafe" not in CONTENT_POLICY


# paths


@pytest.mark.parametrize(
    "path",
    [
        "/v1/cases/..",
        "/v1/cases/../../etc/passwd",
        "/v1/cases/%2e%2e%2f%2e%2e%2fetc",
        "/v1/cases/..%5c..",
        "/v1/cases/%00",
        "/v1/cases/CON",
        "/v1/cases/con",
        "/v1/cases/x?branch=../../../etc/passwd",
        "/v1/cases/x/trace?branch=..%2fother",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2f..%2fpyproject.toml",
        "/static//etc/passwd",
        "/static/%00",
        "/static/",
    ],
)
def test_paths_lead_nowhere_else(live: Live, path: str) -> None:
    host, port = live.url.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:  # as it is written
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        reply = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = reply.partition(b"\r\n\r\n")
    assert int(head.split()[1]) in (404, 405, 422), head
    assert json.loads(body)["title"]


# how much


def test_requests_per_minute_are_bounded(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"requests_per_minute": 5}) as live:
        replies = [live.client.get("/v1/about") for _ in range(7)]
        assert [reply.status_code for reply in replies[:5]] == [200] * 5
        assert is_problem(replies[-1], 429)
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 13


def test_the_bucket_fills_again_and_forgets_old_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("geoagent_graph.serve.security.monotonic", lambda: now[0])
    rates = Rates(60)
    assert [rates.wait_seconds("a") for _ in range(61)] == [0] * 60 + [1]
    assert rates.wait_seconds("b") == 0
    now[0] += 2.0
    assert [rates.wait_seconds("a") for _ in range(3)] == [0, 0, 1]
    for number in range(20_000):
        rates.wait_seconds(str(number))
    assert len(rates._buckets) <= 10_000
