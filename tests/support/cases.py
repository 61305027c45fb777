"""Cases for the tests: a folder of them, run with scripted tools."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from geoagent_graph.cases.events import TraceEvent, canonical
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from geoagent_graph.settings import Settings
from geoagent_graph.state import RunOptions
from geoagent_graph.testing import ScriptedPolicy, scripted_toolbox
from geoagent_graph.toolbox import Toolbox


def photo_bytes(colour: tuple[int, int, int] = (90, 120, 150)) -> bytes:
    """Return a small PNG."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(stream, "PNG")
    return stream.getvalue()


def store_in(folder: Path) -> CaseStore:
    """Return the cases of a folder."""
    return CaseStore(Settings(home=folder))


def tools(**parts: Any) -> Callable[[], Toolbox]:
    """Return what opens scripted tools, a fresh policy each time."""

    def opened() -> Toolbox:
        return scripted_toolbox(**{"policy": ScriptedPolicy.towards_lisbon(), **parts})

    return opened


async def begin(
    folder: Path, name: str = "one", opened: Callable[[], Toolbox] | None = None, **options: Any
) -> list[TraceEvent]:
    """Run a new case until it stops; return the events as they came."""
    chosen = RunOptions(**options)
    store = store_in(folder)
    async with store.create(
        photo_bytes(), opened or tools(), name=name, photo_name="photo.png", options=chosen
    ) as case:
        return [event async for event in case.run()]


async def begin_trip(folder: Path, name: str = "trip") -> None:
    """Run a new case of two photos, a.png and b.png, and weigh them together."""
    other = PhotoIn(photo_bytes((1, 2, 3)), "b.png")
    async with store_in(folder).create(
        photo_bytes(), tools(), name=name, photo_name="a.png", others=[other]
    ) as case:
        async for _ in Trip(case).run():
            pass


async def go_on(
    folder: Path,
    name: str = "one",
    branch: str = "main",
    opened: Callable[[], Toolbox] | None = None,
    **how: Any,
) -> list[TraceEvent]:
    """Resume a case until it stops; return the events as they came."""
    async with store_in(folder).hold(name, opened or tools(), branch) as case:
        return [event async for event in case.run(**how)]


def nodes(events: list[TraceEvent]) -> list[str]:
    """Return which nodes ran."""
    return [event.step.node for event in events if event.event == "step"]


def lines_of(folder: Path, branch: str = "main") -> list[dict[str, Any]]:
    return [json.loads(line) for line in store_in(folder).trace_text("one", branch).splitlines()]


def rewrite(folder: Path, events: list[dict[str, Any]]) -> Path:
    path = store_in(folder).trace_path("one")
    path.write_text("".join(canonical(event) + "\n" for event in events))
    return path


def view_of(folder: Path, branch: str = "main") -> Any:
    return store_in(folder).read("one", branch)
