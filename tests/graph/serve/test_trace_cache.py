"""A trace is read once per version; where a case stands follows from its events."""

from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.serve import trace_cache
from geoagent_graph.serve.trace_cache import (
    TraceCache,
    branch_state,
    candidates_of,
    case_state,
    exclusions_of,
)
from geoagent_graph.types import Json
from tests.support.answers import SPAIN, porto_answer
from tests.support.cases import begin, store_in
from tests.support.views import FAILURE, NOTE, case_view, question


def act(action: str, text: str) -> Json:
    place = SPAIN.model_dump(mode="json")
    return {"event": "human", "input": {"action": action, "text": text, "place": place}}


async def test_a_trace_is_read_again_only_when_it_has_grown(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    cache = TraceCache(store)
    first = await cache.view("one")
    assert await cache.view("one") is first
    path = store.trace_path("one", "main")
    path.write_bytes(path.read_bytes())
    again = await cache.view("one")
    assert again is not first
    assert again.head == first.head


async def test_old_views_are_dropped_but_never_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(tmp_path)
    await begin(tmp_path, "two")
    monkeypatch.setattr(trace_cache, "MAX_VIEW_BYTES", 10)
    cache = TraceCache(store_in(tmp_path))
    first = await cache.view("one")
    assert await cache.view("one") is first
    await cache.view("two")
    assert await cache.view("one") is not first


async def test_what_cannot_be_read_says_why_in_its_row(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    path = store.trace_path("one", "main")
    path.write_text(path.read_text().replace("Lisbon", "London"))
    (row,) = await TraceCache(store).rows(["one"])
    assert (row.id, row.branches) == ("one", ())
    assert "hash does not hold" in (row.problem or "")
    with pytest.raises(InputError, match="one/two: no such case or branch"):
        await TraceCache(store).view("one", "two")


def test_a_failure_is_told_until_the_run_has_an_answer() -> None:
    failed, answered = case_view(FAILURE), case_view(FAILURE, answer=porto_answer())
    assert branch_state(failed).status == "failed"
    assert case_state(failed, (branch_state(failed),), None).problem == "the retriever is gone"
    own = case_state(answered, (branch_state(answered),), "disk full")
    assert (own.status, own.problem) == ("answered", None)
    assert branch_state(case_view(FAILURE, NOTE)).status == "unfinished"


def test_an_answer_is_told_without_its_steps_and_a_question_as_it_is() -> None:
    answered = case_view(answer=porto_answer())
    state = case_state(answered, (branch_state(answered),), None)
    assert state.answer is not None
    assert (state.answer.trace, state.answer.tools, state.steps) == ((), (), 4)
    assert [item.place.name for item in state.excluded] == ["Spain"]
    waiting = case_view(question())
    assert case_state(waiting, (branch_state(waiting),), None).question is not None


def test_the_newest_reason_rules_a_place_out_and_setting_it_does_not() -> None:
    (found,) = exclusions_of(case_view(act("reject", "too dry"), act("veto", "too wet")))
    assert (found.place.name, found.reason, found.by, found.step) == (
        "Spain",
        "too wet",
        "person",
        4,
    )
    assert exclusions_of(case_view(act("set", "it is Spain"))) == ()
    assert candidates_of({"hypotheses": "none"}) == ()
