"""Crafted rows and traces execute nothing; hostile words stay words in every view."""

import json
import sqlite3
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import ormsgpack
import pytest

from geoagent_graph.cases.serializer import PlainSerializer
from geoagent_graph.errors import CheckpointError, StorageError
from geoagent_graph.protocols import TextLine
from geoagent_graph.render.formats.geojson import feature_collection
from geoagent_graph.render.formats.kml import kml_document
from geoagent_graph.render.html.case_report import report_html, report_markdown
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.types import Box
from tests.support.answers import HOSTILE
from tests.support.cases import begin, go_on, photo_bytes, store_in, tools


def attacks(mark: Path) -> list[tuple[str, bytes]]:
    """Return rows that make a file, each in another way, where they are believed."""
    command = f"touch {mark}"
    calls: list[Any] = [
        ("os", "system", command),
        ("os", "system", [command]),
        ("subprocess", "call", {"args": command, "shell": True}),
        ("builtins", "eval", f"open({str(mark)!r}, 'w')"),
        ("pathlib", "Path", str(mark), "touch"),
        ("geoagent_graph.types", "Box", {"left": 0}, "model_validate_json"),
    ]
    rows = []
    for code in range(9):
        for call in calls:
            inner = ormsgpack.packb(call)
            rows.append(("msgpack", ormsgpack.packb(ormsgpack.Ext(code, inner))))
            nested = ormsgpack.packb(
                ["langgraph.types", "Send", ["score", ormsgpack.Ext(code, inner)]]
            )
            rows.append(("msgpack", ormsgpack.packb({"a": [ormsgpack.Ext(1, nested)]})))
    envelope = {"lc": 2, "type": "constructor", "id": ["os", "system"], "args": [command]}
    rows.append(("json", json.dumps(envelope).encode()))
    loader = {"lc": 1, "type": "constructor", "id": ["langchain_core", "x"], "kwargs": {}}
    rows.append(("json", json.dumps(loader).encode()))
    rows.append(("pickle", f"cos\nsystem\n(S'{command}'\ntR.".encode()))
    rows.append(("bytes", b"x"))
    return rows


def test_no_crafted_value_is_believed(tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    for row in attacks(mark):
        with pytest.raises(CheckpointError, match="one: "):
            PlainSerializer("one").loads_typed(row)
    assert not mark.exists()


def test_what_a_run_stores_comes_back() -> None:
    from langgraph.types import Interrupt, Send

    serializer = PlainSerializer("one")
    for value in (
        {"a": [1, 2.5, None, True, "é"]},
        [Send("score", {"round": 1})],
        [Interrupt(value={"level": "city"}, id="0" * 32)],
        None,
    ):
        assert serializer.loads_typed(serializer.dumps_typed(value)) == value


@pytest.mark.parametrize("table", ["checkpoints", "writes"])
async def test_no_crafted_row_is_believed(tmp_path: Path, table: str) -> None:
    mark = tmp_path / "owned"
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        async for _ in case.run(one_step=True):
            pass
    path = store.database_path("one")
    whole = path.read_bytes()
    rows = attacks(mark)
    for kind, blob in [*rows[::9], *rows[-4:]]:
        path.write_bytes(whole)
        column = "checkpoint" if table == "checkpoints" else "value"
        with sqlite3.connect(path) as database:
            database.execute(f"UPDATE {table} SET type = ?, {column} = ?", (kind, blob))
            if table == "writes":  # let them belong to the step that comes next
                database.execute(
                    "UPDATE writes SET checkpoint_id = (SELECT max(checkpoint_id) FROM checkpoints)"
                )
        database.close()
        with pytest.raises(CheckpointError):
            await go_on(tmp_path)
    assert not mark.exists()


async def test_every_value_of_a_state_is_checked(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        for _ in range(6):
            async for _ in case.run(one_step=True):
                pass
    path, serializer = store.database_path("one"), PlainSerializer("one")
    whole, trace = path.read_bytes(), store.trace_text("one")
    with sqlite3.connect(path) as database:
        newest, blob = database.execute(
            "SELECT checkpoint_id, checkpoint FROM checkpoints ORDER BY checkpoint_id DESC LIMIT 1"
        ).fetchone()
    database.close()
    checkpoint = serializer.loads_typed(("msgpack", blob))
    keys = [key for key in checkpoint["channel_values"] if not key.startswith(("branch:", "__"))]
    assert {"steps", "image", "accepted", "levels", "clues"} <= set(keys)
    for key in [*keys, None]:
        for value in (7, "x", [{"a": [1]}], {"level": "moon"}, float("nan")):
            if key is None:
                changed = {**checkpoint, "channel_values": value}
            else:
                changed = {
                    **checkpoint,
                    "channel_values": {**checkpoint["channel_values"], key: value},
                }
            path.write_bytes(whole)
            with sqlite3.connect(path) as database:
                packed = serializer.dumps_typed(changed)[1]
                statement = "UPDATE checkpoints SET checkpoint = ? WHERE checkpoint_id = ?"
                database.execute(statement, (packed, newest))
            database.close()
            if key in ("done", "round", "attempt", "counted_from") and value == 7:
                continue  # a number where a number may be
            with pytest.raises(CheckpointError):
                await go_on(tmp_path)
            assert store.trace_text("one") == trace


@pytest.mark.parametrize("table", ["about", "branches", "journal"])
@pytest.mark.parametrize(
    "content", ["", "[]", "7", '{"a": 1}', '{"event": "os.system"}', "{" * 9999]
)
async def test_every_row_beside_the_checkpoints_is_checked(
    tmp_path: Path, table: str, content: str
) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.note("x")
    with sqlite3.connect(store_in(tmp_path).database_path("one")) as database:
        database.execute(f"UPDATE {table} SET content = ?", (content,))
    database.close()
    if table == "branches" and content in ('{"a": 1}', '{"event": "os.system"}'):
        return  # nothing that is looked at
    with pytest.raises(CheckpointError, match="one"):
        await go_on(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON checkpoints BEGIN DELETE FROM about; END",
        "CREATE VIEW v AS SELECT * FROM about",
        "CREATE TABLE evil (x)",
    ],
)
async def test_a_file_with_more_than_ours_is_refused(tmp_path: Path, statement: str) -> None:
    await begin(tmp_path)
    with sqlite3.connect(store_in(tmp_path).database_path("one")) as database:
        database.execute(statement)
    database.close()
    with pytest.raises((CheckpointError, StorageError), match="one"):
        await go_on(tmp_path)


async def test_hostile_words_stay_words_in_every_view(tmp_path: Path) -> None:
    line = TextLine(HOSTILE, Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")
    store = store_in(tmp_path)
    opened = tools(text_reader=FixedTextReader([line]))
    async with store.create(photo_bytes(), opened, name="one", photo_name=HOSTILE) as case:
        await case.note(HOSTILE)
        async for _ in case.run():
            pass
        await case.veto("Lisbon", HOSTILE)
        async for _ in case.run():
            pass
    view = store.read("one")
    assert view.people[0].input.text.startswith("vetoes Lisbon: </style>")
    html = report_html(view)
    assert "<script" not in html
    assert "<img src=http" not in html
    assert html.count("&lt;script&gt;") >= 3  # the line, the note, the veto
    markdown = report_markdown(view)
    assert "<" not in markdown
    assert "http://" not in markdown
    for text in (html, markdown):
        assert not {"\x1b", "\x9b", "\u202e", "\u2066", "\x07"} & set(text)
    json.dumps(feature_collection([view.answer]), allow_nan=False)
    ElementTree.fromstring(kml_document([view.answer]))
    assert store.trace_text("one").isascii()
    assert "\x1b" not in store.trace_text("one")


async def test_the_report_says_how_to_verify_it(tmp_path: Path) -> None:
    await begin(tmp_path)
    view = store_in(tmp_path).read("one")
    for text in (report_html(view), report_markdown(view)):
        assert view.head in text
        assert view.opened.image.sha256.removeprefix("sha256:") in text
        assert "verify" in text
        assert "consistent with" in text
    assert "Content-Security-Policy" in report_html(view)
