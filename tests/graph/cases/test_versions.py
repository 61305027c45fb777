"""Cases that an earlier version made open, run on and become this version's; newer ones do not.

`stored_cases_schema_1.zip` holds two cases as schema 1 stored them: `waiting` asks about the
country, `steered` has an answer, a note, a veto and the branch `spain`.
"""

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.database import open_database
from geoagent_graph.cases.rows import OLDEST_SCHEMA, SCHEMA_VERSION
from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from geoagent_graph.cases.verification import verify_case, verify_trip
from geoagent_graph.errors import CheckpointError
from geoagent_graph.state import GRAPH_VERSION
from tests.support.cases import begin, go_on, photo_bytes, store_in, tools
from tests.support.paths import TEST_DATA
from tests.support.scripted_cli import install, run

STORED = TEST_DATA / "stored_cases_schema_1.zip"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder of cases that schema 1 has stored."""
    with zipfile.ZipFile(STORED) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def schema_of(home: Path, name: str) -> int:
    with sqlite3.connect(store_in(home).database_path(name)) as database:
        (content,) = database.execute("SELECT content FROM about").fetchone()
    database.close()
    return int(json.loads(content)["schema_version"])


def kinds_of_rows(home: Path, name: str) -> set[str]:
    with sqlite3.connect(store_in(home).database_path(name)) as database:
        rows = database.execute(
            "SELECT type FROM checkpoints UNION SELECT type FROM writes WHERE type <> 'null'"
        ).fetchall()
    database.close()
    return {kind for (kind,) in rows}


async def test_it_is_read_and_verified_as_it_is(home: Path) -> None:
    store = store_in(home)
    before = store.database_path("steered").read_bytes()
    assert [entry.problem for entry in store.entries()] == [None, None]
    assert store.branches("steered") == ["main", "spain"]
    answer = store.read("steered").answer
    assert answer is not None
    assert (answer.level, [e.place.name for e in answer.excluded]) == ("country", ["Lisbon"])
    for branch in ("main", "spain"):
        found = await verify_case(store, "steered", branch)
        assert found.holds, found.problems
    assert store.read_trip("steered") is None
    assert await store.request_of("steered") == {}
    assert store.database_path("steered").read_bytes() == before
    assert schema_of(home, "steered") == OLDEST_SCHEMA == 1


async def test_it_runs_on_where_it_waited_and_is_migrated(home: Path) -> None:
    store = store_in(home)
    trace = store.trace_text("waiting")
    question = store.read("waiting").question
    assert question is not None
    assert question.level == "country"
    await go_on(home, "waiting", reply={"kind": "reject", "place": "Portugal", "reason": "left"})
    await go_on(home, "waiting", reply={"kind": "accept"})
    await go_on(home, "waiting", reply={"kind": "accept"})
    assert store.trace_text("waiting").startswith(trace)
    answer = store.read("waiting").answer
    assert answer is not None
    assert [exclusion.place.name for exclusion in answer.excluded] == ["Portugal"]
    assert schema_of(home, "waiting") == SCHEMA_VERSION
    assert kinds_of_rows(home, "waiting") == {"msgpack+blake2b"}
    assert (await verify_case(store, "waiting", "main")).holds


async def test_a_file_that_cannot_be_made_smaller_is_said(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_database(store_in(home).database_path("steered"), "steered") as database:
        reading = await database.saver.conn.execute("SELECT content FROM branches")
        about = await database.about()
        assert about is not None
        await reading.fetchone()  # and there are more: SQLite cannot write the file anew
        await database.migrate(about)
        await reading.close()
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("steered: is migrated, but its file stays as large as it was (cannot")
    assert schema_of(home, "steered") == SCHEMA_VERSION


async def test_it_is_steered_forked_and_joined_by_more_photos(home: Path) -> None:
    store = store_in(home)
    async with store.hold("steered", tools()) as case:
        await case.fork(8, name="again")
        await case.veto("Spain", "no")
        trip = Trip(case)
        assert await trip.photos() == ["main"]
        await trip.add(await store.open_photo(PhotoIn(photo_bytes((1, 2, 3)), "more.png")))
        async for _ in trip.run():
            pass
    assert set(store.branches("steered")) == {"main", "again", "photo-2", "spain"}
    found = await verify_trip(store, "steered")
    assert found.holds, found.problems
    joined = store.read_trip("steered")
    assert joined is not None
    assert joined.joint is not None
    assert [photo.image.name for photo in joined.photos] == ["photo.png", "more.png"]


@pytest.mark.parametrize(
    ("key", "version", "current"),
    [
        ("schema_version", SCHEMA_VERSION + 1, SCHEMA_VERSION),
        ("schema_version", 0, SCHEMA_VERSION),
        ("schema_version", "2", SCHEMA_VERSION),
        ("schema_version", None, SCHEMA_VERSION),
        ("schema_version", 1.5, SCHEMA_VERSION),
        ("graph_version", GRAPH_VERSION + 1, GRAPH_VERSION),
    ],
)
async def test_a_case_of_a_newer_version_is_refused_by_its_number(
    tmp_path: Path, key: str, version: Any, current: int
) -> None:
    await begin(tmp_path, "newer")
    path = store_in(tmp_path).database_path("newer")
    with sqlite3.connect(path) as database:
        (content,) = database.execute("SELECT content FROM about").fetchone()
        changed = json.dumps({**json.loads(content), key: version})
        database.execute("UPDATE about SET content = ?", (changed,))
    database.close()
    words = f"newer: its {key.replace('_', ' ')} is {version}, this version works with {current}"
    with pytest.raises(CheckpointError, match=words):
        await go_on(tmp_path, "newer")
    assert store_in(tmp_path).read("newer").answer is not None  # its trace can still be read
    found = await verify_case(store_in(tmp_path), "newer", "main")
    assert words in found.problems[0]


def test_the_command_line_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path))
    install(monkeypatch)
    (tmp_path / "p.png").write_bytes(photo_bytes())
    assert run("investigate", tmp_path / "p.png", "--case", "newer", "-q") == 0
    with sqlite3.connect(store_in(tmp_path).database_path("newer")) as database:
        database.execute(
            "UPDATE about SET content = replace(content, ?, ?)",
            (f'"schema_version":{SCHEMA_VERSION}', '"schema_version":99'),
        )
    database.close()
    capsys.readouterr()
    assert run("resume", "newer") == 1
    error = capsys.readouterr().err
    assert "its schema version is 99, this version works with" in error
    assert "Export its trace, or use the version that made it" in error
    assert error.count("\n") == 1


def test_the_command_line_opens_an_old_case(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("GEOAGENT_HOME", str(home))
    install(monkeypatch)
    assert run("show", "steered") == 0
    assert "a person vetoes Lisbon: no tram in the photo" in capsys.readouterr().out
    assert run("verify", "steered") == 0
    assert run("compare", "steered", "spain") == 0
    assert run("export", "steered", "--md", home / "report.md") == 0
    assert run("resume", "waiting", "-q", "--agree") == 4
    assert run("resume", "waiting", "-q", "--agree") == 0
    assert run("verify", "waiting") == 0
