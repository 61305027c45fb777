"""A joint trace is read strictly, and its words stay words."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.events import canonical, link
from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from geoagent_graph.cases.trip.trip_view import read_trip_view
from geoagent_graph.cases.verification import verify_trip_file
from geoagent_graph.cli.cases.trip_text import trip_lines
from geoagent_graph.errors import CheckpointError
from geoagent_graph.protocols import TextLine
from geoagent_graph.render.html.trip_report import trip_html
from geoagent_graph.render.markdown_report import trip_markdown
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.types import Box
from tests.support.answers import HOSTILE
from tests.support.cases import photo_bytes, store_in, tools
from tests.support.trips import COLOURS, begin_trip, trip_of
from tests.support.trips import go_on as go_on_with_trip


async def test_a_changed_joint_trace_is_found(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    path = store.trip_path("one")
    whole = path.read_text()
    path.write_text(whole.replace('"together":', '"together" :', 1))
    assert not (await asyncio.to_thread(verify_trip_file, path)).holds
    with pytest.raises(CheckpointError, match="hash does not hold"):
        store.read_trip("one")
    with pytest.raises(CheckpointError, match="is not what the checkpoints say"):
        await go_on_with_trip(tmp_path)
    for cut in (1, len(whole) // 2, len(whole) - 1):
        path.write_text(whole[:cut])
        await go_on_with_trip(tmp_path)
        assert path.read_text() == whole
    path.unlink()
    await go_on_with_trip(tmp_path)
    assert path.read_text() == whole


async def test_hostile_words_stay_words_in_the_report_of_a_trip(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    line = TextLine(HOSTILE, Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")
    opened = tools(text_reader=FixedTextReader([line]))
    others = [PhotoIn(photo_bytes(COLOURS[1]), HOSTILE)]
    async with store.create(
        photo_bytes(), opened, name="one", photo_name=HOSTILE, others=others
    ) as case:
        async for _ in Trip(case).run():
            pass
        await (await case.at("photo-2")).veto("Lisbon", HOSTILE)
        async for _ in Trip(case).run():
            pass
    trip = trip_of(tmp_path)
    views = {photo.branch: store.read("one", photo.branch) for photo in trip.photos}
    html, markdown = trip_html(trip, views, {}), trip_markdown(trip, views)
    assert html.count("&lt;script&gt;") >= 2
    for text in (html, "\n".join(trip_lines(trip, views))):
        assert not {"\x1b", "\x9b", "\u202e", "\u2066", "\x07"} & set(text)
    assert html.count("<script") == 1  # the package's own, which checks the traces
    assert "<img src=http" not in html
    assert "<" not in markdown
    assert "http://" not in markdown
    assert store.trip_text("one").isascii()


@pytest.mark.parametrize(
    "body",
    [
        {"event": "os.system", "args": ["touch /tmp/owned"]},
        {"event": "trip", "format": "geojoint/9", "case": "one", "time": "x"},
        {"event": "case", "time": "x"},
        {"event": "joint", "inputs": [], "time": "x"},
    ],
)
def test_a_crafted_joint_trace_is_refused(tmp_path: Path, body: Any) -> None:
    path = tmp_path / "x.geojoint.jsonl"
    path.write_text(canonical(link(body, 0, "0" * 64)) + "\n")
    with pytest.raises(CheckpointError, match=r"x\.geojoint\.jsonl: (line 1|was written by a)"):
        read_trip_view(path)
    path.write_bytes(b"\x80\x04\x95 a pickle \x00.\n")
    assert not verify_trip_file(path).holds
