"""A trace file is read strictly: torn, crafted and chained nonsense."""

import re
import tracemalloc
from pathlib import Path

import pytest

from geoagent_graph.cases import trace_file
from geoagent_graph.cases.events import canonical, digest_of, link
from geoagent_graph.cases.trace_file import MAX_LINE_BYTES, read_trace, torn_bytes
from geoagent_graph.cases.verification import verify_file
from geoagent_graph.errors import CheckpointError
from tests.support.cases import begin, go_on, store_in


async def test_a_torn_last_line_does_not_count_and_is_mended(tmp_path: Path) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).trace_path("one")
    whole = path.read_bytes()
    for cut in (1, 50, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        if b"\n" in whole[:cut]:
            assert len(read_trace(path)) == whole[:cut].count(b"\n")
        await go_on(tmp_path)
        assert path.read_bytes() == whole
    path.unlink()
    await go_on(tmp_path)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"event":"case"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"event":"note","seq":0,"prev":"x","text":NaN}',
        b'{"seq":0,"n":1e999}',
        b'{"seq":' + b"9" * 10_000 + b"}",
        b"\x80\x04\x95 a pickle \x00.",
        b"\xff\xfe\x00",
        b'{"__class__":"os.system","args":["touch /tmp/owned"]}',
    ],
)
def test_crafted_lines_are_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "x.geotrace.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(CheckpointError, match=r"x\.geotrace\.jsonl"):
        read_trace(path)
    assert not verify_file(path).holds


def test_chained_nonsense_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.geotrace.jsonl"
    for body in ({"event": "os.system"}, {"event": "note", "time": "", "text": "x"}):
        event = link(body, 0, "0" * 64)
        assert event["hash"] == digest_of(event)
        path.write_text(canonical(event) + "\n")
        with pytest.raises(CheckpointError, match="line 1"):
            read_trace(path)


HOSTILE_LINES = {
    "one long line": b'{"text":"' + b"x" * MAX_LINE_BYTES + b'"}\n',
    "empty lists": b'{"detail":[' + b"[]," * 2_000_000 + b"[]]}\n",
    "one number a value": b"[" + b"1," * 1_000_000 + b"1]\n",
    "a line without an end": b"[" * (2 * MAX_LINE_BYTES),
}


@pytest.mark.parametrize("kind", HOSTILE_LINES)
def test_a_hostile_line_is_refused_before_its_values_are_made(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.geotrace.jsonl"
    path.write_bytes(HOSTILE_LINES[kind])
    tracemalloc.start()
    try:
        found = verify_file(path)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    (problem,) = found.problems
    assert re.search(r"line 1 (is too long|holds more than an event can)", problem)
    assert peak_bytes < 4 * MAX_LINE_BYTES


async def test_a_trace_of_many_events_is_verified_a_line_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).trace_path("one")
    last = read_trace(path)[-1]
    note = {"event": "note", "time": last.time, "text": "x" * 9000}
    lines, prev = [], last.hash
    for seq in range(last.seq + 1, last.seq + 1000):
        event = link(note, seq, prev)
        lines.append(canonical(event).encode() + b"\n")
        prev = event["hash"]
    path.write_bytes(path.read_bytes() + b"".join(lines))
    tracemalloc.start()
    try:
        assert verify_file(path).holds
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < path.stat().st_size / 5
    monkeypatch.setattr(trace_file, "MAX_TRACE_VALUES", 2000)
    with pytest.raises(CheckpointError, match="more than any investigation says"):
        read_trace(path)


@pytest.mark.parametrize("torn", [0, 1, 100, 65_536, 200_000])
def test_bytes_behind_the_last_line_are_counted_from_the_end(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "x.geotrace.jsonl"
    path.write_bytes(b"a line\n" + b"x" * torn)
    assert torn_bytes(path) == torn
    path.write_bytes(b"x" * torn)
    assert torn_bytes(path) == torn
