"""A server for the tests: the real one on a loopback socket, in a thread, with scripted tools."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from geoagent_graph.protocols import Situation
from geoagent_graph.serve.app import create_app
from geoagent_graph.serve.basemap import Basemap
from geoagent_graph.serve.limits import Address, Limits
from geoagent_graph.serve.server import Server, listen, server_of, url_of
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox
from geoagent_graph.types import Hypothesis
from tests.support.cases import photo_bytes, store_in

PATIENCE_SECONDS = 120.0  # what is waited for comes at once, but for a machine with other work


@dataclass
class Event:
    """One server-sent event."""

    id: str | None
    kind: str
    data: Any


@dataclass
class Gate:
    """What a run waits for before each of its proposals."""

    opened: threading.Event = field(default_factory=threading.Event)
    passed: int = 0


@dataclass
class GatedPolicy(ScriptedPolicy):
    """A scripted policy that proposes only while its gate is open."""

    gate: Gate = field(default_factory=Gate)

    async def propose(self, situation: Situation) -> list[Hypothesis]:
        """Wait for the gate, then propose."""
        while not self.gate.opened.is_set():  # noqa: ASYNC110  set by another thread
            await asyncio.sleep(0.005)
        self.gate.passed += 1
        return await super().propose(situation)


@dataclass
class Live:
    """A server that runs."""

    url: str
    client: httpx.Client
    server: Server
    gate: Gate
    folder: Path

    def begin(self, wait: bool = True, **form: str) -> str:
        """Begin a case and return its id; wait for the end of its run."""
        made = self.client.post("/v1/cases", files={"photo": photo()}, data=form)
        assert made.status_code == 201, made.text
        name: str = made.json()["id"]
        if wait:
            self.until(name, "answered")
        return name

    def case(self, name: str, branch: str = "main") -> dict[str, Any]:
        """Return a case as it stands."""
        reply = self.client.get(f"/v1/cases/{name}", params={"branch": branch})
        case: dict[str, Any] = reply.json()
        return case

    def until(
        self, name: str, status: str, branch: str = "main", seconds: float = PATIENCE_SECONDS
    ) -> Any:
        """Return a case once it has a status."""
        end = time.monotonic() + seconds
        while (case := self.case(name, branch)).get("status") != status:
            assert time.monotonic() < end, f"not {status}: {case}"
            time.sleep(0.02)
        return case

    @contextlib.contextmanager
    def events(self, name: str, branch: str = "main", **headers: str) -> Iterator[Iterator[Event]]:
        """Yield the events of a branch as they come."""
        where = f"/v1/cases/{name}/events?branch={branch}"
        with self.client.stream("GET", where, headers=headers, timeout=PATIENCE_SECONDS) as reply:
            assert reply.status_code == 200, reply.read()
            yield parsed(reply.iter_lines())


def parsed(lines: Iterator[str]) -> Iterator[Event]:
    """Yield the events in the lines of an event stream."""
    found: dict[str, str] = {}
    for line in lines:
        if line == "" and "data" in found:
            yield Event(found.get("id"), found["event"], json.loads(found["data"]))
        if line == "":
            found = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            found[name] = value


def upto_state(events: Iterator[Event], status: str) -> list[Event]:
    """Return the events up to the first state of that status."""
    taken = []
    for event in events:
        taken.append(event)
        if event.kind == "state" and event.data["status"] == status:
            return taken
    raise AssertionError(f"the stream ended before {status}")


def photo(name: str = "photo.png") -> tuple[str, bytes, str]:
    """Return a photo as it goes into a form."""
    return name, photo_bytes(), "image/png"


@contextlib.contextmanager
def serving(
    folder: Path,
    *,
    limits: dict[str, Any] | None = None,
    address: Address | None = None,
    webhook: tuple[str, SecretStr | None] | None = None,
    basemap: Basemap | None = None,
    **parts: Any,
) -> Iterator[Live]:
    """Yield a server over the cases of a folder; `parts` replace parts of its scripted tools."""
    gate = Gate()
    gate.opened.set()
    where = address or Address(port=0)
    policy = GatedPolicy.towards_lisbon(gate=gate)
    app = create_app(
        store_in(folder),
        scripted_toolbox(**{"policy": policy, **parts}),
        limits=Limits(**(limits or {})),
        address=where,
        webhook=webhook,
        basemap=basemap,
    )
    sock = listen(where)
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        url = url_of(sock, where)
        with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS, trust_env=False) as client:
            yield Live(url, client, server, gate, folder)
    finally:
        gate.opened.set()
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
