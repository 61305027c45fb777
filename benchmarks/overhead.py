"""What the graph costs around a model that answers at once: CPU time per step, photos per second.

    python benchmarks/overhead.py [--photos 256] [--in-flight 64] [--pin]

A scripted OpenAI-style server runs in a process of its own; this process runs the graph, the served
policy, the openai client, the real gazetteer and the JPEG encoding on drawn photos of 640 x 480.
No text reader and no evidence tables: they are the tools' own time. Photos are decoded in a third
process. CPU time is this process's (`time.process_time`), the other two are named apart. `--pin`
keeps the server on one core and all else on another.
"""

import argparse
import asyncio
import io
import multiprocessing
import os
import random
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from geoagent_graph.settings import load_settings, prepare_process

prepare_process()  # libraries read what it sets when they are imported

# ruff: noqa: E402
from geoagent_graph.api import locate_many
from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.graph import build_graph
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import open_served_policy
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.state import AgentInput, answer_of, dump
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.testing.mock_server import MODEL, MockServer, ScriptedModel
from geoagent_graph.toolbox import Toolbox


def serve(pipe: Connection) -> None:
    async def run() -> None:
        async with MockServer(ScriptedModel.towards("Europe", "Portugal", "Lisbon")) as server:
            pipe.send(server.base_url)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(run())


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=256)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--pin", action="store_true", help="one core for the server, one for us")
    arguments = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=serve, args=(theirs,))
    process.start()
    if arguments.pin:
        os.sched_setaffinity(process.pid or 0, {1})
        os.sched_setaffinity(0, {0})
    try:
        toolbox = open_tools(ours.recv())
        await measure_steps(toolbox, "without checkpoints", None)
        with tempfile.TemporaryDirectory() as folder:
            await measure_with_sqlite(toolbox, Path(folder) / "case.db")
        for label in ("the first", "the next"):
            print(label, end=" ")
            await measure_throughput(toolbox, arguments, process.pid or 0)
        await toolbox.aclose()
    finally:
        ours.send("stop")
        process.join()


def open_tools(base_url: str) -> Toolbox:
    geocoder = open_geocoder(load_settings())
    images = PhotoStore(load_settings())
    policy = open_served_policy(
        ServerOptions(base_url=base_url, model=MODEL), PolicyTools(geocoder, images)
    )
    return scripted_toolbox(policy=policy, images=images, geocoder=geocoder)


async def measure_with_sqlite(toolbox: Toolbox, path: Path) -> None:
    try:
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    except ImportError:
        from langgraph.checkpoint.memory import InMemorySaver

        await measure_steps(toolbox, "with checkpoints in memory", InMemorySaver())
        return
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        await measure_steps(toolbox, "with SQLite checkpoints", saver)


async def measure_steps(toolbox: Toolbox, label: str, saver: Any) -> None:
    graph = build_graph(saver)
    per_step, per_photo = [], []
    for number in range(8):
        photo = drawn(number)
        began = time.process_time()
        inputs = AgentInput(image=dump(toolbox.images.open(photo, "drawn.jpg").image))
        config: Any = {"configurable": {"thread_id": str(number)}, "recursion_limit": 100}
        durability: Any = {"durability": "sync"} if saver else {}
        answer = answer_of(await graph.ainvoke(inputs, config, context=toolbox, **durability))
        spent = time.process_time() - began
        per_photo.append(spent)
        per_step.append(spent / len(answer.trace))
    per_step, per_photo = sorted(per_step[1:]), sorted(per_photo[1:])
    print(
        f"{label}: {1000 * per_step[3]:.1f} ms of CPU time per step (worst photo "
        f"{1000 * per_step[-1]:.1f}), {1000 * per_photo[3]:.0f} ms per photo of "
        f"{len(answer.trace)} steps and {answer.usage.calls} calls"
    )


async def measure_throughput(toolbox: Toolbox, given: argparse.Namespace, server: int) -> None:
    drawings = [drawn(random.getrandbits(32)) for _ in range(given.photos)]
    wall, cpu, others = time.perf_counter(), time.process_time(), cpu_of_children()
    done = 0
    async for outcome in locate_many(drawings, toolbox=toolbox, concurrency=given.in_flight):
        if outcome.answer is None or outcome.answer.place.city != "Lisbon":
            raise SystemExit(f"a wrong answer: {outcome.error}")
        done += 1
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    spent = {pid: now - others.get(pid, 0.0) for pid, now in cpu_of_children().items()}
    serving = spent.pop(server, 0.0)
    decoding = sum(spent.values())
    print(
        f"{done} photos, {given.in_flight} in flight: {done / wall:.1f} photos/s of wall time; "
        f"{1000 * cpu / done:.1f} ms of CPU time per photo ({done / cpu:.1f} photos per "
        f"CPU-second), {1000 * decoding / done:.1f} ms more to decode it "
        f"({done / (cpu + decoding):.1f}); the scripted server took {1000 * serving / done:.1f} ms"
    )


def cpu_of_children() -> dict[int, float]:
    """Return the CPU seconds of this process's children and theirs, by process id; Linux only."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue  # it ended
        fields = text.rpartition(")")[2].split()
        if int(fields[1]) == os.getpid():
            found[int(stat.parent.name)] = sum(map(int, fields[11:15])) / ticks
    return found


def drawn(number: int) -> bytes:
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(number).integers(0, 255, (12, 16, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((640, 480)).save(out, "JPEG")
    return out.getvalue()


if __name__ == "__main__":
    asyncio.run(main())
