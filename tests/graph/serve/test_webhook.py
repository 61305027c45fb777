"""Ended runs are posted to the webhook, signed; a receiver that fails is tried again."""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook as Receiver

from geoagent_graph.errors import InputError
from geoagent_graph.serve import webhook
from geoagent_graph.serve.limits import Load
from geoagent_graph.serve.metrics import Metrics
from geoagent_graph.serve.webhook import Webhook
from tests.support.serving import photo, serving

KEY = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@dataclass
class Receiving:
    """A receiver on loopback: what it got, and the statuses it answers with, in turn."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@pytest.fixture
def receiving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiving]:
    monkeypatch.setattr(webhook, "PAUSES_SECONDS", (0.0, 0.0))
    state = Receiving()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(state.statuses.pop(0) if state.statuses else 204)
            self.end_headers()
            state.arrived.release()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def begin_case(folder: Path, receiving: Receiving, posts: int) -> str:
    """Begin a case, wait for some posts, and return its id."""
    with serving(folder, webhook=(receiving.url, SecretStr(KEY))) as live:
        reply = live.client.post("/v1/locate", files={"photo": photo()})
        for _ in range(posts):
            assert receiving.arrived.acquire(timeout=60)
        name: str = reply.json()["id"]
        return name


def test_an_answer_is_posted_and_its_signature_holds(tmp_path: Path, receiving: Receiving) -> None:
    name = begin_case(tmp_path, receiving, posts=1)
    headers, body = receiving.got[0]
    told = Receiver(KEY).verify(body, headers)
    assert told["type"] == "case.answered"
    assert (told["data"]["id"], told["data"]["answer"]["place"]["city"]) == (name, "Lisbon")
    assert told["data"]["answer"]["trace"] == []
    with pytest.raises(Exception, match="signature"):
        Receiver(KEY).verify(body + b" ", headers)


def test_a_receiver_that_fails_is_told_the_same_again(tmp_path: Path, receiving: Receiving) -> None:
    receiving.statuses = [500, 302, 200]
    begin_case(tmp_path, receiving, posts=3)
    assert len({headers["webhook-id"] for headers, _ in receiving.got}) == 1
    assert len({json.loads(body)["data"]["id"] for _, body in receiving.got}) == 1


def test_a_receiver_that_is_gone_is_told_once(tmp_path: Path, receiving: Receiving) -> None:
    receiving.statuses = [410]
    begin_case(tmp_path, receiving, posts=1)
    assert len(receiving.got) == 1


@pytest.mark.parametrize("secret", [None, "", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64"])
def test_a_key_that_cannot_sign_is_refused(secret: str | None) -> None:
    key = None if secret is None else SecretStr(secret)
    with pytest.raises(InputError, match="GEOAGENT_SERVE_WEBHOOK_SECRET"):
        Webhook(
            "http://127.0.0.1/hook", key, Metrics(lambda: Load(running=0, waiting=0, streams=0))
        )
