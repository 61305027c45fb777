"""What `geoagent serve` refuses: hosts, origins, tokens, paths, bodies, too much of anything."""

import contextlib
import io
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from pydantic import SecretStr, ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.serve.headers import CONTENT_POLICY
from geoagent_graph.serve.limits import Address
from geoagent_graph.serve.page import static_folder
from geoagent_graph.serve.security import Rates
from geoagent_graph.serve.token import Token
from geoagent_graph.settings import Settings
from tests.support.serving import Live, photo, serving

SECRET = "0123456789abcdef0123456789abcdef"
LIMITS = {"upload_bytes": 200_000, "idle_seconds": 0.6, "upload_seconds": 2.0}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home"), limits=LIMITS) as server:
        yield server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    address = Address(port=0, token=SecretStr(SECRET))
    with serving(tmp_path_factory.mktemp("home"), address=address) as server:
        yield server


def is_problem(reply: httpx.Response, status: int) -> bool:
    """Return whether a reply is a problem of that status, with one line for people."""
    problem = reply.json()
    return (
        reply.status_code == problem["status"] == status
        and reply.headers["content-type"] == "application/problem+json"
        and "\n" not in problem["detail"]
        and "Traceback" not in problem["detail"]
    )


def count(live: Live) -> int:
    """Return how many cases there are."""
    return int(live.client.get("/v1/cases").json()["total"])


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
    before = count(live)
    refused = live.client.post("/v1/cases", files={"photo": photo()}, headers=headers)
    assert is_problem(refused, 403)
    assert count(live) == before


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
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr("geoagent_graph.serve.token.hmac.compare_digest", compare)
    from starlette.datastructures import Headers

    token = Token(SecretStr(SECRET))
    assert token.is_shown(Headers({"authorization": f"Bearer {SECRET}"}))
    assert not token.is_shown(Headers({"cookie": "geoagent=x"}))
    assert len(compared) == 2


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


# bodies


def test_a_photo_above_the_limit_is_refused(live: Live) -> None:
    before = count(live)
    refused = live.client.post("/v1/cases", files={"photo": ("a.png", b"x" * 300_000)})
    assert is_problem(refused, 413)
    assert count(live) == before


def _form(size: int) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
    return head + b"x" * size + b"\r\n--b--\r\n"


def _raw(live: Live, head: str, body: bytes, pause: float = 0.0, size: int = 65536) -> bytes:
    """Return what the server replies to bytes sent in pieces; sending ends where it hangs up."""
    host, port = live.url.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(
            f"POST /v1/cases HTTP/1.1\r\nHost: {host}\r\n"
            f"Connection: close\r\n{head}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n".encode()
        )
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for start in range(0, len(body), size):
                client.sendall(body[start : start + size])
                time.sleep(pause)
        reply = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := client.recv(65536):
                reply += chunk
        return reply


def _chunked(body: bytes) -> bytes:
    return b"".join(
        b"%x\r\n%s\r\n" % (len(body[at : at + 8192]), body[at : at + 8192])
        for at in range(0, len(body), 8192)
    )


@pytest.mark.parametrize(
    "head",
    ["Transfer-Encoding: chunked", "Content-Length: 999999999", "Content-Length: 9" + "9" * 5000],
)
def test_the_limit_counts_what_comes_whatever_the_head_says(live: Live, head: str) -> None:
    before, body = count(live), _form(3_000_000)
    reply = _raw(live, head, _chunked(body) if "chunked" in head else body)
    assert reply.split()[1] in (b"413", b"400"), reply[:200]
    assert b"\r\n\r\n{" in reply or b" 400 " in reply  # a client that still sends hears it
    assert count(live) == before


def test_a_length_above_the_limit_is_refused_before_its_body(live: Live) -> None:
    assert b" 413 " in _raw(live, "Content-Length: 999999999", b"").split(b"\r\n")[0]


def test_a_client_that_still_sends_hears_why_it_is_refused(live: Live) -> None:
    host, port = live.url.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        head = f"POST /v1/cases HTTP/1.1\r\nHost: {host}\r\nContent-Length: 8000000\r\n\r\n"
        client.sendall(head.encode())
        for _ in range(80):
            client.sendall(b"x" * 100_000)  # no broken pipe
        reply = client.recv(65536)
        while not reply.endswith(b"}"):
            reply += client.recv(65536)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert json.loads(reply.partition(b"\r\n\r\n")[2])["status"] == 413


def test_less_than_the_length_that_was_promised_is_no_photo(live: Live) -> None:
    before = count(live)
    reply = _raw(live, "Content-Length: 150000", _form(1000)[:-9])
    assert b" 408 " in reply.split(b"\r\n")[0]
    assert count(live) == before


@pytest.mark.parametrize("pause", [0.1, 1.0])
def test_an_upload_that_drips_is_ended(live: Live, pause: float) -> None:
    before = count(live)
    reply = _raw(live, "Content-Length: 100000", _form(60), pause, size=1)  # a minute, unless ended
    assert b" 408 " in reply.split(b"\r\n")[0] or reply == b""
    assert count(live) == before
    assert not list(live.folder.glob("photos/**/.photo-*"))


def test_a_head_that_drips_is_ended(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geoagent_graph.serve.server.HEAD_SECONDS", 0.5)
    host, port = live.url.removeprefix("http://").strip("/").split(":")
    whole = f"GET /v1/about HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    for first, then in ((b"", b""), (b"", b"GET / HTTP/1.1\r\nX: "), (whole, b"GET / HT")):
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(first)
            if first:
                assert b" 200 " in client.recv(65536)
            client.sendall(then)
            # within the socket's 10 s, far from the 15 s of an idle connection
            with contextlib.suppress(ConnectionResetError):
                while client.recv(65536):
                    pass


def test_uploads_take_turns_and_give_up(tmp_path: Path) -> None:
    limits = {"uploads": 1, "idle_seconds": 2.0, "upload_seconds": 60.0}
    with serving(tmp_path, limits=limits) as live:
        host, port = live.url.removeprefix("http://").strip("/").split(":")
        done = threading.Event()

        def drip() -> None:
            with socket.create_connection((host, int(port))) as slow:
                slow.sendall(
                    f"POST /v1/cases HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9000\r\n"
                    "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode()
                )
                while not done.wait(0.2):
                    slow.sendall(b"X")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            time.sleep(0.5)
            refused = live.client.post("/v1/cases", files={"photo": photo()})
            assert is_problem(refused, 429)
            assert refused.headers["retry-after"] == "5"
            assert live.client.get("/v1/about").status_code == 200
        finally:
            done.set()
            dripping.join()
        live.begin()  # the place is free again


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script></html>", "web page"),
        (b"%PDF-1.7 ...", "not a photo"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, ""),
        (b"\0\0\0\x18ftypmp42", "video"),
        (photo()[1][:60], "damaged"),
    ],
)
def test_what_is_no_photo_is_refused(live: Live, content: bytes, says: str) -> None:
    before = count(live)
    refused = live.client.post("/v1/cases", files={"photo": ("a.png", content)})
    assert is_problem(refused, 422)
    assert says in refused.json()["detail"]
    assert count(live) == before
    assert not list((live.folder / "photos").rglob(".photo-*"))


def test_a_pixel_bomb_is_refused_from_its_header(live: Live) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )
    refused = live.client.post("/v1/cases", files={"photo": ("a.png", bomb)})
    assert is_problem(refused, 422)
    assert "3600 megapixels" in refused.json()["detail"]


def test_a_real_photo_of_another_name_is_taken(live: Live) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (80, 60)).save(stream, "JPEG")
    made = live.client.post(
        "/v1/cases", files={"photo": ("../../x\0<b>.exe", stream.getvalue(), "text/html")}
    )
    assert made.status_code == 201
    assert "\0" not in made.json()["photo"]["name"]
    assert not list(live.folder.parent.rglob("*.exe"))


def test_ten_thousand_fields_are_refused(live: Live) -> None:
    before = count(live)
    fields = {f"f{number}": "x" for number in range(10_000)}
    assert is_problem(live.client.post("/v1/cases", files={"photo": photo()}, data=fields), 413)
    few = {f"f{number}": "" for number in range(100)}
    assert is_problem(live.client.post("/v1/cases", files={"photo": photo()}, data=few), 400)
    files = [("photo", photo()) for _ in range(3)]
    assert is_problem(live.client.post("/v1/cases", files=files), 400)
    long = {"ask": "n" * 5000}
    assert is_problem(live.client.post("/v1/cases", files={"photo": photo()}, data=long), 400)
    assert count(live) == before


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"ask": "maybe"}, "ask"), ({"use_exif": "perhaps"}, "use_exif"), ({}, "")],
)
def test_wrong_fields_are_named(live: Live, fields: dict[str, str], says: str) -> None:
    files = {"photo": photo()} if fields else {"other": photo()}
    refused = live.client.post("/v1/cases", files=files, data=fields)
    assert is_problem(refused, 422)
    assert says in refused.json()["detail"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"text": "' + b"x" * 100_000 + b'"}', 413),
        (b'{"text": NaN}', 422),
        (b'{"place": "Lisbon", "because": Infinity}', 422),
        (b"[" * 30_000, 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
        (b"\xff\xfe\xfd", 400),
        (b'{"text": "\\ud800"}', 422),
        (b"{", 422),
        (b"", 422),
        (b"null", 422),
        (b'{"text": "x", "more": 1}', 422),
    ],
)
def test_json_that_is_no_request_is_refused(live: Live, content: bytes, status: int) -> None:
    name = live.begin()
    before = live.case(name)["head"]
    refused = live.client.post(
        f"/v1/cases/{name}/notes", content=content, headers={"Content-Type": "application/json"}
    )
    assert is_problem(refused, status)
    assert live.case(name)["head"] == before


def test_numbers_that_are_none_are_refused_everywhere(live: Live) -> None:
    name = live.begin(wait=False, ask="always")
    live.until(name, "waiting")
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        body = f'{{"kind": "map_region", "lat_deg": {number}, "lon_deg": 0, "radius_km": 5}}'
        refused = live.client.post(
            f"/v1/cases/{name}/answer", content=body, headers={"Content-Type": "application/json"}
        )
        assert is_problem(refused, 422)
    assert live.case(name)["status"] == "waiting"


def test_a_defect_tells_nothing_of_itself(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    name = live.begin()
    monkeypatch.setattr("geoagent_graph.serve.trace_cache.TraceCache.view", broken)
    refused = live.client.get(f"/v1/cases/{name}")
    assert is_problem(refused, 500)
    assert "secret" not in refused.text
    assert refused.headers["content-security-policy"] == CONTENT_POLICY
    assert "ZeroDivisionError" in caplog.text  # the log has it


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
