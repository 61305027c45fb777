"""A feed gives every whole line of a trace once, in order, and wakes those who wait."""

import asyncio
import json
from pathlib import Path

import pytest

from geoagent_graph.errors import StorageError
from geoagent_graph.serve import feed as feed_module
from geoagent_graph.serve.feed import Feed, wait_for


def line(number: int) -> str:
    return json.dumps({"event": "step" if number else "case", "seq": number, "text": "é" * number})


def seqs(feed: Feed, start: int = 0) -> list[int]:
    return [seq for seq, _, _ in feed.lines_from(start)]


def test_lines_come_from_a_place_on_with_their_kinds_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "main.geotrace.jsonl"
    path.write_text("".join(line(n) + "\n" for n in range(3)))
    feed = Feed(path)
    assert list(feed.lines_from(1)) == [(1, "step", line(1)), (2, "step", line(2))]
    assert next(feed.lines_from(-5)) == (0, "case", line(0))
    assert seqs(feed, 3) == []


def test_a_line_still_being_written_comes_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_text(line(0) + "\n" + line(1)[:10])
    feed = Feed(path)
    assert seqs(feed) == [0]
    with path.open("a") as file:
        file.write(line(1)[10:] + "\n")
    assert list(feed.lines_from(1)) == [(1, "step", line(1))]


def test_lines_longer_than_one_read_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "READ_BYTES", 7)
    path = tmp_path / "t"
    path.write_text("".join(line(n) + "\n" for n in range(4)))
    assert [text for _, _, text in Feed(path).lines_from(0)] == [line(n) for n in range(4)]


def test_a_trace_that_is_gone_is_an_error_of_storage(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"main\.geotrace\.jsonl"):
        seqs(Feed(tmp_path / "main.geotrace.jsonl"))


async def test_a_change_wakes_all_who_asked_before_it_and_no_one_after(tmp_path: Path) -> None:
    feed = Feed(tmp_path / "t")
    before = feed.next_change()
    waiting = [asyncio.create_task(wait_for(before, 60.0)) for _ in range(2)]
    feed.tell()
    await asyncio.wait_for(asyncio.gather(*waiting), 5.0)
    assert not feed.next_change().is_set()
    await wait_for(feed.next_change(), 0.001)
