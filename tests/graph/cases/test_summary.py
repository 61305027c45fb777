"""A summary says what the trace says, whether its events came one by one or as a view."""

from pathlib import Path

from geoagent_graph.cases.summary import SummaryInProgress, summary_of, trip_summary_of
from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from tests.support.answers import porto_answer
from tests.support.cases import begin, lines_of, photo_bytes, store_in, tools, view_of
from tests.support.views import FAILURE, NOTE, case_view, question


async def test_events_one_by_one_come_to_what_the_view_says(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.note("seen")
        async for _ in case.run(reply={"kind": "accept"}):
            pass
        await case.fork(3, name="two")
    for branch in ("main", "two"):
        path = store_in(tmp_path).trace_path("one", branch)
        whole, lines = path.read_bytes(), lines_of(tmp_path, branch)
        going = SummaryInProgress()
        assert going.summary() is None
        for number, event in enumerate(lines, start=1):
            going.take([event])
            path.write_bytes(b"".join(whole.splitlines(keepends=True)[:number]))
            assert going.summary() == summary_of(view_of(tmp_path, branch))
        path.write_bytes(whole)


def test_a_summary_tells_answers_questions_and_failures_apart() -> None:
    answered = summary_of(case_view(answer=porto_answer()))
    assert (answered.status, answered.has_failed) == ("answered", False)
    assert answered.claim is not None
    assert answered.claim.place.city == "Porto"
    waiting = summary_of(case_view(question()))
    assert (waiting.status, waiting.claim) == ("waiting", None)
    assert summary_of(case_view(FAILURE)).has_failed
    assert not summary_of(case_view(FAILURE, NOTE)).has_failed
    assert not summary_of(case_view(FAILURE, answer=porto_answer())).has_failed


async def test_a_trip_is_summed_up_as_what_its_photos_are_together(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    others = [PhotoIn(photo_bytes((1, 2, 3)), "more.png")]
    async with store.create(photo_bytes(), tools(), name="trip", others=others) as case:
        async for _ in Trip(case).run():
            pass
    trip = store.read_trip("trip")
    assert trip is not None
    summary = trip_summary_of(trip)
    assert (summary.photos, len(summary.together)) == (2, 2)
    (listed,) = store.summaries(store.names())
    assert listed.trip == summary
    assert [branch.branch for branch in listed.branches] == ["main", "photo-2"]
