"""Load on `geoagent serve`: many clients with event streams at once, every event counted.

    python benchmarks/serve.py                 # 100 clients, scripted tools: some seconds
    python benchmarks/serve.py --tools real    # the real tools: each case takes seconds

Three rounds against one server process on loopback: every client begins a case of its own and
listens to it; all clients listen to the same few cases while these run; some clients open streams
of a long trace and do not read. Every client's events must be the lines of the trace, each once
and in order. CPU time and memory are those of the server process (Linux).
"""

import argparse
import asyncio
import io
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image, ImageDraw

SHARED_CASES = 4
LAZY_READERS = 20
NOTES = 100  # of 10,000 characters: a trace that no socket holds


@dataclass(frozen=True)
class Usage:
    """What the server process has used: seconds and mebibytes."""

    wall: float
    cpu: float
    rss: float
    peak: float


def main() -> None:
    """Run the rounds and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--tools", choices=("scripted", "real"), default="scripted")
    parser.add_argument("--serve", metavar="HOME", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve_scripted(Path(given.serve))
        return
    with tempfile.TemporaryDirectory() as home:
        process = start(given.tools, home)
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            asyncio.run(rounds(url, process.pid, given.clients))
        finally:
            process.terminate()
            process.wait(30)


def start(tools: str, home: str) -> subprocess.Popen[str]:
    """Return the server process; the first line it prints is its address."""
    real = [sys.executable, "-m", "geoagent_graph.cli", "serve", "--port", "0", "--home", home]
    scripted = [sys.executable, __file__, "--serve", home]
    command = real if tools == "real" else scripted
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def serve_scripted(home: Path) -> None:
    """Serve with tools that find Lisbon at once, so that the server itself is measured."""
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.serve.app import create_app
    from geoagent_graph.serve.limits import Address, Limits
    from geoagent_graph.serve.server import listen, server_of, url_of
    from geoagent_graph.settings import Settings
    from geoagent_graph.testing import scripted_toolbox

    address = Address(port=0)
    store = CaseStore(Settings(home=home))
    limits = Limits(send_seconds=2.0, requests_per_minute=100_000)
    app = create_app(store, scripted_toolbox(), limits=limits, address=address)
    with listen(address) as sock:
        print(url_of(sock, address), flush=True)
        server_of(app).run(sockets=[sock])


async def rounds(url: str, pid: int, clients: int) -> None:
    """Run every round and print what it took."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=600, limits=limits) as client:
        await client.get("/v1/about")
        warm = await begin(client, 0)
        await listen_to(client, warm)
        print(f"{clients} clients, server process {pid}, {os.cpu_count()} cores", flush=True)
        print(f"{'round':34}{'events':>8}{'wall s':>8}{'CPU s':>8}{'events/s':>10}", end="")
        print(f"{'RSS MiB':>9}{'peak MiB':>10}")
        show("(server warm, one case)", 0, usage(pid), usage(pid))
        await measured("a case for every client", pid, own_cases(client, clients))
        await measured("another case for every client", pid, own_cases(client, clients))
        await measured("and one more", pid, own_cases(client, clients))
        await measured(f"{SHARED_CASES} cases, all listen", pid, shared_cases(client, clients))
        await measured("replay of one case to all", pid, replay(client, warm, clients))
        await measured(f"{LAZY_READERS} who do not read", pid, lazy_readers(client, url))


async def measured(name: str, pid: int, work: Awaitable[int]) -> None:
    """Await a round that returns how many events came, and print its row."""
    before = usage(pid)
    events = await work
    show(name, events, before, usage(pid))


def show(name: str, events: int, before: Usage, after: Usage) -> None:
    """Print one row."""
    wall, cpu = after.wall - before.wall, after.cpu - before.cpu
    rate = events / wall if events else 0.0
    row = f"{name:34}{events:8}{wall:8.2f}{cpu:8.2f}{rate:10.0f}{after.rss:9.0f}{after.peak:10.0f}"
    print(row, flush=True)


async def own_cases(client: httpx.AsyncClient, clients: int) -> int:
    """Let every client begin a case and listen to it until its answer."""

    async def one(number: int) -> int:
        return await listen_to(client, await begin(client, number))

    return sum(await asyncio.gather(*(one(number) for number in range(clients))))


async def shared_cases(client: httpx.AsyncClient, clients: int) -> int:
    """Let all clients listen to the same few cases from their beginning."""
    cases = [await begin(client, number) for number in range(SHARED_CASES)]
    turns = itertools.islice(itertools.cycle(cases), clients)
    return sum(await asyncio.gather(*(listen_to(client, case) for case in turns)))


async def replay(client: httpx.AsyncClient, case: str, clients: int) -> int:
    """Let all clients read a finished case."""
    return sum(await asyncio.gather(*(listen_to(client, case) for _ in range(clients))))


async def lazy_readers(client: httpx.AsyncClient, url: str) -> int:
    """Open streams of a long trace, read none of them, and wait until all are cut off."""
    case = await begin(client, 0)
    await listen_to(client, case)
    for _ in range(NOTES):
        await client.post(f"/v1/cases/{case}/notes", json={"text": "x" * 10_000})
    host, port = url.removeprefix("http://").strip("/").split(":")
    lazy = []
    for _ in range(LAZY_READERS):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((host, int(port)))
        reader.sendall(f"GET /v1/cases/{case}/events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        lazy.append(reader)
    events = await listen_to(client, case)  # one who reads is served meanwhile
    await asyncio.gather(*(asyncio.to_thread(until_cut_off, reader) for reader in lazy))
    return events


def until_cut_off(reader: socket.socket) -> None:
    """Return when the server has cut a connection off that nobody reads."""
    for _ in range(600):
        time.sleep(0.1)
        state = reader.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        if state == 7:  # TCP_CLOSE
            reader.close()
            return
    raise AssertionError("a reader that does not read was not dropped within a minute")


async def begin(client: httpx.AsyncClient, number: int) -> str:
    """Begin a case with a drawn photo and return its id; come back when told to."""
    image = Image.new("RGB", (640, 480), (number % 200 + 20, 120, 160))
    ImageDraw.Draw(image).text((200, 200), f"Rua {number}", fill="white", font_size=48)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    while True:
        files = {"photo": (f"{number}.png", stream.getvalue())}
        made = await client.post("/v1/cases", files=files)
        if made.status_code != 429:
            return str(made.raise_for_status().json()["id"])
        await asyncio.sleep(int(made.headers["Retry-After"]))


async def listen_to(client: httpx.AsyncClient, case: str) -> int:
    """Take a case's events until its answer; they must be the lines of its trace."""
    taken = [event async for event in events_of(client, case)]
    trace = (await client.get(f"/v1/cases/{case}/trace")).text.splitlines()
    assert [int(number) for number, _ in taken] == list(range(len(trace))), "lost or doubled"
    assert [data for _, data in taken] == trace, "an event differs from the trace"
    return len(taken)


async def events_of(client: httpx.AsyncClient, case: str) -> AsyncIterator[tuple[str, str]]:
    """Yield (id, data) of a case's events until it has its answer."""
    async with client.stream("GET", f"/v1/cases/{case}/events") as reply:
        found: dict[str, str] = {}
        async for line in reply.aiter_lines():
            name, _, value = line.partition(": ")
            if name:
                found[name] = value
                continue
            if found.get("event") == "state":
                if json.loads(found["data"])["status"] == "answered":
                    return
            elif "id" in found:
                yield found["id"], found["data"]
            found = {}
    raise AssertionError("a stream ended before its answer")


def usage(pid: int) -> Usage:
    """Return what a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    rss, peak = (int(status[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
    return Usage(time.perf_counter(), ticks / os.sysconf("SC_CLK_TCK"), rss, peak)


if __name__ == "__main__":
    main()
