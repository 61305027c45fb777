"""Each event of a joint trace has one form; crafted rows are refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.custody import CaseDeed, record_deeds
from geoagent_graph.cases.events import canonical
from geoagent_graph.cases.trip.trip_events import trip_event_of, trip_schema
from geoagent_graph.errors import CheckpointError
from geoagent_graph.trip_types import Taken, parse_time_taken
from tests.support.cases import tools
from tests.support.trips import begin_trip
from tests.support.trips import go_on as go_on_with_trip


@pytest.mark.parametrize(
    "row",
    [
        "[]",
        "{}",
        '{"event": "joint", "time": "x"}',
        '{"event": "photo", "branch": 7, "time": "x"}',
        '{"event": "os.system", "time": "x"}',
        '{"event": "joint", "inputs": [], "left_out": [], "joined": NaN, "time": "x"}',
    ],
)
async def test_a_crafted_row_is_refused(tmp_path: Path, row: str) -> None:
    import sqlite3

    store = await begin_trip(tmp_path)
    with sqlite3.connect(store.database_path("one")) as database:
        database.execute(
            "UPDATE journal SET content = ? WHERE id = (SELECT max(id) FROM journal)", (row,)
        )
    database.close()
    with pytest.raises(CheckpointError, match="one"):
        await go_on_with_trip(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        {"photo": {"image": {}, "warnings": []}},
        {"photo": 7},
        {"forked_from": {"branch": "photo-2"}},
        {"forked_from": {"branch": "nowhere"}},
        {"forked_from": 3},
    ],
)
async def test_a_crafted_branch_is_refused(tmp_path: Path, content: Any) -> None:
    import sqlite3

    store = await begin_trip(tmp_path)
    with sqlite3.connect(store.database_path("one")) as database:
        database.execute(
            "UPDATE branches SET content = ? WHERE name = 'photo-2'", (json.dumps(content),)
        )
    database.close()
    with pytest.raises(CheckpointError, match="one"):
        async with store.hold("one", tools(), "photo-2"):
            pass


def test_a_time_is_stored_as_it_was_said() -> None:
    taken = parse_time_taken("2024-05-01T10:00")
    assert Taken.model_validate_json(taken.model_dump_json()) == taken


async def test_each_event_fits_its_schema_and_one_form(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    store.keys.create("Ana")
    await record_deeds(store, "one", None, [CaseDeed("handed_on", "Ana")], sign=True)
    kinds = set()
    for line in store.trip_text("one").splitlines():
        event = json.loads(line)
        assert canonical(event) == line
        kinds.add(type(trip_event_of(event)).__name__)
    mapped = trip_schema()["discriminator"]["mapping"].values()
    assert kinds == {name.rsplit("/", 1)[1] for name in mapped}
