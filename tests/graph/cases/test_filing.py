"""Cases are found, tagged, put away and named anew, and stay what they are."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geoagent_graph.cases.case_search import fold, search_of
from geoagent_graph.cases.filing import file_case, labels_of, rename_case, search_cases
from geoagent_graph.cases.labels import LABELS_NAME, MAX_TAGS, change_tags
from geoagent_graph.cases.locks import acquire_lock
from geoagent_graph.cases.verification import verify_case, verify_trip
from geoagent_graph.cases.view import read_view
from geoagent_graph.errors import CaseHeld, CaseNotFound, InputError
from tests.support.cases import begin, go_on, store_in, tools
from tests.support.trips import begin_trip


async def test_cases_are_found_by_words_tags_and_dates(tmp_path: Path) -> None:
    await begin(tmp_path, "one")
    await begin(tmp_path, "two", ask="always")
    store = store_in(tmp_path)
    async with store.hold("two", tools()) as case:
        await case.note("Seen near the Café Müller")
    file_case(store, "one", add=["Desk 3"])
    day = store.summaries(["one"])[0].branches[0].created[:10]
    wanted = {
        "lisbon": ["one"],
        "PORTUGAL photo": ["one"],
        "cafe muller": ["two"],
        "desk": ["one"],
        day: ["two", "one"],
        "nowhere": [],
        "": ["two", "one"],
    }
    for words, names in wanted.items():
        assert sorted(search_cases(store, search_of(words))) == sorted(names), words
    assert search_cases(store, search_of("", tags=("desk 3",))) == ["one"]
    assert search_cases(store, search_of("", since="2999-01-01")) == []
    assert len(search_cases(store, search_of("", since=day, until=day))) == 2
    with pytest.raises(InputError, match="write it as 2026-05-01"):
        search_of("", until="yesterday")


async def test_archived_cases_are_listed_when_asked_for(tmp_path: Path) -> None:
    await begin(tmp_path, "one")
    store = store_in(tmp_path)
    before = store.folder("one").stat().st_mtime_ns
    file_case(store, "one", archived=True)
    assert store.folder("one").stat().st_mtime_ns == before  # its place in the list
    assert search_cases(store, search_of("")) == search_cases(store, search_of("lisbon")) == []
    assert search_cases(store, search_of("lisbon", filed="archived")) == ["one"]
    assert search_cases(store, search_of("", filed="all")) == ["one"]
    file_case(store, "one", archived=False)
    assert search_cases(store, search_of("")) == ["one"]
    (store.folder("one") / LABELS_NAME).write_text("[" * 500)
    assert labels_of(store, "one").tags == ()
    assert store.summaries(["one"])[0].problem is None


def test_tags_are_one_each_whatever_their_case() -> None:
    assert change_tags(["b"], [" A  x ", "B"], []) == ("A x", "b")
    assert change_tags(["b", "a"], [], ["B"]) == ("a",)
    with pytest.raises(InputError, match="is no tag of the case; there is: a"):
        change_tags(["a"], [], ["c"])
    for bad in ("", "x" * 61, "a\u202eb"):
        with pytest.raises(InputError):
            change_tags([], [bad], [])
    with pytest.raises(InputError, match="at most"):
        change_tags([], [str(number) for number in range(MAX_TAGS + 1)], [])


async def test_a_case_with_another_name_goes_on_and_verifies(tmp_path: Path) -> None:
    await begin(tmp_path, "one", ask="always")
    store = store_in(tmp_path)
    file_case(store, "one", add=["kept"])
    await rename_case(store, "one", "two", "Ana")
    assert not store.has("one")
    view = store.read("two")
    assert (view.case, view.opened.case) == ("two", "one")
    assert read_view(store.trace_path("two")).case == "two"  # also where it was handed on
    assert labels_of(store, "two").tags == ("kept",)
    await go_on(tmp_path, "two", reply={"kind": "accept"})
    assert (await verify_case(store, "two", "main")).holds
    await begin(tmp_path, "one")
    with pytest.raises(InputError, match="there is a case of that name"):
        await rename_case(store, "two", "one")
    for bad in ("No Name", "../x", "con"):
        with pytest.raises(InputError, match="no name for a case"):
            await rename_case(store, "two", bad)
    with pytest.raises(InputError, match="no such case"):
        await rename_case(store, "three", "four")
    async with store.hold("two", tools()):
        with pytest.raises(CaseHeld):
            await rename_case(store, "two", "four")


async def test_a_trip_keeps_its_joint_trace_under_another_name(tmp_path: Path) -> None:
    await begin_trip(tmp_path)
    store = store_in(tmp_path)
    (name,) = store.names()
    await rename_case(store, name, "way")
    trip = store.read_trip("way")
    assert trip is not None
    assert trip.case == "way"
    assert (await verify_trip(store, "way")).holds


def test_words_are_compared_without_case_and_accents() -> None:
    assert fold("São Tomé ﬁn İ") == fold("sao tome fin i")


async def test_tags_of_several_people_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    await begin(tmp_path, "one")
    store, tags = store_in(tmp_path), [f"t{number}" for number in range(12)]
    changed = store.folder("one").stat().st_mtime_ns
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda tag: file_case(store, "one", add=[tag]), tags))
    assert sorted(labels_of(store, "one").tags) == sorted(tags)
    assert store.folder("one").stat().st_mtime_ns == changed


async def test_who_renames_a_case_too_late_is_told_that_it_is_gone(tmp_path: Path) -> None:
    await begin(tmp_path, "one")
    store = store_in(tmp_path)
    renaming = (rename_case(store, "one", new) for new in ("two", "three", "four"))
    ended = await asyncio.gather(*renaming, return_exceptions=True)
    assert (
        sorted(map(repr, filter(None, ended)))
        == [repr(CaseNotFound("one: no such case. See: geoagent cases"))] * 2
    )
    assert len(store.names()) == 1


def test_a_lock_makes_no_case_of_what_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CaseNotFound):
        acquire_lock(tmp_path / "gone", "gone", 0.1)
    assert list(tmp_path.iterdir()) == []
