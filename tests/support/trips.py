"""Cases of several photos for the tests."""

from pathlib import Path
from typing import Any

from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.state import RunOptions
from geoagent_graph.trip_types import parse_time_taken
from tests.support.cases import photo_bytes, store_in, tools

COLOURS = [(90, 120, 150), (10, 20, 30), (200, 100, 0)]


def photo_in(number: int, time: str | None = None) -> PhotoIn:
    taken = parse_time_taken(time) if time else None
    return PhotoIn(photo_bytes(COLOURS[number]), f"{number}.png", taken)


async def begin_trip(folder: Path, opened: Any = None, **options: Any) -> CaseStore:
    store = store_in(folder)
    first, *others = [photo_in(n, f"2024-05-01T1{n}:00") for n in range(3)]
    async with store.create(
        first.source,
        opened or tools(),
        name="one",
        photo_name=first.name,
        options=RunOptions(**options),
        taken=first.taken,
        others=others,
    ) as case:
        async for _ in Trip(case).run():
            pass
    return store


def trip_of(folder: Path) -> TripView:
    found = store_in(folder).read_trip("one")
    assert found is not None
    return found


async def go_on(folder: Path, opened: Any = None, **how: Any) -> list[str]:
    async with store_in(folder).hold("one", opened or tools()) as case:
        return [branch async for branch, _ in Trip(case).run(**how)]
