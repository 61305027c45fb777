"""A report holds its traces byte for byte, and `verify` finds them in it."""

from pathlib import Path

import pytest

from geoagent_graph.cases.custody import CaseDeed, record_deeds
from geoagent_graph.cases.report_traces import traces_in_report
from geoagent_graph.cases.verification import verify_report
from geoagent_graph.errors import CheckpointError
from geoagent_graph.render.formats.table import named_format
from geoagent_graph.render.html.trace_check import check_section
from tests.support.cases import begin, photo_bytes, store_in, tools
from tests.support.trips import begin_trip

HOSTILE = '</pre><script>alert(1)</script> & "hash":"x", é'


async def write_report(home: Path) -> Path:
    await begin(home)
    store = store_in(home)
    store.keys.create("Ana")
    async with store.hold("one", tools()) as case:
        await case.note(HOSTILE)
    await record_deeds(store, "one", "main", [CaseDeed("exported", "Ana")], sign=True)
    path = home / "report.html"
    path.write_text(str(named_format("html").case_content(store.read("one"))), "utf-8")
    return path


async def test_the_trace_in_a_report_is_the_trace(tmp_path: Path) -> None:
    report, store = await write_report(tmp_path), store_in(tmp_path)
    with traces_in_report(report) as files:
        assert [file.read_text() for file in files] == [store.trace_text("one")]
    assert "<script>alert" not in report.read_text("utf-8")
    photo = tmp_path / "photo.png"
    photo.write_bytes(photo_bytes())
    found = verify_report(report, photo, store.keys.known())
    assert found.holds
    assert found.is_signed_by_known
    assert any("the photo is the one" in words for words in found.checked)


async def test_a_report_whose_trace_was_changed_is_wrong(tmp_path: Path) -> None:
    report = await write_report(tmp_path)
    text = report.read_text("utf-8")
    start = text.index('class="trace"')
    report.write_text(text[:start] + text[start:].replace("as scripted", "as wanted", 1), "utf-8")
    found = verify_report(report)
    assert not found.holds
    assert found.problems[0].startswith("report.html, trace 1.")
    assert "its hash does not hold" in found.problems[0]


async def test_a_report_may_have_any_name_that_a_file_has(tmp_path: Path) -> None:
    report = await write_report(tmp_path)
    named = report.rename(tmp_path / f"{'ß' * 120}.html")
    assert verify_report(named).holds


async def test_a_report_of_a_trip_holds_all_its_traces(tmp_path: Path) -> None:
    store = await begin_trip(tmp_path)
    trip = store.read_trip("one")
    assert trip is not None
    views = {photo.branch: store.read("one", photo.branch) for photo in trip.photos}
    path = tmp_path / "trip.html"
    path.write_text(str(named_format("html").trip_content(trip, views)), "utf-8")
    found = verify_report(path)
    assert found.holds
    assert len([words for words in found.checked if "the chain of" in words]) == 1 + len(views)


@pytest.mark.parametrize("content", [b"", b"<html>\xff</html>", b"<pre class=trace", b"<pre>x"])
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="holds no trace"), traces_in_report(path):
        pass
    assert not verify_report(path).holds


def test_without_a_trace_there_is_nothing_to_check() -> None:
    assert check_section([]) == []
