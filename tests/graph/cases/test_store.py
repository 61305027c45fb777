"""A folder of cases: created, found, locked, refused where they are not there."""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.state import RunOptions
from tests.support.cases import begin, go_on, photo_bytes, store_in, tools
from tests.support.paths import ROOT


def test_a_home_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: is no folder"):
        store_in(tmp_path / "file")


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


async def test_who_begins_at_the_same_time_gets_a_case_of_their_own(tmp_path: Path) -> None:
    async def begin_one() -> str:
        store = store_in(tmp_path)  # as a process of its own would
        async with store.create(photo_bytes(), tools(), photo_name="a.png") as case:
            async for _ in case.run():
                pass
            return case.name

    names = await asyncio.gather(*(begin_one() for _ in range(6)))
    assert sorted(names) == ["a", "a-2", "a-3", "a-4", "a-5", "a-6"]
    assert {store_in(tmp_path).read(name).status for name in names} == {"answered"}


@pytest.mark.parametrize("left", ["nothing", "empty", "tables", "torn"])
async def test_a_case_that_a_fault_ended_at_its_creation_is_begun_again(
    tmp_path: Path, left: str
) -> None:
    store = store_in(tmp_path)
    path = store.database_path("one")
    path.parent.mkdir(parents=True)
    if left == "empty":
        path.touch()
    elif left == "tables":
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE TABLE about (id INTEGER PRIMARY KEY, content TEXT)")
    elif left == "torn":
        path.with_name("case.sqlite-wal").write_bytes(b"torn")
    for _ in range(2):  # the advice does not change what it is about
        with pytest.raises(InputError, match=r"never begun.*Investigate the photo again"):
            await store.request_of("one")
        with pytest.raises(InputError, match=r"never begun.*Investigate the photo again"):
            await go_on(tmp_path)
    async with store.create(photo_bytes(), tools(), photo_name="one.png") as case:
        assert case.name == "one"
    assert (await go_on(tmp_path))[-1].event == "answer"


async def test_a_fault_at_the_creation_of_a_case_advises_to_begin_it_again(tmp_path: Path) -> None:
    path = store_in(tmp_path).database_path("one")
    path.mkdir(parents=True)  # SQLite cannot open it, as on a full disk
    with pytest.raises(StorageError, match="then: investigate the photo again"):
        await begin(tmp_path)


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
            capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
        assert "one: another process works on it" in done.stdout
        assert store.is_held("one")
        assert store.read("one").status == "answered"  # reading needs no lock
    assert not store.is_held("one")


async def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(InputError) as caught:
        await begin(tmp_path / "home")
    assert "\n" not in str(caught.value)


async def test_one_process_holds_a_case_once(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()):
        with pytest.raises(InputError, match="works on it"):
            await go_on(tmp_path)


async def test_options_and_photo_survive(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    options = RunOptions(use_exif=False, budget=10)
    async with store.create(photo_bytes(), tools(), name="one", options=options) as case:
        pass
    await go_on(tmp_path)
    view = store.read("one")
    assert view.opened.options == options
    assert view.answer is not None
    assert view.answer.level == "country"  # what a budget of ten allows
    assert store.images.original(view.opened.image) == photo_bytes()
    assert not case.is_done  # what was held then has not seen the rest


async def test_a_copied_folder_is_a_whole_case(tmp_path: Path) -> None:
    await begin(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert (await verify_case(store_in(tmp_path / "b"), "one", "main")).holds
