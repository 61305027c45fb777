"""Hostile words stay words in every view of a case."""

import json
from pathlib import Path
from xml.etree import ElementTree

from geoagent_graph.protocols import TextLine
from geoagent_graph.render.formats.geojson import feature_collection
from geoagent_graph.render.formats.kml import kml_document
from geoagent_graph.render.html.case_report import report_html
from geoagent_graph.render.markdown_report import report_markdown
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.types import Box
from tests.support.answers import HOSTILE
from tests.support.cases import (
    begin,
    photo_bytes,
    store_in,
    tools,
)


async def test_hostile_words_stay_words_in_every_view(tmp_path: Path) -> None:
    line = TextLine(HOSTILE, Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")
    store = store_in(tmp_path)
    opened = tools(text_reader=FixedTextReader([line]))
    async with store.create(photo_bytes(), opened, name="one", photo_name=HOSTILE) as case:
        await case.note(HOSTILE)
        async for _ in case.run():
            pass
        await case.veto("Lisbon", HOSTILE)
        async for _ in case.run():
            pass
    view = store.read("one")
    assert view.people[0].input.text.startswith("vetoes Lisbon: </style>")
    html = report_html(view)
    assert html.count("<script") == 1  # the package's own, which checks the traces
    assert "<img src=http" not in html
    assert html.count("&lt;script&gt;") >= 3  # the line, the note, the veto
    markdown = report_markdown(view)
    assert "<" not in markdown
    assert "http://" not in markdown
    for text in (html, markdown):
        assert not {"\x1b", "\x9b", "\u202e", "\u2066", "\x07"} & set(text)
    assert view.answer is not None
    json.dumps(feature_collection([view.answer]), allow_nan=False)
    ElementTree.fromstring(kml_document([view.answer]))
    assert store.trace_text("one").isascii()
    assert "\x1b" not in store.trace_text("one")


async def test_the_report_says_how_to_verify_it(tmp_path: Path) -> None:
    await begin(tmp_path)
    view = store_in(tmp_path).read("one")
    for text in (report_html(view), report_markdown(view)):
        assert view.head in text
        assert view.opened.image.sha256.removeprefix("sha256:") in text
        assert "verify" in text
        assert "consistent with" in text
    assert "Content-Security-Policy" in report_html(view)
