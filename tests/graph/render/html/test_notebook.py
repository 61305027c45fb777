"""Answers and cases in notebooks, and the example notebook from its first cell to its last."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView, read_view
from geoagent_graph.protocols import TextLine
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.types import Answer, Box
from tests.support.answers import HOSTILE, hostile_answer, porto_answer, unknown_answer
from tests.support.cases import begin, go_on, photo_bytes, store_in, tools
from tests.support.paths import ROOT
from tests.support.trips import COLOURS, begin_trip
from tests.support.warm_notebook import run_notebook

EXAMPLE = ROOT / "examples" / "investigate.ipynb"
TAGS = frozenset(
    "div p bdi figure figcaption img table tbody tr td span code details summary ol li".split()  # noqa: SIM905
)


class Shown(HTMLParser):
    """What a notebook is given: the elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def pictures(self) -> list[ElementTree.Element]:
        """The drawings, parsed: they are well-formed SVG."""
        heads = [a["src"].partition(",") for tag, a in self.elements if tag == "img"]
        assert {head for head, _, _ in heads} <= {"data:image/svg+xml;base64"}
        return [ElementTree.fromstring(base64.b64decode(body)) for _, _, body in heads]


def _checked(html: str) -> Shown:
    """Return what is shown: it loads and runs nothing, and styles only itself."""
    shown = Shown(html)
    assert {tag for tag, _ in shown.elements} <= TAGS
    for tag, attributes in shown.elements:
        assert set(attributes) <= {"style", "src", "alt"}, (tag, attributes)
        assert "url(" not in attributes.get("style", "")
        if tag == "img":
            assert attributes["alt"]
    for picture in shown.pictures:
        names = {element.tag.rpartition("}")[2] for element in picture.iter()}
        assert not names & {"script", "foreignObject", "a", "use", "animate", "set"}
        for element in picture.iter():
            assert not [name for name in element.attrib if name.startswith("on")]
            href = element.get("href", "data:image/jpeg;base64,")
            assert href.startswith("data:image/jpeg;base64,")
            style = (element.text or "") if element.tag.endswith("style") else ""
            assert "url(" not in style
            assert "@import" not in style
    return shown


@pytest.mark.parametrize("answer", [porto_answer(), unknown_answer()])
def test_an_answer_shows_a_map_its_claim_and_its_candidates(answer: Answer) -> None:
    shown = _checked(answer._repr_html_())
    (drawn,) = shown.pictures
    pins = [element for element in drawn.iter() if element.get("class") == "pin"]
    assert len(pins) == (0 if answer.level == "none" else 1)
    assert answer.image.name in shown.text
    likeliest = max(answer.levels["city" if "city" in answer.levels else "continent"],
                    key=lambda h: h.probability)  # fmt: skip
    assert likeliest.place.name in shown.text


def test_text_from_outside_stays_text() -> None:
    shown = _checked(hostile_answer()._repr_html_())
    assert "<script" in shown.text or "<img" in shown.text  # as text, which is what was read
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", shown.text)


def _reads(text: str) -> FixedTextReader:
    box = Box(left=0.1, top=0.1, right=0.5, bottom=0.3)
    return FixedTextReader([TextLine(text, box, 0.9, "Latn", None, 0.0, "script")])


async def test_a_case_shows_its_photo_with_marked_clues_and_a_map(tmp_path: Path) -> None:
    await begin(tmp_path, opened=tools(text_reader=_reads("<b>PADARIA</b>")), ask="always")
    store = store_in(tmp_path)
    waiting = _checked(store.read("one")._repr_html_())
    assert "Question: " in waiting.text
    photo, world = waiting.pictures
    assert [e.get("href", "")[:22] for e in photo.iter() if "href" in e.attrib] == [
        "data:image/jpeg;base64"
    ]
    assert [e for e in photo.iter() if e.get("class") == "box"]
    assert [e for e in world.iter() if e.get("class") == "dot"]
    for _ in range(3):
        await go_on(tmp_path, reply={"kind": "accept"})
    view = store.read("one")
    shown = _checked(view._repr_html_())
    assert len(shown.pictures) == 2
    assert "<b>PADARIA</b>" in shown.text
    assert view.head[:16] in shown.text
    assert repr(view) == "<CaseView one/main: answered, 17 steps>"


async def test_a_case_that_is_held_shows_itself_too(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    async with store.hold("one", tools()) as case:
        assert case._repr_html_() == store.read("one")._repr_html_()


async def test_a_case_whose_photo_is_gone_says_so(tmp_path: Path) -> None:
    await begin(tmp_path)
    for file in (tmp_path / "photos").rglob("*"):
        if file.is_file():
            file.unlink()
    shown = _checked(store_in(tmp_path).read("one")._repr_html_())
    assert len(shown.pictures) == 1
    assert "the stored copy is gone" in shown.text


async def test_a_trace_alone_shows_no_photo(tmp_path: Path) -> None:
    await begin(tmp_path)
    view: CaseView = read_view(store_in(tmp_path).trace_path("one"))
    assert len(_checked(view._repr_html_()).pictures) == 1


async def test_a_trip_is_shown_together_with_a_row_for_each_photo(tmp_path: Path) -> None:
    trip = (await begin_trip(tmp_path)).read_trip("one")
    assert trip is not None
    shown = _checked(trip._repr_html_())
    assert len(shown.pictures) == 1
    assert "Portugal" in shown.text
    assert "unrelated places" in shown.text
    assert [tag for tag, _ in shown.elements].count("tr") == len(trip.photos)
    asked = TripView(tuple(event for event in trip.events if event.event != "joint"))
    waiting = _checked(asked._repr_html_())
    assert "There is no answer yet." in waiting.text
    assert not waiting.pictures


async def test_hostile_names_of_a_trip_stay_words(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    others = [PhotoIn(photo_bytes(COLOURS[1]), HOSTILE)]
    async with store.create(photo_bytes(), tools(), name="one", others=others) as case:
        async for _ in Trip(case).run():
            pass
    trip = store.read_trip("one")
    assert trip is not None
    shown = _checked(trip._repr_html_())
    assert not {"\x1b", "\x9b", "\u202e", "\u2066", "\x07"} & set(shown.text)


def test_the_example_notebook_runs(
    warm_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.read(EXAMPLE, as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")], "outputs are stripped"
    nbformat.validate(notebook)
    run_notebook(notebook, EXAMPLE.parent, warm_python, monkeypatch, tmp_path)
    shown = [
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert len(shown) == 5
    assert "Braga, Portugal" in _checked(shown[0]).text
    for html in shown:
        _checked(html)
    streams = [o["text"] for c in notebook.cells for o in c.get("outputs", []) if "text" in o]
    assert any(text.startswith("True ") for text in streams)  # the trace verifies
