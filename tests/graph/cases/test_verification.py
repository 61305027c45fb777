"""A changed trace or photo is found."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from geoagent_graph.cases.database import open_database
from geoagent_graph.cases.events import link
from geoagent_graph.cases.trace_file import read_trace
from geoagent_graph.cases.trip.trip_case import PhotoIn
from geoagent_graph.cases.verification import verify_case, verify_file
from geoagent_graph.errors import CheckpointError
from tests.support.cases import (
    begin,
    go_on,
    lines_of,
    photo_bytes,
    rewrite,
    store_in,
)


async def test_a_trace_holds_until_anything_in_it_changes(tmp_path: Path) -> None:
    await begin(tmp_path)
    events = lines_of(tmp_path)
    assert (await verify_case(store_in(tmp_path), "one", "main")).holds
    for number, event in enumerate(events):
        changed = json.loads(json.dumps(event))
        changed["time"] = "2001-01-01T00:00:00+00:00"
        path = rewrite(tmp_path, [*events[:number], changed, *events[number + 1 :]])
        with pytest.raises(CheckpointError, match=f"line {number + 1} "):
            read_trace(path)
        path = rewrite(tmp_path, [*events[:number], *events[number + 1 :]])
        if number < len(events) - 1:
            with pytest.raises(CheckpointError):
                read_trace(path)
    swapped = [*events[:3], events[4], events[3], *events[5:]]
    with pytest.raises(CheckpointError, match="line 4 does not follow"):
        read_trace(rewrite(tmp_path, swapped))


async def test_a_chain_written_anew_is_found_by_the_checkpoints(tmp_path: Path) -> None:
    await begin(tmp_path)
    events, prev = lines_of(tmp_path), "0" * 64
    forged = []
    for seq, event in enumerate(events):
        body = {k: v for k, v in event.items() if k not in ("seq", "prev", "hash")}
        if event["event"] == "answer":
            body["answer"]["place"]["city"] = "Paris"
        forged.append(link(body, seq, prev))
        prev = forged[-1]["hash"]
    path = rewrite(tmp_path, forged)
    assert verify_file(path).holds  # the chain alone cannot tell; its last hash can
    assert verify_file(path).head != events[-1]["hash"]
    found = await verify_case(store_in(tmp_path), "one", "main")
    assert found.problems == ("the trace says something else than the checkpoints",)
    with pytest.raises(CheckpointError, match="is not what the checkpoints say"):
        await go_on(tmp_path)


async def test_a_changed_photo_is_found(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    digest = store.read("one").opened.image.sha256.removeprefix("sha256:")
    stored = tmp_path / "photos" / digest[:2] / digest
    stored.write_bytes(photo_bytes((1, 2, 3)))
    found = await verify_case(store_in(tmp_path), "one", "main")
    assert "the stored copy has changed" in found.problems[0]
    stored.unlink()
    (problem,) = (await verify_case(store_in(tmp_path), "one", "main")).problems
    assert "the stored copy is gone" in problem
    assert str(tmp_path) not in problem  # servers say it to clients


async def test_a_photo_that_is_still_in_memory_is_looked_for_in_the_folder(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    image = (await store.open_photo(PhotoIn(photo_bytes()))).image
    assert (await verify_case(store, "one", "main")).holds
    digest = image.sha256.removeprefix("sha256:")
    (tmp_path / "photos" / digest[:2] / digest).write_bytes(b"another")
    assert store.images.original(image) == photo_bytes()
    assert not (await verify_case(store, "one", "main")).holds


async def test_a_trace_handed_on_is_verified_beside_its_photo(tmp_path: Path) -> None:
    await begin(tmp_path)
    copy, photo = tmp_path / "handed.geotrace.jsonl", tmp_path / "p.png"
    copy.write_text(store_in(tmp_path).trace_text("one"))
    photo.write_bytes(photo_bytes())
    assert verify_file(copy, photo).holds
    photo.write_bytes(photo_bytes((0, 0, 0)))
    assert verify_file(copy, photo).problems == (
        "the photo is not the one in the trace: another SHA-256",
    )


@pytest.mark.parametrize("missing", [1, 4])
async def test_a_trace_that_was_cut_off_is_found(tmp_path: Path, missing: int) -> None:
    await begin(tmp_path)
    events = lines_of(tmp_path)
    path = rewrite(tmp_path, events[:-missing])
    assert verify_file(path).holds  # handed on it cannot be told; its last hash can
    (problem,) = (await verify_case(store_in(tmp_path), "one", "main")).problems
    assert problem.startswith(
        f"the last {missing} of {len(events)} events that the checkpoints say"
    )
    await go_on(tmp_path)
    assert lines_of(tmp_path) == events
    assert (await verify_case(store_in(tmp_path), "one", "main")).holds


async def test_bytes_behind_the_last_line_are_said(tmp_path: Path) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).trace_path("one")
    forged = b'{"event":"note","text":"forged"}'
    path.write_bytes(path.read_bytes() + forged)
    said = f"{len(forged)} bytes follow the last whole line; they are no event"
    assert verify_file(path).problems == (said,)
    assert (await verify_case(store_in(tmp_path), "one", "main")).problems == (said,)


async def test_a_newer_format_is_called_newer(tmp_path: Path) -> None:
    await begin(tmp_path)
    first, *_ = lines_of(tmp_path)
    body = {k: v for k, v in first.items() if k not in ("seq", "prev", "hash")}
    path = rewrite(tmp_path, [link({**body, "format": "geotrace/2"}, 0, "0" * 64)])
    (problem,) = verify_file(path).problems
    assert "was written by a newer version, as geotrace/2" in problem


@pytest.mark.parametrize("with_log", [False, True])
async def test_a_case_is_verified_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_log: bool
) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    path = store.database_path("one")
    if with_log:  # what a killed process leaves: its last changes are in the log alone
        left = sqlite3.connect(path)
        left.execute("PRAGMA wal_autocheckpoint = 0")
        left.execute("INSERT INTO journal VALUES (NULL, 'other', '', '{}')")
        left.commit()
    before = sorted(file.name for file in path.parent.iterdir())
    monkeypatch.setattr(os, "access", lambda *given: False)
    assert (await verify_case(store, "one", "main")).holds
    async with open_database(path, "one", read_only=True) as database:
        assert bool(await database.journal("other")) == with_log
    assert sorted(file.name for file in path.parent.iterdir()) == before
    if with_log:
        left.close()
