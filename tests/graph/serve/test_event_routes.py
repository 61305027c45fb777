"""A stream of events: its lines, the state after them, its end, and a client that does not read."""

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI
from sse_starlette.sse import SendTimeoutError
from starlette.types import Message, Scope

from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.view import CaseView
from geoagent_graph.serve import event_routes
from geoagent_graph.serve.event_routes import ABORT, EventStream
from geoagent_graph.serve.subscribers import Subscribers
from geoagent_graph.serve.trace_cache import TraceCache
from tests.support.app_client import app_client
from tests.support.cases import begin, view_of
from tests.support.serving import Event, parsed


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an answered case."""
    home = tmp_path_factory.mktemp("home")
    asyncio.run(begin(home))
    return home


def stream(home: Path, query: str = "", **headers: str) -> list[Event]:
    """Return the events of a stream that the server ends at once."""
    with app_client(home) as client:
        assert isinstance(client.app, FastAPI)
        about = client.app.state.service.about
        limits = about.limits.model_copy(update={"stream_seconds": 0.3})
        object.__setattr__(
            client.app.state.service, "about", about.model_copy(update={"limits": limits})
        )
        reply = client.get(f"/v1/cases/one/events{query}", headers=headers)
    assert reply.headers["content-type"].startswith("text/event-stream")
    return list(parsed(iter([*reply.text.splitlines(), ""])))


def test_every_line_comes_once_and_then_the_state(home: Path) -> None:
    *lines, state = stream(home)
    assert [event.data["hash"] for event in lines] == [e.hash for e in view_of(home).events]
    assert (state.kind, state.id, state.data["status"]) == ("state", None, "answered")
    assert state.data["candidates"] == {}


def test_the_last_id_of_a_client_comes_before_its_query(home: Path) -> None:
    last = len(view_of(home).events) - 1
    told = stream(home, "?after=0", **{"Last-Event-ID": str(last - 1)})
    assert [event.id for event in told] == [str(last), None]
    assert [event.kind for event in stream(home, "?after=9999")] == ["state"]


@pytest.mark.parametrize("query", ["?after=-2", "?after=x", "?after=10000001"])
def test_a_place_that_is_none_is_refused(home: Path, query: str) -> None:
    with app_client(home) as client:
        assert client.get(f"/v1/cases/one/events{query}").status_code == 422
        assert client.get("/v1/cases/none/events").status_code == 404


async def test_a_client_that_does_not_read_is_cut_off_and_no_listener_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut: list[str] = []
    watching = Subscribers(away_seconds=1.0, most=1)

    async def stuck(*_: object) -> None:
        assert watching.listeners == 1
        raise SendTimeoutError

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    monkeypatch.setattr(EventStream.__mro__[1], "__call__", stuck)
    events = EventStream(iter(()))
    events.listening = watching.listen(("one", "main"))
    scope: Scope = {"type": "http", "extensions": {ABORT: lambda: cut.append("off")}}
    await events(scope, receive, send)
    assert (cut, watching.listeners) == (["off"], 0)


async def test_a_stream_where_nothing_happens_reads_no_trace(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole_read = CaseStore.read

    def note_read(store: CaseStore, name: str, branch: str) -> CaseView:
        read.append(name)
        return whole_read(store, name, branch)

    monkeypatch.setattr(CaseStore, "read", note_read)
    # As where more cases are listened to than are kept.
    monkeypatch.setattr(TraceCache, "_drop_old_views", lambda cache: cache._views.clear())
    monkeypatch.setattr(event_routes, "POLL_SECONDS", 0.01)
    await asyncio.to_thread(stream, home)
    once = len(read)
    read.clear()
    monkeypatch.setattr(event_routes, "POLL_SECONDS", 1.0)
    await asyncio.to_thread(stream, home)
    assert once == len(read)
