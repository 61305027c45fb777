"""What `geoagent serve` refuses of the bodies it is sent: too much, too slowly, no photo."""

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

import pytest
from PIL import Image

from geoagent_graph.serve.headers import CONTENT_POLICY
from tests.support.refusals import LIMITS, case_count, is_problem
from tests.support.serving import Live, photo, serving


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home"), limits=LIMITS) as server:
        yield server


def test_a_photo_above_the_limit_is_refused(live: Live) -> None:
    before = case_count(live)
    refused = live.client.post("/v1/cases", files={"photo": ("a.png", b"x" * 300_000)})
    assert is_problem(refused, 413)
    assert case_count(live) == before


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
    before, body = case_count(live), _form(3_000_000)
    reply = _raw(live, head, _chunked(body) if "chunked" in head else body)
    assert reply.split()[1] in (b"413", b"400"), reply[:200]
    assert b"\r\n\r\n{" in reply or b" 400 " in reply  # a client that still sends hears it
    assert case_count(live) == before


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
    before = case_count(live)
    reply = _raw(live, "Content-Length: 150000", _form(1000)[:-9])
    assert b" 408 " in reply.split(b"\r\n")[0]
    assert case_count(live) == before


@pytest.mark.parametrize("pause", [0.1, 1.0])
def test_an_upload_that_drips_is_ended(live: Live, pause: float) -> None:
    before = case_count(live)
    reply = _raw(live, "Content-Length: 100000", _form(60), pause, size=1)  # a minute, unless ended
    assert b" 408 " in reply.split(b"\r\n")[0] or reply == b""
    assert case_count(live) == before
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
    before = case_count(live)
    refused = live.client.post("/v1/cases", files={"photo": ("a.png", content)})
    assert is_problem(refused, 422)
    assert says in refused.json()["detail"]
    assert case_count(live) == before
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
    before = case_count(live)
    fields = {f"f{number}": "x" for number in range(10_000)}
    assert is_problem(live.client.post("/v1/cases", files={"photo": photo()}, data=fields), 413)
    few = {f"f{number}": "" for number in range(100)}
    assert is_problem(live.client.post("/v1/cases", files={"photo": photo()}, data=few), 400)
    files = [("photo", photo()) for _ in range(3)]
    assert is_problem(live.client.post("/v1/cases", files=files), 400)
    long = {"ask": "n" * 5000}
    assert is_problem(live.client.post("/v1/cases", files={"photo": photo()}, data=long), 400)
    assert case_count(live) == before


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
    assert live.client.get("/healthz").is_success  # the server logs once it has answered
    assert "ZeroDivisionError" in caplog.text
