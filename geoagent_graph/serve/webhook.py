"""Posts what runs came to, signed as Standard Webhooks (https://www.standardwebhooks.com) says."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import time
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import SecretStr

from geoagent_graph.errors import InputError
from geoagent_graph.serve.metrics import Metrics
from geoagent_graph.serve.schemas import CaseState

MIN_KEY_BYTES: Final = 16
MAX_WAITING: Final = 1000
CALL_SECONDS: Final = 10.0
PAUSES_SECONDS: Final = (1.0, 5.0, 30.0, 120.0)  # between five tries
_PREFIX: Final = "whsec_"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Post:
    """One message: its id stays the same over all tries."""

    id: str
    body: bytes


class Webhook:
    """Posts messages one after the other to one address, each up to five times."""

    def __init__(self, address: str, secret: SecretStr | None, metrics: Metrics) -> None:
        """Take the address and the key.

        Raises:
            InputError: the key is missing, no Base64, or too short.
        """
        self._address, self._key, self._metrics = address, _key_bytes(secret), metrics
        self._queue: asyncio.Queue[Post] = asyncio.Queue(MAX_WAITING)

    def add(self, state: CaseState) -> None:
        """Have the end of a run posted; where too many wait, it is lost and counted."""
        try:
            self._queue.put_nowait(post_of(state))
        except asyncio.QueueFull:
            self._lose(state.id, "too many wait")

    async def work(self) -> None:
        """Post what comes, for as long as this is awaited."""
        async with httpx.AsyncClient(timeout=CALL_SECONDS, trust_env=False) as client:
            while True:
                await self._deliver(client, await self._queue.get())

    async def _deliver(self, client: httpx.AsyncClient, post: Post) -> None:
        problem = ""
        for pause in (0.0, *PAUSES_SECONDS):
            await asyncio.sleep(pause)
            try:
                status = await self._send(client, post)
            except httpx.HTTPError as error:
                problem = type(error).__name__
                continue
            if 200 <= status < 300:
                self._metrics.count_webhook("delivered")
                return
            problem = f"HTTP {status}"
            if status == 410:  # gone: the receiver wants no more of it
                break
        self._lose(post.id, problem)

    async def _send(self, client: httpx.AsyncClient, post: Post) -> int:
        headers = signed_headers(self._key, post, int(time.time()))
        async with client.stream("POST", self._address, content=post.body, headers=headers) as got:
            return got.status_code  # whatever the body holds is not read

    def _lose(self, what: str, problem: str) -> None:
        self._metrics.count_webhook("lost")
        _log.warning("webhook: %s was not delivered: %s", what, problem)


def post_of(state: CaseState) -> Post:
    """Return the message about a run that ended: `type`, `timestamp` and the case as `data`."""
    data = state.model_copy(update={"candidates": {}}).model_dump(mode="json")
    sent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = {"type": f"case.{state.status}", "timestamp": sent, "data": data}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Post(f"msg_{state.id}_{state.branch}_{state.events}", text.encode("utf-8", "replace"))


def signed_headers(key: bytes, post: Post, now_s: int) -> dict[str, str]:
    """Return the headers of a message: its id, the time, and the HMAC-SHA256 over both and it."""
    signed = f"{post.id}.{now_s}.".encode() + post.body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": post.id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": f"v1,{signature}",
    }


def _key_bytes(secret: SecretStr | None) -> bytes:
    advice = "set GEOAGENT_SERVE_WEBHOOK_SECRET to what this prints: "
    advice += "echo whsec_$(openssl rand -base64 32)"
    if secret is None:
        raise InputError(f"--webhook: posts are signed, and there is no key; {advice}")
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < MIN_KEY_BYTES:
        raise InputError(
            f"--webhook: its key is no Base64 of {MIN_KEY_BYTES} bytes or more; {advice}"
        )
    return key
