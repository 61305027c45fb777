"""Minutes of load on `geoagent serve`: does it grow, slow down or lose anything?

    PYTHONPATH=. python benchmarks/soak.py    # 10 minutes, 200 streams, 1,000 uploads, real tools
    PYTHONPATH=. python benchmarks/soak.py --minutes 2 --uploads 200 --tools scripted

One server process on loopback. Standing streams listen to cases and go away; uploads come evenly
spread, some break off in the middle, some are stopped at once, some show a page of small print; in
the middle the disk is full for a while. At the end the server gets SIGTERM while runs are on, and
is started again. Exits with 1 if one of these does not hold:

* memory (the server and its children, PSS) grows by less than 5 % from the second tenth to the last
* no route is slower than 1 s at the 99th percentile
* every case that was begun is there after the restart, its trace begins as it was and holds

The home is a small tmpfs, which needs root; without it the disk is never full. Times are those of a
machine that does nothing else. Linux.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.serve import start
from benchmarks.soak_load import (
    Load,
    begin_case,
    follow,
    get_patiently,
    standing_stream,
    upload_all,
)

MAX_GROWTH = 0.05
MAX_P99_SECONDS = 1.0
PROBES_PER_SECOND = 4.0
FULL_FROM, FULL_UNTIL = 0.5, 0.58  # of the time
LAST_RUNS = 20  # in flight when the server is told to end
VERIFIED_SHARE = 5  # one case in so many is verified after the restart


@dataclass
class Found:
    """What was measured, replies by route, and what was lost.

    `memory`: (seconds since the start, MiB of the server, MiB of its children).
    """

    memory: list[tuple[float, float, float]] = field(default_factory=list)
    replies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bad_statuses: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    stop_seconds: float = 0.0


def main() -> None:
    """Run the load and print what was found; exit with 1 if something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--uploads", type=int, default=1000)
    parser.add_argument(
        "--at-once", type=int, default=24, help="uploads that are followed at a time"
    )
    parser.add_argument("--tools", choices=("scripted", "real"), default="real")
    parser.add_argument("--disk-mib", type=int, default=1500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder), given.disk_mib) as disk:
        holds = asyncio.run(soak(given, Path(folder), disk))
    sys.exit(0 if holds else 1)


@contextlib.contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path | None]:
    """Mount a tmpfs on `folder/home` and yield it, None where that is not allowed."""
    home = folder / "home"
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "soak", str(home)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield home if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(home)], check=True)


async def soak(given: argparse.Namespace, folder: Path, disk: Path | None) -> bool:
    """Return whether everything holds after the load, the end and the new start."""
    found = Found()
    process, url = start_server(given.tools, folder / "home")
    try:
        async with loaded_client(url) as client:
            load = Load(client, url)
            await run_load(given, load, process, found, disk)
            traces = await traces_of(load)
            await asyncio.gather(*(begin_case(load, 10_000 + n) for n in range(LAST_RUNS)))
            traces |= {case: "" for case in load.promised if case not in traces}
        stop(process, found)
        process, url = start_server(given.tools, folder / "home")
        async with loaded_client(url) as client:
            await find_lost(client, traces, found)
            await answer_the_rest(Load(client, url), list(traces)[-LAST_RUNS:], found)
    finally:
        process.terminate()
        process.wait(60)
    return report(given, load, found, disk)


def start_server(tools: str, home: Path) -> tuple[subprocess.Popen[str], str]:
    """Return a server process and its address."""
    process = start(tools, str(home))
    assert process.stdout is not None
    return process, process.stdout.readline().strip().split("?")[0].rstrip("/")


@contextlib.asynccontextmanager
async def loaded_client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client with as many connections as are wanted."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        yield client


async def run_load(
    given: argparse.Namespace,
    load: Load,
    process: subprocess.Popen[str],
    found: Found,
    disk: Path | None,
) -> None:
    """Let streams, uploads, probes and the full disk run for the minutes asked for."""
    seconds = given.minutes * 60
    first = await begin_case(load, 0)
    assert first is not None, "the server takes no photo"
    await follow(load, first)
    began = time.monotonic()
    with probes(load.url, first) as rows:
        background = [asyncio.create_task(standing_stream(load)) for _ in range(given.streams)]
        background.append(asyncio.create_task(sample_memory(process.pid, began, found)))
        if disk is not None:
            background.append(asyncio.create_task(fill_for_a_while(load, disk, seconds)))
        await upload_all(load, 1, given.uploads, seconds * 0.9, given.at_once)
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
        load.ends = True
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
    for row in map(json.loads, rows):
        found.replies[row["route"]].append(row["seconds"])
        if row["status"] != 200:
            found.bad_statuses.append(f"{row['route']}: {row['status']}")
    found.replies["begin"] = load.upload_seconds


@contextlib.contextmanager
def probes(url: str, case: str) -> Iterator[list[str]]:
    """Ask every route from another process meanwhile; its lines are there afterwards."""
    lines: list[str] = []
    script = Path(__file__).with_name("soak_probe.py")
    with tempfile.TemporaryFile("w+") as out:
        pause = str(1 / PROBES_PER_SECOND)
        process = subprocess.Popen([sys.executable, str(script), url, case, pause], stdout=out)
        try:
            yield lines
        finally:
            process.terminate()
            process.wait(60)
            out.seek(0)
            lines += [line for line in out if line.endswith("}\n")]


async def sample_memory(pid: int, began: float, found: Found) -> None:
    """Note the memory of the server and its children every two seconds."""
    while True:
        server, children = await asyncio.to_thread(memory_of_tree, pid)
        found.memory.append((time.monotonic() - began, server, children))
        await asyncio.sleep(2.0)


def memory_of_tree(pid: int) -> tuple[float, float]:
    """Return the MiB that a process and all below it hold: PSS, shared pages counted once."""
    held, waiting = {pid: 0.0}, [pid]
    while waiting:
        number = waiting.pop()
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{number}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
            text = Path(f"/proc/{number}/smaps_rollup").read_text()
            kibibytes = next(line.split()[1] for line in text.splitlines() if "Pss:" in line)
            held[number] = int(kibibytes) / 1024
    return held[pid], sum(held.values()) - held[pid]


async def fill_for_a_while(load: Load, disk: Path, seconds: float) -> None:
    """Fill the disk in the middle of the time, and empty it again."""
    await asyncio.sleep(seconds * FULL_FROM)
    filler = disk / "filler"
    load.disk_is_full = True
    try:
        await asyncio.to_thread(fill, filler)
        await asyncio.sleep(seconds * (FULL_UNTIL - FULL_FROM))
    finally:
        filler.unlink(missing_ok=True)
        load.disk_is_full = False


def fill(filler: Path) -> None:
    """Write a file until there is no room."""
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))


async def traces_of(load: Load) -> dict[str, str]:
    """Return the traces of all cases that were begun, as they are now."""
    return {case: await _trace(load.client, case) for case in load.promised}


async def _trace(client: httpx.AsyncClient, case: str) -> str:
    reply = await get_patiently(client, f"/v1/cases/{case}/trace")
    return reply.text if reply.status_code == 200 else ""


def stop(process: subprocess.Popen[str], found: Found) -> None:
    """Send SIGTERM and wait for the end."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(120)
    found.stop_seconds = time.monotonic() - began
    if process.returncode not in {0, -signal.SIGTERM}:
        found.lost.append(f"the server ended with {process.returncode} after SIGTERM")


async def find_lost(client: httpx.AsyncClient, traces: dict[str, str], found: Found) -> None:
    """Compare the cases of a new server with what they were; some are verified too."""
    for number, (case, before) in enumerate(traces.items()):
        now = await _trace(client, case)
        if not now or not now.startswith(before):
            found.lost.append(f"{case}: its trace is not what it was")
        if number % VERIFIED_SHARE == 0:
            reply = await get_patiently(client, f"/v1/cases/{case}/verify")
            if not reply.json().get("holds"):
                found.lost.append(f"{case}: {reply.text[:200]}")


async def answer_the_rest(load: Load, cases: list[str], found: Found) -> None:
    """Resume the runs that SIGTERM broke off; each must come to its answer."""
    for case in cases:
        await load.client.post(f"/v1/cases/{case}/resume")
        await follow(load, case)
        if load.promised.get(case) != "answered":
            found.lost.append(f"{case}: was not answered after the restart")


def report(given: argparse.Namespace, load: Load, found: Found, disk: Path | None) -> bool:
    """Print what was found and return whether all of it holds."""
    tenths = memory_by_tenth(found, given.minutes * 6)
    second, last = (sum(tenths[number]) for number in (1, 9))
    growth = last / second - 1
    print(f"{given.minutes:g} minutes, {given.streams} streams, {given.tools} tools, ", end="")
    print(f"disk {'full for a while' if disk else 'never full'}, load {os.getloadavg()[1]:.1f}")
    print(f"uploads: {dict(sorted(load.counts.items()))}")
    peak = max(server + children for _, server, children in found.memory)
    print(f"memory: {second:.0f} -> {last:.0f} MiB ({growth:+.1%}), peak {peak:.0f} MiB; ", end="")
    print(
        "server + children by tenth: "
        + ", ".join(f"{one:.0f} + {other:.0f}" for one, other in tenths)
    )
    slow = []
    for route, seconds in sorted(found.replies.items()):
        p99 = percentile(seconds, 0.99)
        slow += [route] if p99 > MAX_P99_SECONDS else []
        row = f"  {route:10}{len(seconds):6} replies, median {statistics.median(seconds):.3f} s, "
        print(f"{row}99th percentile {p99:.3f} s, longest {max(seconds):.3f} s")
    print(f"replies that were not 200: {found.bad_statuses or 'none'}")
    print(f"SIGTERM: ended after {found.stop_seconds:.1f} s; ", end="")
    print(f"lost after the restart: {found.lost or 'nothing'} (of {len(load.promised)} cases)")
    return growth < MAX_GROWTH and not slow and not found.bad_statuses and not found.lost


def memory_by_tenth(found: Found, seconds: float) -> list[tuple[float, float]]:
    """Return the median MiB of the server and of its children in every tenth of the time."""
    samples: list[list[tuple[float, float]]] = [[] for _ in range(10)]
    for at, server, children in found.memory:
        samples[min(9, int(at // seconds))].append((server, children))
    return [
        (statistics.median(one for one, _ in some), statistics.median(other for _, other in some))
        for some in samples
    ]


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of them lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
