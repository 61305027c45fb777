"""Several photos in one case: each its own run, their joint result stored, chained, verified."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.events import canonical, link
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from geoagent_graph.cases.trip.trip_events import trip_event_of, trip_schema
from geoagent_graph.cases.trip.trip_view import TripView, read_trip_view
from geoagent_graph.cases.verification import verify_case, verify_trip, verify_trip_file
from geoagent_graph.cli.cases.trips import trip_lines
from geoagent_graph.errors import CaseHeld, CheckpointError, InputError
from geoagent_graph.protocols import ExifClaims, TextLine
from geoagent_graph.render.html.trip_report import trip_html, trip_markdown
from geoagent_graph.state import RunOptions
from geoagent_graph.testing import FixedEvidence, FixedExifReader, FixedTextReader
from geoagent_graph.trip_types import Taken, taken_by_person
from geoagent_graph.types import Box
from tests.support.answers import HOSTILE
from tests.support.cases import begin, photo_bytes, store_in, tools

COLOURS = [(90, 120, 150), (10, 20, 30), (200, 100, 0)]


def photo_in(number: int, time: str | None = None) -> PhotoIn:
    taken = taken_by_person(time) if time else None
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


async def test_every_photo_has_its_own_run_and_all_have_one_joint_result(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    assert store.branches("one") == ["main", "photo-2", "photo-3"]
    trip = trip_of(tmp_path)
    assert [event.event for event in trip.events] == ["trip", "photo", "photo", "photo", "joint"]
    assert [photo.image.name for photo in trip.photos] == ["0.png", "1.png", "2.png"]
    for photo in trip.photos:
        view = store.read("one", photo.branch)
        assert view.opened.image == photo.image
        assert view.answer is not None
        assert view.answer.image == photo.image
    assert trip.joint is not None
    assert [item.taken.text for item in trip.joint.inputs if item.taken] == [
        "2024-05-01T10:00", "2024-05-01T11:00", "2024-05-01T12:00",
    ]  # fmt: skip
    assert trip.is_current({p.branch: store.read("one", p.branch) for p in trip.photos})
    found = await verify_trip(store, "one")
    assert found.holds, found.problems
    assert sum("every event is what the checkpoints say" in words for words in found.checked) == 3


async def test_nothing_new_is_not_weighed_again(tmp_path: Path) -> None:
    await begin_trip(tmp_path)
    before = store_in(tmp_path).trip_path("one").read_bytes()
    assert await go_on(tmp_path) == []
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.note("a note changes no answer")
    await go_on(tmp_path)
    assert store_in(tmp_path).trip_path("one").read_bytes() == before


async def test_a_photo_joins_a_case_that_had_one(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    trace = store.trace_text("one")
    assert store.read_trip("one") is None
    async with store.hold("one", tools()) as case:
        trip = Trip(case)
        assert await trip.photos() == ["main"]
        assert await trip.join() is None
        opened = await store.opened(photo_in(1))
        assert await trip.add(opened, taken_by_person("0:10")) == "photo-2"
        with pytest.raises(InputError, match="is in the case one already"):
            await trip.add(opened)
    assert set(await go_on(tmp_path)) == {"photo-2"}
    assert store.trace_text("one") == trace  # the first photo's trace is as it was
    assert [photo.branch for photo in trip_of(tmp_path).photos] == ["main", "photo-2"]
    assert trip_of(tmp_path).joint is not None
    assert (await verify_trip(store, "one")).holds


async def test_the_time_of_a_first_photo_is_kept_for_those_that_join_it(tmp_path: Path) -> None:
    store, taken = store_in(tmp_path), taken_by_person("2024-05-01T10:00")
    async with store.create(photo_bytes(), tools(), name="one", taken=taken) as case:
        async for _ in Trip(case).run():
            pass
    assert store.read_trip("one") is None  # one photo is no trip
    async with store.hold("one", tools()) as case:
        await Trip(case).add(await store.opened(photo_in(1)))
        async for _ in Trip(case).run():
            pass
    trip = trip_of(tmp_path)
    assert [(photo.branch, photo.taken) for photo in trip.photos] == [
        ("main", taken), ("photo-2", None),
    ]  # fmt: skip
    assert (await verify_trip(store, "one")).holds


async def test_the_time_of_a_file_counts_where_nobody_gives_one(tmp_path: Path) -> None:
    claims = ExifClaims(None, None, "2024-05-01T10:00:00", "+02:00", None, None)
    opened = tools(exif_reader=FixedExifReader(claims))
    store = store_in(tmp_path)
    async with store.create(
        photo_bytes(), opened, name="one", others=[photo_in(1, "2024-05-02T10:00")]
    ) as case:
        async for _ in Trip(case).run():
            pass
    joint = trip_of(tmp_path).joint
    assert joint is not None
    assert [(i.taken.said_by, i.taken.text) for i in joint.inputs if i.taken] == [
        ("file", "2024-05-01T10:00:00+02:00"),
        ("person", "2024-05-02T10:00"),
    ]


async def test_a_veto_on_one_photo_is_weighed_anew(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    async with store.hold("one", tools(), "photo-2") as case:
        await case.veto("Lisbon", "no tram")
    views = {p.branch: store.read("one", p.branch) for p in trip_of(tmp_path).photos}
    assert not trip_of(tmp_path).is_current(views)
    assert set(await go_on(tmp_path)) == {"photo-2"}
    trip = trip_of(tmp_path)
    assert [event.event for event in trip.events[-2:]] == ["joint", "joint"]
    joined = trip.joined("photo-2")
    assert joined is not None
    assert [h.place.name for h in joined.levels["city"]] == ["Porto"]
    assert (await verify_trip(store, "one")).holds


async def test_forks_belong_to_their_photo(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    async with store.hold("one", tools(), "photo-2") as case:
        assert await case.fork(4, {"country": "Spain"}) == "spain"
        async for _ in (await case.at("spain")).run():
            pass
        assert await Trip(case).photos() == ["main", "photo-2", "photo-3"]
    view = store.read("one", "spain")
    assert view.opened.image.name == "1.png"
    assert view.answer is not None
    assert view.answer.image.name == "1.png"
    assert (await verify_case(store, "one", "spain")).holds


async def test_a_photo_that_waits_takes_no_part_and_the_reply_finds_it(tmp_path: Path) -> None:
    await begin_trip(tmp_path, ask="always")
    assert trip_of(tmp_path).joint is None  # nobody has an answer yet
    with pytest.raises(InputError, match="several photos wait for a reply"):
        await go_on(tmp_path, reply={"kind": "accept"})
    for branch in ("main", "photo-2"):
        async with store_in(tmp_path).hold("one", tools(), branch) as case:
            while not case.done:
                async for _ in case.run(reply={"kind": "accept"} if case.question else None):
                    pass
            await Trip(case).settle()
    joint = trip_of(tmp_path).joint
    assert joint is not None
    assert [item.branch for item in joint.left_out] == ["photo-3"]
    while await go_on(tmp_path, reply={"kind": "accept"}):
        if store_in(tmp_path).read("one", "photo-3").answer:
            break
    joint = trip_of(tmp_path).joint
    assert joint is not None
    assert (len(joint.inputs), joint.left_out) == (3, ())


async def test_one_step_is_one_step_of_one_photo(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one", others=[photo_in(1)]) as case:
        steps = [branch async for branch, _ in Trip(case).run(one_step=True)]
    assert steps == ["main"]
    seen = []
    while branches := await go_on(tmp_path, one_step=True):
        seen += branches
    assert list(dict.fromkeys(seen)) == ["main", "photo-2"]
    assert trip_of(tmp_path).joint is not None


class OneByOne:
    """An evidence model that cannot join photos."""

    def __init__(self) -> None:
        self._model = FixedEvidence()
        self.score, self.locate = self._model.score, self._model.locate


async def test_an_evidence_model_that_cannot_join_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="weighs photos one by one only"):
        await begin_trip(tmp_path, tools(evidence=OneByOne()))
    await go_on(tmp_path)  # its photos have their answers; other tools can join them
    assert trip_of(tmp_path).joint is not None


async def test_a_changed_joint_trace_is_found(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    path = store.trip_path("one")
    whole = path.read_text()
    path.write_text(whole.replace('"together":', '"together" :', 1))
    assert not (await asyncio.to_thread(verify_trip_file, path)).holds
    with pytest.raises(CheckpointError, match="hash does not hold"):
        store.read_trip("one")
    with pytest.raises(CheckpointError, match="is not what the checkpoints say"):
        await go_on(tmp_path)
    for cut in (1, len(whole) // 2, len(whole) - 1):
        path.write_text(whole[:cut])
        await go_on(tmp_path)
        assert path.read_text() == whole
    path.unlink()
    await go_on(tmp_path)
    assert path.read_text() == whole


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
        await go_on(tmp_path)


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
    taken = taken_by_person("2024-05-01T10:00")
    assert Taken.model_validate_json(taken.model_dump_json()) == taken


async def test_hostile_words_stay_words_in_the_report_of_a_trip(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    line = TextLine(HOSTILE, Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")
    opened = tools(text_reader=FixedTextReader([line]))
    others = [PhotoIn(photo_bytes(COLOURS[1]), HOSTILE)]
    async with store.create(
        photo_bytes(), opened, name="one", photo_name=HOSTILE, others=others
    ) as case:
        async for _ in Trip(case).run():
            pass
        await (await case.at("photo-2")).veto("Lisbon", HOSTILE)
        async for _ in Trip(case).run():
            pass
    trip = trip_of(tmp_path)
    views = {photo.branch: store.read("one", photo.branch) for photo in trip.photos}
    html, markdown = trip_html(trip, views, {}), trip_markdown(trip, views)
    assert html.count("&lt;script&gt;") >= 2
    for text in (html, "\n".join(trip_lines(trip, views))):
        assert not {"\x1b", "\x9b", "\u202e", "\u2066", "\x07"} & set(text)
    assert "<script" not in html
    assert "<img src=http" not in html
    assert "<" not in markdown
    assert "http://" not in markdown
    assert store.trip_text("one").isascii()


@pytest.mark.parametrize(
    "body",
    [
        {"event": "os.system", "args": ["touch /tmp/owned"]},
        {"event": "trip", "format": "geojoint/9", "case": "one", "time": "x"},
        {"event": "case", "time": "x"},
        {"event": "joint", "inputs": [], "time": "x"},
    ],
)
def test_a_crafted_joint_trace_is_refused(tmp_path: Path, body: Any) -> None:
    path = tmp_path / "x.geojoint.jsonl"
    path.write_text(canonical(link(body, 0, "0" * 64)) + "\n")
    with pytest.raises(CheckpointError, match=r"x\.geojoint\.jsonl: line 1"):
        read_trip_view(path)
    path.write_bytes(b"\x80\x04\x95 a pickle \x00.\n")
    assert not verify_trip_file(path).holds


async def test_each_event_fits_its_schema_and_one_form(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    kinds = set()
    for line in store.trip_text("one").splitlines():
        event = json.loads(line)
        assert canonical(event) == line
        kinds.add(type(trip_event_of(event)).__name__)
    mapped = trip_schema()["discriminator"]["mapping"].values()
    assert kinds == {name.rsplit("/", 1)[1] for name in mapped}


async def test_a_second_process_can_change_no_photo_of_a_held_trip(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    async with store.hold("one", tools()):
        for branch in ("main", "photo-2"):
            with pytest.raises(CaseHeld, match="another process works on it"):
                async with store_in(tmp_path).hold("one", tools(), branch):
                    pass
        assert store_in(tmp_path).read_trip("one") is not None  # reading needs no lock
