"""A batch keeps what is done, in order, and completes it later."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import InputError, PhotoError, StorageError
from geoagent_graph.kept_answers import BatchItem, locate_and_keep, photos_in
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.testing import MemoryImages, ScriptedPolicy, scripted_toolbox
from geoagent_graph.toolbox import Toolbox


class PickyImages(MemoryImages):
    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        if isinstance(source, Path) and source.name.startswith("bad"):
            raise PhotoError(f"{source.name}: not a photo")
        return super().open(source, name)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    names = ["a.jpg", "bad.jpg", "c.PNG", "d.webp", "e.jpg"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "notes.txt").write_text("no photo")
    return photos_in(tmp_path)


def _toolbox() -> tuple[Toolbox, ScriptedPolicy]:
    policy = ScriptedPolicy.towards_lisbon()
    return scripted_toolbox(policy=policy, images=PickyImages()), policy


async def _all(photos: list[Path], out: Path, toolbox: Toolbox) -> list[BatchItem]:
    return [item async for item in locate_and_keep(photos, out, toolbox=toolbox, concurrency=3)]


async def test_order_is_kept_and_a_failure_stops_no_other(
    photos: list[Path], tmp_path: Path
) -> None:
    toolbox, _ = _toolbox()
    items = await _all(photos, tmp_path / "out.jsonl", toolbox)
    assert [item.photo for item in items] == photos
    assert [item.error is None for item in items] == [True, False, True, True, True]
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["photo"] for line in lines] == [str(photo) for photo in photos]
    assert "not a photo" in lines[1]["error"]


async def test_a_second_run_into_the_same_file_is_told_who_writes_to_it(
    photos: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    toolbox, _ = _toolbox()
    run: Any = locate_and_keep(photos, out, toolbox=toolbox, concurrency=1)
    await anext(run)
    with pytest.raises(InputError, match=r"out\.jsonl: (this process|another run) adds to it"):
        await _all(photos, out, toolbox)
    await run.aclose()
    assert [item.kept for item in await _all(photos, out, toolbox)].count(True) == 1
    assert len(out.read_text().splitlines()) == len(photos)


async def test_a_batch_is_completed_after_a_stop(photos: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    toolbox, policy = _toolbox()
    run: Any = locate_and_keep(photos, out, toolbox=toolbox, concurrency=1)
    for _ in range(3):
        await anext(run)
    await run.aclose()
    with out.open("a") as file:
        file.write('{"photo": "half a li')
    toolbox, policy = _toolbox()
    items = await _all(photos, out, toolbox)
    assert [item.kept for item in items] == [True, False, True, False, False]
    assert len({s.image.sha256 for s in policy.seen}) == 2
    assert all(json.loads(line) for line in out.read_text().splitlines())
    toolbox, policy = _toolbox()
    again = await _all(photos, out, toolbox)
    assert [item.kept for item in again] == [True, False, True, True, True]
    assert policy.seen == []
    assert [i.answer and i.answer.place.city for i in again] == ["Lisbon", None, *["Lisbon"] * 3]


async def test_every_answer_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "a.jpg" for folder in ("one", "two", "three")]
    for path, data in zip(paths, (b"a", b"b", b"a"), strict=True):
        path.parent.mkdir()
        path.write_bytes(data)
    for photos in (paths[:2], paths):  # of the third, the same bytes are answered already
        items = await _all(photos, tmp_path / "out.jsonl", _toolbox()[0])
        assert [item.answer and item.answer.image.name for item in items] == list(map(str, photos))
    assert items[2].kept


async def test_another_policy_or_photo_is_located_anew(photos: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    await _all(photos, out, _toolbox()[0])
    photos[0].write_bytes(b"changed")
    assert [i.kept for i in await _all(photos, out, _toolbox()[0])][:1] == [False]
    other = scripted_toolbox(policy=ScriptedPolicy.towards_lisbon(name="other"))
    assert [item.kept for item in await _all(photos[2:3], out, other)] == [False]


async def test_answers_without_a_source_count_for_runs_without_it(
    photos: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    toolbox, _ = _toolbox()
    without = replace(toolbox, without_sources=("phones",))
    kept = [
        [item.kept for item in await _all(photos[:1], out, tools)]
        for tools in (toolbox, toolbox, without, without)
    ]
    assert kept == [[False], [True], [False], [True]]


async def test_what_cannot_be_used_is_named(photos: list[Path], tmp_path: Path) -> None:
    toolbox, _ = _toolbox()
    (tmp_path / "list.jsonl").write_text("[1, 2]\n")
    with pytest.raises(InputError, match=r"list\.jsonl: line 1"):
        await _all(photos, tmp_path / "list.jsonl", toolbox)
    with pytest.raises(StorageError, match="nowhere"):
        await _all(photos, tmp_path / "nowhere" / "out.jsonl", toolbox)
    with pytest.raises(InputError, match="no such folder"):
        photos_in(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no photos"):
        photos_in(tmp_path / "empty")
