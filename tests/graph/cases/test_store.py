"""Cases are kept, found again, held by one process at a time, refused when they are not ours."""

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from geoagent_graph.cases.names import check_name, name_for, split_name
from geoagent_graph.errors import CheckpointError, InputError, PolicyError, StorageError
from geoagent_graph.state import GRAPH_VERSION, RunOptions
from geoagent_graph.testing import ScriptedPolicy
from geoagent_graph.types import Verdict
from tests.support.cases import begin, go_on, nodes, photo_bytes, store_in, tools

LEVEL = ["propose", "retrieve", "ground", "judge"]


async def test_a_case_runs_to_its_answer_and_is_found_again(tmp_path: Path) -> None:
    events = await begin(tmp_path)
    assert nodes(events) == ["observe", *LEVEL * 3, "answer"]
    view = store_in(tmp_path).read("one")
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
    assert (view.status, view.events[-1].event, view.events[-1].error) == (
        "unfinished", "failure", "PolicyError",
    )  # fmt: skip
    await go_on(tmp_path)
    view = store_in(tmp_path).read("one")
    assert view.answer.place.city == "Lisbon"
    assert [step.node for step in view.steps].count("observe") == 1


async def test_a_name_is_given_once(tmp_path: Path) -> None:
    await begin(tmp_path)
    with pytest.raises(InputError, match="there is a case of that name"):
        await begin(tmp_path)
    store = store_in(tmp_path)
    names = []
    for _ in range(2):
        async with store.create(photo_bytes(), tools(), photo_name="Rua São 7.png") as case:
            names.append(case.name)
    assert names == ["rua-s-o-7", "rua-s-o-7-2"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "-a", ".", "con", "x" * 65, "ä", "a\n"])
def test_names_that_could_be_paths_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        check_name(name)


def test_names_come_from_photos_and_branches_after_a_slash() -> None:
    assert (name_for("IMG 01.JPG"), name_for("東京.png"), name_for("CON.jpg")) == (
        "img-01", "case", "case",
    )  # fmt: skip
    assert split_name("one") == ("one", "main")
    assert split_name("one/two") == ("one", "two")


async def test_a_case_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such case"):
        await go_on(tmp_path)
    await begin(tmp_path)
    with pytest.raises(InputError, match="no such branch"):
        await go_on(tmp_path, branch="two")
    with pytest.raises(InputError, match="no such branch; there is: main"):
        store_in(tmp_path).read("one", "two")


async def test_a_second_process_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    code = (
        "import asyncio, sys\n"
        "from tests.support.cases import go_on\n"
        "from pathlib import Path\n"
        "from geoagent_graph.errors import InputError\n"
        "try: asyncio.run(go_on(Path(sys.argv[1])))\n"
        "except InputError as error: print(error)\n"
    )
    store = store_in(tmp_path)
    async with store.hold("one", tools()):
        done = subprocess.run(  # noqa: ASYNC221
            [sys.executable, "-c", code, str(tmp_path)],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
        )  # fmt: skip
        assert "one: another process works on it" in done.stdout
        assert store.is_held("one")
        assert store.read("one").status == "answered"  # reading needs no lock
    assert not store.is_held("one")


@pytest.mark.parametrize("key", ["schema_version", "graph_version"])
async def test_another_version_is_refused_clearly(tmp_path: Path, key: str) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).database_path("one")
    with sqlite3.connect(path) as database:
        about = json.loads(database.execute("SELECT content FROM about").fetchone()[0])
        assert about["graph_version"] == GRAPH_VERSION
        database.execute("UPDATE about SET content = ?", (json.dumps({**about, key: 999}),))
    database.close()
    with pytest.raises(CheckpointError, match="is 999, this version works with"):
        await go_on(tmp_path)
    assert store_in(tmp_path).read("one").status == "answered"  # its trace can still be read


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty"])
async def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).database_path("one")
    content = path.read_bytes()
    kinds = {
        "truncated": content[: len(content) // 2],
        "garbage": b"not a database at all" * 500,
        "empty": b"",
    }
    path.write_bytes(kinds[damage])
    with pytest.raises((CheckpointError, StorageError, InputError)) as caught:
        await go_on(tmp_path)
    assert "one" in str(caught.value)


async def test_every_flipped_byte_of_the_file_is_an_error_or_harmless(tmp_path: Path) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).database_path("one")
    whole, trace = path.read_bytes(), store_in(tmp_path).trace_text("one")
    for position in range(7, len(whole), len(whole) // 60):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x5A]) + whole[position + 1 :])
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        with contextlib.suppress(CheckpointError, StorageError, InputError):
            assert await go_on(tmp_path) == []
        assert store_in(tmp_path).trace_text("one") == trace


async def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(StorageError) as caught:
        await begin(tmp_path / "home")
    assert "\n" not in str(caught.value)


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
    assert view.answer.place.city == "Lisbon"


async def test_a_cancelled_run_goes_on_later(tmp_path: Path) -> None:
    reached = asyncio.Event()

    class Slow(ScriptedPolicy):
        async def judge(self, situation, candidates):
            reached.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(begin(tmp_path, opened=tools(policy=Slow.towards_lisbon())))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await go_on(tmp_path)
    assert store_in(tmp_path).read("one").answer.place.city == "Lisbon"


async def test_one_process_holds_a_case_once(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()):
        with pytest.raises(InputError, match="works on it"):
            await go_on(tmp_path)


async def test_a_clock_that_went_back_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(tmp_path, ask="always")
    monkeypatch.setattr("geoagent_graph.cases.case.now", lambda: "2001-01-01T00:00:00+00:00")
    with pytest.raises(CheckpointError, match="clock is behind"):
        await go_on(tmp_path, reply={"kind": "accept"})
    assert store_in(tmp_path).read("one").question is not None


async def test_options_and_photo_survive(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    options = RunOptions(use_exif=False, budget=10)
    async with store.create(photo_bytes(), tools(), name="one", options=options) as case:
        pass
    await go_on(tmp_path)
    view = store.read("one")
    assert view.opened.options == options
    assert view.answer.level == "country"  # what a budget of ten allows
    assert store.images.original(view.opened.image) == photo_bytes()
    assert not case.done  # what was held then has not seen the rest
