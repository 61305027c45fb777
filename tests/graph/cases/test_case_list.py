"""Cases are listed without reading their traces, and never as something they are not."""

import os
import shutil
from pathlib import Path

import pytest

from geoagent_graph.cases import case_list, view
from geoagent_graph.cases.summary import summary_of
from geoagent_graph.cases.summary_file import SUMMARY_NAME
from geoagent_graph.cases.verification import verify_case
from tests.support.cases import begin, go_on, store_in, tools, view_of


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the traces that were read whole since."""
    found: list[Path] = []
    read = view.read_view

    def read_and_note(path: Path) -> object:
        found.append(path)
        return read(path)

    monkeypatch.setattr(case_list, "read_view", read_and_note)
    return found


async def test_a_case_is_listed_from_what_its_run_left(tmp_path: Path, reads: list[Path]) -> None:
    await begin(tmp_path, ask="always")
    store = store_in(tmp_path)
    (listed,) = store.summaries(["one"])
    assert [branch.status for branch in listed.branches] == ["waiting"]
    await go_on(tmp_path, reply={"kind": "accept"})
    async with store.hold("one", tools()) as case:
        await case.fork(2, name="two")
    await go_on(tmp_path, branch="two")
    reads.clear()
    (listed,) = store.summaries(["one"])
    assert reads == []
    assert listed.branches == tuple(summary_of(view_of(tmp_path, b)) for b in ("main", "two"))


async def test_a_case_without_its_summary_is_read_once(tmp_path: Path, reads: list[Path]) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    folder = store.trace_path("one").parent
    expected = store.summaries(["one"])
    for content in (None, "", "{}", "[1]", '{"traces":{"main.geotrace.jsonl":1}}', "[" * 9000):
        (folder / SUMMARY_NAME).unlink()
        if content is not None:
            (folder / SUMMARY_NAME).write_text(content)
        os.utime(folder, ns=(5, 5))
        reads.clear()
        assert store.summaries(["one"]) == expected
        assert folder.stat().st_mtime_ns == 5  # the order of the list stays
        assert store.summaries(["one"]) == expected
        assert len(reads) == 1


async def test_a_copy_of_a_case_is_listed_by_its_digest(tmp_path: Path, reads: list[Path]) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    folder = store.trace_path("one").parent
    shutil.copytree(folder, folder.with_name("two"))
    first, second = store.summaries(["one", "two"])
    assert (first.branches, second.name) == (second.branches, "two")
    assert reads == []


@pytest.mark.parametrize("keeps_its_times", [True, False])
async def test_a_trace_that_was_changed_is_read_again(
    tmp_path: Path, keeps_its_times: bool
) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    path = store.trace_path("one")
    times = path.stat()
    assert b"Lisbon" in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"Lisbon", b"London"))
    if keeps_its_times:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    for _ in range(2):
        (listed,) = store.summaries(["one"])
        assert listed.branches == ()
        assert "hash does not hold" in (listed.problem or "")


async def test_a_run_that_was_killed_is_listed_as_far_as_it_came(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    path = store.trace_path("one")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5]) + lines[5][:40])  # its summary is of another trace
    (listed,) = store.summaries(["one"])
    assert [(b.status, b.steps) for b in listed.branches] == [("unfinished", 4)]
    await go_on(tmp_path)
    assert [b.status for b in store.summaries(["one"])[0].branches] == ["answered"]


async def test_a_folder_that_is_no_case_and_one_that_cannot_be_written(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    folder = store.trace_path("none").parent
    folder.mkdir(parents=True)
    (folder / SUMMARY_NAME).mkdir()  # in the way, as on a disk that takes no more
    assert [case.problem for case in store.summaries(["none"])] == ["was never begun"]
    (folder / "UP.geotrace.jsonl").touch()
    assert "no name for a branch" in (store.summaries(["none"])[0].problem or "")


async def test_a_summary_that_cannot_be_stored_ends_no_run(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    folder = store.trace_path("one").parent
    (folder / SUMMARY_NAME).mkdir(parents=True)
    await begin(tmp_path)
    assert [b.status for b in store.summaries(["one"])[0].branches] == ["answered"]


async def test_a_list_that_was_made_to_lie_is_found_by_verification(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    path = store.trace_path("one").with_name(SUMMARY_NAME)
    assert (await verify_case(store, "one", "main")).holds
    path.write_text(path.read_text().replace('"city":"Lisbon"', '"city":"London"'))
    found = await verify_case(store, "one", "main")
    assert found.problems == (
        "the list of cases says something else than the trace; remove its summary.json",
    )
    path.unlink()
    assert (await verify_case(store, "one", "main")).holds
