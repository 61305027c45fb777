"""A deleted case is gone with its photo, unless another case holds it; a kill leaves no other's."""

import os
import time
from pathlib import Path

import pytest

from geoagent_graph.cases.locks import acquire_lock
from geoagent_graph.cases.removal import Removal, photos_of
from geoagent_graph.cases.trip.trip_case import PhotoIn
from geoagent_graph.errors import CaseHeld, InputError, PhotoError
from geoagent_graph.images.claims import MAX_CLAIM_SECONDS
from tests.support.cases import begin, photo_bytes, store_in, tools


def photos_in(home: Path) -> list[Path]:
    return [path for path in (home / "photos").rglob("*") if path.is_file()]


async def test_a_case_goes_with_its_photo(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    image = store.read("one").opened.image
    assert len(photos_in(tmp_path)) == 1
    assert store.delete("one") == Removal(photos=1, shared=0)
    assert (store.names(), photos_in(tmp_path)) == ([], [])
    assert list((tmp_path / "deleted").iterdir()) == []
    with pytest.raises(PhotoError):
        store.images.original(image)
    with pytest.raises(InputError, match="one: no such case"):
        store.delete("one")


async def test_a_photo_that_another_case_holds_stays(tmp_path: Path) -> None:
    await begin(tmp_path)
    await begin(tmp_path, name="two")
    store = store_in(tmp_path)
    assert store.delete("one") == Removal(photos=0, shared=1)
    assert len(photos_in(tmp_path)) == 1
    assert store.delete("two") == Removal(photos=1, shared=0)
    assert photos_in(tmp_path) == []


async def test_a_case_that_is_worked_on_is_not_deleted(tmp_path: Path) -> None:
    await begin(tmp_path)
    lock = acquire_lock(tmp_path / "cases" / "one", "one", 0.0)
    with pytest.raises(CaseHeld, match="one: another process works on it"):
        store_in(tmp_path).delete("one")
    lock.release()
    assert store_in(tmp_path).names() == ["one"]


async def test_what_a_kill_left_goes_with_the_next_deletion(tmp_path: Path) -> None:
    await begin(tmp_path)
    await begin(tmp_path, name="two")
    (tmp_path / "deleted").mkdir()
    (tmp_path / "cases" / "one").rename(tmp_path / "deleted" / "one-0123")
    assert store_in(tmp_path).delete("two") == Removal(photos=1, shared=0)
    assert photos_in(tmp_path) == []


async def test_a_photo_that_is_opened_for_a_case_to_come_stays(tmp_path: Path) -> None:
    await begin(tmp_path)
    opening, deleting = store_in(tmp_path), store_in(tmp_path)
    opened = await opening.open_photo(PhotoIn(photo_bytes()))
    assert deleting.delete("one") == Removal(photos=0, shared=1)
    assert deleting.images.original(opened.image) == photo_bytes()
    async with opening.create(opened, tools(), name="two"):
        pass
    assert deleting.delete("two") == Removal(photos=1, shared=0)
    assert (photos_in(tmp_path), list((tmp_path / "deleted").iterdir())) == ([], [])


async def test_a_claim_of_long_ago_keeps_no_photo(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    await store.open_photo(PhotoIn(photo_bytes()))
    (claim,) = (tmp_path / "photos" / ".opened").iterdir()
    os.utime(claim, (time.time() - 2 * MAX_CLAIM_SECONDS,) * 2)
    assert store.delete("one") == Removal(photos=1, shared=0)
    assert photos_in(tmp_path) == []


async def test_a_damaged_case_can_be_deleted_with_its_photo(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    trace = store.trace_path("one")
    first, *_ = trace.read_bytes().splitlines(keepends=True)
    trace.write_bytes(first[:-20] + b"damage\n")
    assert len(photos_of(tmp_path / "cases" / "one")) == 1
    assert store.delete("one") == Removal(photos=1, shared=0)
