"""Several photos in one case: each its own run, their joint result stored."""

from pathlib import Path

import pytest

from geoagent_graph.cases.trip.trip_case import Trip
from geoagent_graph.cases.verification import verify_case, verify_trip
from geoagent_graph.errors import CaseHeld, InputError
from geoagent_graph.protocols import FileClaims
from geoagent_graph.testing import FixedEvidence, FixedExifReader
from geoagent_graph.trip_types import parse_time_taken
from tests.support.cases import begin, photo_bytes, store_in, tools
from tests.support.trips import begin_trip, photo_in, trip_of
from tests.support.trips import go_on as go_on_with_trip


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
    assert await go_on_with_trip(tmp_path) == []
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.note("a note changes no answer")
    await go_on_with_trip(tmp_path)
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
        opened = await store.open_photo(photo_in(1))
        assert await trip.add(opened, parse_time_taken("0:10")) == "photo-2"
        with pytest.raises(InputError, match="is in the case one already"):
            await trip.add(opened)
    assert set(await go_on_with_trip(tmp_path)) == {"photo-2"}
    assert store.trace_text("one") == trace  # the first photo's trace is as it was
    assert [photo.branch for photo in trip_of(tmp_path).photos] == ["main", "photo-2"]
    assert trip_of(tmp_path).joint is not None
    assert (await verify_trip(store, "one")).holds


async def test_the_time_of_a_first_photo_is_kept_for_those_that_join_it(tmp_path: Path) -> None:
    store, taken = store_in(tmp_path), parse_time_taken("2024-05-01T10:00")
    async with store.create(photo_bytes(), tools(), name="one", taken=taken) as case:
        async for _ in Trip(case).run():
            pass
    assert store.read_trip("one") is None  # one photo is no trip
    async with store.hold("one", tools()) as case:
        await Trip(case).add(await store.open_photo(photo_in(1)))
        async for _ in Trip(case).run():
            pass
    trip = trip_of(tmp_path)
    assert [(photo.branch, photo.taken) for photo in trip.photos] == [
        ("main", taken), ("photo-2", None),
    ]  # fmt: skip
    assert (await verify_trip(store, "one")).holds


async def test_the_time_of_a_file_counts_where_nobody_gives_one(tmp_path: Path) -> None:
    claims = FileClaims(None, None, "2024-05-01T10:00:00", "+02:00", None, None)
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
    assert set(await go_on_with_trip(tmp_path)) == {"photo-2"}
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
        await go_on_with_trip(tmp_path, reply={"kind": "accept"})
    for branch in ("main", "photo-2"):
        async with store_in(tmp_path).hold("one", tools(), branch) as case:
            while not case.is_done:
                async for _ in case.run(reply={"kind": "accept"} if case.question else None):
                    pass
            await Trip(case).settle()
    joint = trip_of(tmp_path).joint
    assert joint is not None
    assert [item.branch for item in joint.left_out] == ["photo-3"]
    while await go_on_with_trip(tmp_path, reply={"kind": "accept"}):
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
    while branches := await go_on_with_trip(tmp_path, one_step=True):
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
    await go_on_with_trip(tmp_path)  # its photos have their answers; other tools can join them
    assert trip_of(tmp_path).joint is not None


async def test_a_second_process_can_change_no_photo_of_a_held_trip(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    async with store.hold("one", tools()):
        for branch in ("main", "photo-2"):
            with pytest.raises(CaseHeld, match="another process works on it"):
                async with store_in(tmp_path).hold("one", tools(), branch):
                    pass
        assert store_in(tmp_path).read_trip("one") is not None  # reading needs no lock
