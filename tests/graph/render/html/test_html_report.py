"""A report in HTML: it says what the answer says, and loads and runs nothing."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from geoagent_graph.render.html.html_report import SECURITY_POLICY, html_report
from geoagent_graph.render.html.photo_data import jpeg_data_uri
from geoagent_graph.types import Answer
from tests.support.answers import hostile_answer, porto_answer, unknown_answer

PHOTO = jpeg_data_uri(np.full((48, 64, 3), 128, np.uint8))
TAGS = frozenset(
    """
    html head meta title style body main header section footer h1 h2 h3 p span a bdi code dl dt dd
    div figure figcaption img ul ol li table caption thead tbody tr th td details summary
    svg path rect circle g text
    """.split()  # noqa: SIM905
)
LOADING = frozenset(
    ("src", "srcset", "href", "xlink:href", "action", "data", "poster", "background", "style")
)


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and whether it is well nested."""

    VOID = frozenset({"meta", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize(
    "answer",
    [porto_answer(), unknown_answer(), hostile_answer(), hostile_answer("none"),
     porto_answer(lat_deg=90.0, lon_deg=-180.0, radius_km=4000.0, level="continent"),
     porto_answer(levels={}, trace=(), clues=(), radius_km=20_000.0, level="country")],
    ids=["city", "none", "hostile", "hostile none", "pole", "bare"],
)  # fmt: skip
def test_nothing_in_a_report_can_load_or_run(answer: Answer) -> None:
    page = Page(html_report(answer, PHOTO))
    assert {tag for tag, _ in page.elements} <= TAGS
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        for name in LOADING & attributes.keys():
            value = attributes[name]
            allowed = {"href": r"#clue-\d+", "src": r"data:image/jpeg;base64,[\w+/=]+",
                       "style": r"(width:[\d.]+%|font-size:[\d.]+px)"}  # fmt: skip
            assert re.fullmatch(allowed[name], value), (tag, name, value[:80])
    css = html_report(answer).split("<style>")[1].split("</style>")[0]
    assert "url(" not in css
    assert "@import" not in css


def test_the_policy_forbids_everything_but_style_and_data_images_before_anything_else() -> None:
    page = Page(html_report(porto_answer(), PHOTO))
    policies = [m["content"] for m in page.all("meta") if "http-equiv" in m]
    assert policies == [SECURITY_POLICY]
    assert SECURITY_POLICY.startswith(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )
    tags = [tag for tag, _ in page.elements]
    assert tags[:4] == ["html", "head", "meta", "meta"]


def test_hostile_text_is_shown_as_text_without_its_controls() -> None:
    written = html_report(hostile_answer(), PHOTO)
    page = Page(written)
    assert "<script>alert(1)</script>" in page.text
    assert not any(character in written for character in "\x1b\x07\x9b\u202e\u2066")


def test_the_report_says_what_the_answer_says() -> None:
    page = Page(html_report(porto_answer(), PHOTO))
    for words in (
        "Porto, Porto District, Portugal", "The evidence is consistent with", "88 %",
        "likely", "25 km", "nine times out of ten", "Rua das Flores, Porto", "+351 22 200 1234",
        "calling code +351", "no Spanish word", "retriever() failed: index is damaged",
        "The index is damaged: look-alike photos were not used.", "A. Photographer, CC BY-SA 4.0",
        "accept Europe", "GeoNames", "Natural Earth", "ab" * 32,
    ):  # fmt: skip
        assert words in page.text.replace("\u00a0", " "), words


def test_no_claim_is_not_drawn_as_one() -> None:
    page = Page(html_report(unknown_answer(), PHOTO))
    assert "No claim" in page.text
    assert not [a for _, a in page.elements if a.get("class") in {"pin", "radius"}]
    assert [a for _, a in page.elements if a.get("class") == "dot"]


def test_folders_of_the_sender_stay_out() -> None:
    image = porto_answer().image.model_copy(update={"name": "/home/anna/case 7/street.jpg"})
    written = html_report(porto_answer(image=image), PHOTO)
    assert "street.jpg" in written
    assert "anna" not in written


def test_clue_boxes_lie_on_the_photo_and_links_lead_to_their_rows() -> None:
    page = Page(html_report(porto_answer(), PHOTO))
    boxes = [a for a in page.all("rect") if a.get("class") == "box"]
    first = porto_answer().clues[0].box
    assert first is not None
    assert len(boxes) == 2
    assert float(boxes[0]["x"]) == pytest.approx(first.left * 640, abs=0.1)
    assert float(boxes[0]["height"]) == pytest.approx((first.bottom - first.top) * 480, abs=0.1)
    ids = {a["id"] for _, a in page.elements if "id" in a}
    links = {a["href"].removeprefix("#") for a in page.all("a")}
    assert links
    assert links <= ids


def test_people_who_cannot_see_it_get_the_same() -> None:
    page = Page(html_report(porto_answer(), PHOTO))
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert all(image.get("alt") for image in page.all("img"))
    for svg in page.all("svg"):
        assert svg.get("aria-label") or svg.get("aria-hidden") == "true"
    assert all(head.get("scope") in {"row", "col"} for head in page.all("th"))
    ids = {a["id"] for _, a in page.elements if "id" in a}
    assert all(a["aria-labelledby"] in ids for a in page.all("section"))


def test_the_photo_is_bounded_and_without_metadata() -> None:
    big = jpeg_data_uri(np.zeros((3000, 2000, 3), np.uint8))
    import base64
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(big.split(",")[1])))
    assert max(image.size) == 1280
    assert not image.getexif()


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(-16.8, -179.99), (89.9, 0.0), (-89.9, 10.0), (0.0, 179.99)]
)
def test_the_regional_map_is_whole_at_the_date_line_and_the_poles(
    lat_deg: float, lon_deg: float
) -> None:
    page = Page(html_report(porto_answer(lat_deg=lat_deg, lon_deg=lon_deg, radius_km=2000.0)))
    region = [a for a in page.all("circle") if a.get("class") == "radius"]
    assert [(a["cx"], a["cy"], a["r"]) for a in region] == [("300", "225", "180.0")]
    numbers = re.findall(r"-?\d+\.?\d*", " ".join(a["d"] for a in page.all("path")))
    assert max(abs(float(number)) for number in numbers) < 1100
