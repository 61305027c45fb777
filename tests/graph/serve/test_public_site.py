"""Behind a proxy with TLS: origins, host names, cookies and clients are those that browsers see."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers

from geoagent_graph.errors import InputError
from geoagent_graph.serve.limits import Address
from geoagent_graph.serve.public_site import PublicSite
from tests.support.serving import PATIENCE_SECONDS, Live, photo, serving

SECRET = "0123456789abcdef0123456789abcdef"
SITE = PublicSite.of("https://photos.example", ["127.0.0.1", "10.0.0.0/8"])


def scope(client: str = "127.0.0.1") -> dict[str, Any]:
    return {"scheme": "http", "client": (client, 1), "method": "POST"}


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("photos.example", "https://photos.example", True),
        ("PHOTOS.example:443", "https://Photos.Example:443", True),
        ("127.0.0.1:8321", "https://photos.example", True),
        ("127.0.0.1:8321", "http://127.0.0.1:8321", True),
        ("photos.example", "http://photos.example", False),
        ("photos.example", "https://photos.example.evil", False),
        ("photos.example", "https://evil.example", False),
        ("127.0.0.1:8321", "http://127.0.0.1:1", False),
        ("photos.example", "null", False),
        ("photos.example", "https://photos.example:8443", False),
        ("evil.example", "http://evil.example", False),
    ],
)
def test_the_origin_is_the_public_one(host: str, origin: str, own: bool) -> None:
    assert SITE.is_own_origin(scope(), Headers({"host": host, "origin": origin})) is own


@pytest.mark.parametrize(
    ("peer", "named", "client"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        (
            "127.0.0.1",
            "6.6.6.6, 203.0.113.7",
            "203.0.113.7",
        ),  # what the client said is not believed
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.1"),  # no proxy of ours
    ],
)
def test_a_proxy_names_its_client(peer: str, named: str, client: str) -> None:
    assert SITE.client_of(scope(peer), Headers({"x-forwarded-for": named})) == client


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"public_url": "photos.example"}, "--public-url photos.example: give what browsers open"),
        ({"public_url": "https://photos.example/geo"}, "without a path"),
        ({"public_url": "https://me:pw@photos.example"}, "leave out user"),
        ({"proxies": ("nginx",)}, "--proxy: 'nginx' does not appear to be"),
    ],
)
def test_what_is_no_site_is_refused(address: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        Address(**address)
    assert said in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Live]:
    address = Address(
        port=0,
        token=SecretStr(SECRET),
        public_url=f"https://photos.example:{port}",
        proxies=("127.0.0.1",),
    )
    folder = tmp_path_factory.mktemp("home")
    with serving(folder, address=address, limits={"requests_per_minute": 20}) as server:
        yield server


@pytest.fixture(scope="module")
def browser(
    live: Live, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """Yield a client that reaches the server through a real nginx with TLS."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("needs nginx and openssl: make system")
    folder = tmp_path_factory.mktemp("nginx")
    certificate = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=photos.example", "-addext", "subjectAltName=DNS:photos.example"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*certificate, *names, *files], check=True, capture_output=True)
    (folder / "nginx.conf").write_text(_nginx_conf(folder, port, live.url))
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "error.log"]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        _wait_for(port)
        context = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        transport = httpx.HTTPTransport(verify=context)
        headers = {"Host": f"photos.example:{port}", "Authorization": f"Bearer {SECRET}"}
        with httpx.Client(
            transport=transport,
            base_url=f"https://127.0.0.1:{port}",
            headers=headers,
            timeout=PATIENCE_SECONDS,
        ) as client:
            yield client
    finally:
        process.terminate()
        process.wait()


def _nginx_conf(folder: Path, port: int, inner: str) -> str:
    """Return a site as the documentation shows it, with everything it writes in one folder."""
    kept = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
{kept}  access_log off;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    client_max_body_size 64m;
    location / {{
      proxy_pass {inner};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_buffering off;
    }}
  }}
}}
"""


def _wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise AssertionError("nginx did not begin to listen")


def sni() -> dict[str, Any]:
    """Return what makes the certificate's name the one that is asked for."""
    return {"extensions": {"sni_hostname": "photos.example"}}


def test_the_page_can_post_through_tls(browser: httpx.Client, port: int) -> None:
    own = {"Origin": f"https://photos.example:{port}", "Sec-Fetch-Site": "same-origin"}
    made = browser.post("/v1/cases", files={"photo": photo()}, headers=own, **sni())
    assert made.status_code == 201, made.text
    for origin in ("http://photos.example", f"http://127.0.0.1:{port}", "https://evil.example"):
        refused = browser.post(
            "/v1/cases", files={"photo": photo()}, headers={"Origin": origin}, **sni()
        )
        assert refused.status_code == 403


def test_the_cookie_is_for_encrypted_connections_alone(browser: httpx.Client) -> None:
    reply = browser.get("/", params={"token": SECRET}, **sni())
    assert "; Secure" in reply.headers["set-cookie"]
    assert "; HttpOnly" in reply.headers["set-cookie"]


def test_other_host_names_are_refused(browser: httpx.Client) -> None:
    reply = browser.get("/v1/about", headers={"Host": "evil.example"}, **sni())
    assert reply.status_code == 421


def test_a_client_uses_up_its_own_requests_only(live: Live) -> None:
    def statuses(named: str, count: int, **more: str) -> set[int]:
        headers = {"Authorization": f"Bearer {SECRET}", "X-Forwarded-For": named, **more}
        return {live.client.get("/v1/about", headers=headers).status_code for _ in range(count)}

    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert statuses("203.0.113.1", 30, **embedded) == {403}  # another site's page asks
    assert 429 in statuses("203.0.113.2", 60)
    assert statuses("203.0.113.1", 5) == {200}
