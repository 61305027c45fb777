"""A trace file is read strictly: torn, crafted and chained nonsense."""

from pathlib import Path

import pytest

from geoagent_graph.cases.events import canonical, digest_of, link
from geoagent_graph.cases.trace_file import read_trace
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
