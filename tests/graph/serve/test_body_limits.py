"""Bodies of requests are bounded in size and time, whatever their length header says."""

import asyncio
from collections.abc import Iterable

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from geoagent_graph.serve.body_limits import BodyLimits, UploadSlots, is_upload
from geoagent_graph.serve.limits import Limits

LIMITS = Limits(json_bytes=1000, upload_bytes=2000, idle_seconds=0.05, uploads=1)


async def echo_length(scope: Scope, receive: Receive, send: Send) -> None:
    length = len(await Request(scope, receive).body())
    await PlainTextResponse(str(length))(scope, receive, send)


def scope_of(path: str = "/v1/x", method: str = "POST", length: str | None = None) -> Scope:
    headers = [] if length is None else [(b"content-length", length.encode())]
    return {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}


def receive_of(parts: Iterable[bytes], *, ends: bool = True) -> Receive:
    """Return a client that sends the parts, then ends the body or never does."""
    left = list(parts)

    async def receive() -> Message:
        if left:
            body = left.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(left) or not ends}
        await asyncio.sleep(60)
        raise AssertionError

    return receive


async def reply_to(scope: Scope, receive: Receive) -> tuple[int, bytes, dict[bytes, bytes]]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await BodyLimits(echo_length, limits=LIMITS)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


async def test_a_body_within_its_bound_passes() -> None:
    status, body, headers = await reply_to(scope_of(), receive_of([b"x" * 600, b"x" * 400]))
    assert (status, body) == (200, b"1000")
    assert b"connection" not in headers


async def test_a_length_that_is_too_much_or_no_number_is_refused_unread() -> None:
    for length in ("1001", "9" * 40, "-1", "1e3", "0x10"):
        status, body, _ = await reply_to(scope_of(length=length), receive_of([b""]))
        assert status == 413
        assert b"the request holds more than 1,000 bytes" in body


async def test_a_photo_may_be_longer_than_another_body() -> None:
    assert is_upload(scope_of("/v1/cases"))
    assert is_upload(scope_of("/v1/locate"))
    assert not is_upload(scope_of("/v1/cases", "GET"))
    status, body, _ = await reply_to(scope_of("/v1/cases"), receive_of([b"x" * 2000]))
    assert (status, body) == (200, b"2000")


async def test_one_upload_at_a_time_and_the_next_gives_up_in_time() -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        await leave.wait()
        await PlainTextResponse("ok")(scope, receive, send)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    slots = UploadSlots(hold, limits=LIMITS)
    first = asyncio.create_task(slots(scope_of("/v1/cases"), receive_of([b""]), send))
    await entered.wait()
    await slots(scope_of("/v1/cases"), receive_of([b""]), send)
    assert sent[0]["status"] == 429
    assert (b"retry-after", b"5") in sent[0]["headers"]
    leave.set()
    await first
    assert sent[2]["status"] == 200
    await slots(scope_of("/v1/cases"), receive_of([b""]), send)
    assert sent[4]["status"] == 200


async def test_too_much_is_raised_while_it_arrives() -> None:
    with pytest.raises(HTTPException, match="more than 1,000 bytes") as refused:
        await reply_to(scope_of(length="10"), receive_of([b"x" * 600, b"x" * 600]))
    assert refused.value.status_code == 413


async def test_a_body_that_stops_coming_is_given_up() -> None:
    with pytest.raises(HTTPException, match="the request came too slowly") as refused:
        await reply_to(scope_of(), receive_of([b"x"], ends=False))
    assert refused.value.status_code == 408
