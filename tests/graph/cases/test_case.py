"""A case runs, stops, asks, is replied to and noted; what is stored is never done again."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Never

import pytest

from geoagent_graph.cases.events import RunFailed
from geoagent_graph.cases.trip.trip_case import PhotoIn
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import CheckpointError, InputError, PolicyError
from geoagent_graph.protocols import Situation
from geoagent_graph.testing import (
    FixedEvidence,
    ScriptedPolicy,
)
from geoagent_graph.types import Hypothesis, Verdict
from tests.support.cases import begin, go_on, nodes, photo_bytes, store_in, tools, view_of

LEVEL = ["propose", "retrieve", "ground", "judge"]


async def test_a_case_runs_to_its_answer_and_is_found_again(tmp_path: Path) -> None:
    events = await begin(tmp_path)
    assert nodes(events) == ["observe", *LEVEL * 3, "answer"]
    view = store_in(tmp_path).read("one")
    assert view.answer is not None
    assert (view.status, view.answer.place.city) == ("answered", "Lisbon")
    assert [entry.name for entry in store_in(tmp_path).entries()] == ["one"]
    assert view.events[1:] == tuple(events)  # the first one is stored when the case begins


async def test_one_step_at_a_time_makes_the_same_case(tmp_path: Path) -> None:
    await begin(tmp_path / "whole")
    store = store_in(tmp_path / "steps")
    async with store.create(photo_bytes(), tools(), name="one", photo_name="photo.png") as case:
        first = [event async for event in case.run(one_step=True)]
    assert nodes(first) == ["observe"]
    for _ in range(40):
        events = await go_on(tmp_path / "steps", one_step=True)
        assert len(nodes(events)) <= 1
        if not events:
            break
    stepped, whole = store.read("one"), store_in(tmp_path / "whole").read("one")
    assert stepped.answer is not None
    assert whole.answer is not None
    assert stepped.answer.place == whole.answer.place
    assert [step.node for step in stepped.steps] == [step.node for step in whole.steps]


async def test_a_finished_case_does_nothing_more(tmp_path: Path) -> None:
    await begin(tmp_path)
    before = store_in(tmp_path).trace_text("one")
    assert await go_on(tmp_path) == []
    assert store_in(tmp_path).trace_text("one") == before


async def test_a_failed_policy_is_told_and_the_case_goes_on_later(tmp_path: Path) -> None:
    wrong = Verdict(decision="accept", place_id="country:XX", reason="?")
    broken = tools(policy=ScriptedPolicy.towards_lisbon(verdicts=[wrong]))
    with pytest.raises(PolicyError, match="country:XX"):
        await begin(tmp_path, opened=broken)
    view = store_in(tmp_path).read("one")
    failure = view.events[-1]
    assert isinstance(failure, RunFailed)
    assert (view.status, failure.event, failure.error) == (
        "unfinished", "failure", "PolicyError",
    )  # fmt: skip
    await go_on(tmp_path)
    view = store_in(tmp_path).read("one")
    assert view.answer is not None
    assert view.answer.place.city == "Lisbon"
    assert [step.node for step in view.steps].count("observe") == 1


async def test_a_reader_who_goes_away_loses_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        async for event in case.run():
            if event.event == "step" and event.step.index == 3:
                break
        with pytest.raises(InputError, match="is being run already"):
            await anext(aiter(case.run()))
    await go_on(tmp_path)
    view = store.read("one")
    assert [step.index for step in view.steps] == list(range(14))
    assert view.answer is not None
    assert view.answer.place.city == "Lisbon"


async def test_a_cancelled_run_goes_on_later(tmp_path: Path) -> None:
    reached = asyncio.Event()

    class Slow(ScriptedPolicy):
        async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Never:
            reached.set()
            await asyncio.sleep(3600)
            raise AssertionError("nobody cancelled the run")

    task = asyncio.create_task(begin(tmp_path, opened=tools(policy=Slow.towards_lisbon())))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await go_on(tmp_path)
    answer = store_in(tmp_path).read("one").answer
    assert answer is not None
    assert answer.place.city == "Lisbon"


async def test_a_clock_that_went_back_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(tmp_path, ask="always")
    monkeypatch.setattr("geoagent_graph.cases.database.now", lambda: "2001-01-01T00:00:00+00:00")
    with pytest.raises(CheckpointError, match="clock is behind"):
        await go_on(tmp_path, reply={"kind": "accept"})
    assert store_in(tmp_path).read("one").question is not None


AGREE = {"kind": "accept"}


async def test_always_asks_after_every_verdict(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    levels = []
    while view_of(tmp_path).question is not None:
        levels.append(view_of(tmp_path).question.level)
        await go_on(tmp_path, reply=AGREE)
    assert levels == ["continent", "country", "city"]
    assert view_of(tmp_path).answer.place.city == "Lisbon"
    assert [act.input.text for act in view_of(tmp_path).people] == [
        "agrees to accept Europe",
        "agrees to accept Portugal",
        "agrees to accept Lisbon",
    ]


async def test_unsure_asks_only_where_it_is(tmp_path: Path) -> None:
    evidence = FixedEvidence({"country:PT": -0.4})
    await begin(tmp_path, opened=tools(evidence=evidence), ask="unsure")
    assert view_of(tmp_path).question.level == "country"
    await go_on(tmp_path, opened=tools(evidence=evidence), reply=AGREE)
    assert view_of(tmp_path).status == "answered"


@pytest.mark.parametrize(
    "reply",
    [
        {},
        None,
        "yes",
        {"kind": "nonsense"},
        {"kind": "accept", "place": "Atlantis"},
        {"kind": "accept", "place": " "},
        {"kind": "reject", "place": "Europe"},
        {"kind": "reject", "place": "Europe", "reason": ""},
        {"kind": "clue", "text": "x" * 1001},
        {"kind": "photo_region", "box": {"left": 0.5, "top": 0, "right": 0.4, "bottom": 1}},
        {"kind": "photo_region", "box": {"left": 0, "top": 0, "right": 2, "bottom": 1}},
        {"kind": "map_region", "lat_deg": 91, "lon_deg": 0, "radius_km": 10},
        {"kind": "map_region", "lat_deg": 1, "lon_deg": 0, "radius_km": float("nan")},
        {"kind": "accept", "more": 1},
    ],
)
async def test_a_bad_reply_is_refused_and_the_question_stays(tmp_path: Path, reply: Any) -> None:
    await begin(tmp_path, ask="always")
    before = store_in(tmp_path).trace_text("one")
    if reply is not None:
        with pytest.raises(InputError):
            await go_on(tmp_path, reply=reply)
    await go_on(tmp_path)  # without a reply it waits on
    assert store_in(tmp_path).trace_text("one") == before
    assert view_of(tmp_path).question.level == "continent"


async def test_a_reply_without_a_question_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    with pytest.raises(InputError, match="no question is open"):
        await go_on(tmp_path, reply=AGREE)


async def test_a_note_changes_nothing_but_the_trace(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    from tests.support.cases import photo_bytes

    async with store.create(photo_bytes(), tools(), name="one") as case:
        await case.note("before the first step")
        async for _ in case.run(one_step=True):
            pass
        await case.note("<img src=x onerror=alert(1)>")
        for wrong in ("", "  ", "x" * 10_001):
            with pytest.raises(InputError):
                await case.note(wrong)
    await go_on(tmp_path)
    kinds = [event.event for event in view_of(tmp_path).events[:5]]
    assert kinds == ["case", "note", "step", "note", "step"]
    assert view_of(tmp_path).answer.place.city == "Lisbon"
    assert (await verify_case(store, "one", "main")).holds


async def test_names_before_warn(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    with pytest.warns(DeprecationWarning, match="open_photo"):
        opened = await store.opened(PhotoIn(photo_bytes()))
    assert opened.image.width > 0
    await begin(tmp_path)
    async with store.hold("one", tools()) as case:
        with pytest.warns(DeprecationWarning, match="is_done"):
            assert case.done
