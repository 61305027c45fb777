"""The photo bench: what a person does with the photo of a case, in Chromium; axe-core over it."""

import contextlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from geoagent_graph.protocols import FileClaims, TextLine
from geoagent_graph.testing import FixedExifReader, FixedRetriever, FixedTextReader
from geoagent_graph.types import Box, Reference
from tests.support.browsing import ANSWERED, Visit, open_browser

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import expect

from tests.support.serving import Live, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect.set_options(timeout=30_000)
SIGN = Box(left=0.5, top=0.25, right=0.75, bottom=0.5)
CLAIMS = FileClaims(
    38.7223, -9.1393, "2024-05-01T10:35:00", "+01:00", "Pinhole 3", None, error_m=12.0
)
LOOK_ALIKES = (
    Reference(
        id="Rossio from the west",
        score=0.91,
        lat_deg=38.714,
        lon_deg=-9.14,
        country_code="PT",
        license="CC BY-SA 4.0",
        attribution="A. Painter",
        source_url="https://photos.example/rossio",
        matching_points=37,
    ),
    Reference(
        id="no page", score=0.5, lat_deg=38.7, lon_deg=-9.2, source_url="javascript:alert(1)"
    ),
)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    line = TextLine("ROSSIO", SIGN, 0.9, "Latn", None, 0.0, "script")
    with serving(
        tmp_path_factory.mktemp("home"),
        text_reader=FixedTextReader([line]),
        exif_reader=FixedExifReader(CLAIMS),
        retriever=FixedRetriever(LOOK_ALIKES),
    ) as started:
        yield started


@contextlib.contextmanager
def on_bench(
    browser: "Browser", live: Live, case: str | None = None, **how: Any
) -> Iterator[Visit]:
    """Yield a tab on a case that is answered; nothing may go wrong in it."""
    case = case or live.begin()
    context = browser.new_context(
        **{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **how}
    )
    tab = Visit(context.new_page(), live.url)
    tab.watch()
    tab.page.goto(f"{live.url}#case={case}")
    tab.page.wait_for_selector(ANSWERED)
    tab.page.wait_for_selector("#frame .mark")
    yield tab
    tab.require_clean()
    context.close()


def _box(page: "Page", selector: str) -> tuple[float, float, float, float]:
    """Return the middle and the size of an element in shares of the photo's frame."""
    found, frame = page.locator(selector).bounding_box(), page.locator("#frame").bounding_box()
    assert found
    assert frame
    x = (found["x"] + found["width"] / 2 - frame["x"]) / frame["width"]
    y = (found["y"] + found["height"] / 2 - frame["y"]) / frame["height"]
    return x, y, found["width"] / frame["width"], found["height"] / frame["height"]


EDGE = "#frame .sheet .mark-edge"


def test_boxes_keep_to_the_photo_however_it_lies(browser: "Browser", live: Live) -> None:
    with on_bench(browser, live) as tab:
        page = tab.page
        assert _box(page, EDGE) == pytest.approx((0.625, 0.375, 0.25, 0.25), abs=0.02)
        page.click("#photo-zoom-in")
        assert tab.text("#photo-zoom") == "1.5×"
        assert _box(page, EDGE) == pytest.approx((0.6875, 0.3125, 0.375, 0.375), abs=0.02)
        page.focus("#frame")
        page.keyboard.press("ArrowLeft")  # looks further left: the photo moves right
        assert _box(page, EDGE)[:2] == pytest.approx((0.7875, 0.3125), abs=0.02)
        page.keyboard.press("0")
        page.keyboard.press("r")  # 4:3 turned in a frame of 4:3: three quarters as large
        assert _box(page, EDGE) == pytest.approx(
            (0.5 + 0.125 * 0.5625, 0.625, 0.140625, 0.25), abs=0.02
        )
        page.keyboard.press("0")
        page.locator("#frame").scroll_into_view_if_needed()
        frame = page.locator("#frame").bounding_box()
        assert frame
        corner = (frame["x"] + 0.625 * frame["width"], frame["y"] + 0.375 * frame["height"])
        page.mouse.move(*corner)
        page.mouse.wheel(0, -300)
        expect(page.locator("#photo-zoom")).not_to_have_text("1.0×")
        assert _box(page, EDGE)[:2] == pytest.approx((0.625, 0.375), abs=0.02)  # under the pointer
        page.mouse.down()
        page.mouse.move(corner[0] - 0.1 * frame["width"], corner[1])
        page.mouse.up()
        assert _box(page, EDGE)[:2] == pytest.approx((0.525, 0.375), abs=0.02)


def test_a_turned_and_enlarged_photo_is_marked_where_it_was_clicked(
    browser: "Browser", live: Live
) -> None:
    with on_bench(browser, live) as tab:
        page = tab.page
        page.click("#photo-rotate")
        page.click("#photo-zoom-in")
        page.click("#add-clue summary")
        page.check("input[name=added][value=sun_shadow]")
        assert tab.text("#photo-zoom") == "1.0×"  # the sun tool begins with the photo as it is
        page.click("#photo-rotate")
        page.click("#photo-zoom-in")
        page.locator("#frame").scroll_into_view_if_needed()
        x, y, _, _ = _box(page, EDGE)
        frame = page.locator("#frame").bounding_box()
        assert frame
        page.mouse.click(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"])
        page.click(".typed-points summary")
        placed = [page.input_value(f".typed-points input >> nth={index}") for index in (0, 1)]
        assert [float(value) for value in placed] == pytest.approx([62.5, 37.5], abs=1.0)
        assert _box(page, "#frame .sun-point circle")[:2] == pytest.approx((x, y), abs=0.02)


def test_an_enlarged_photo_is_shown_with_all_its_pixels(browser: "Browser", live: Live) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (2400, 1800), (70, 90, 110)).save(stream, "JPEG")
    files = {"photo": ("large.jpg", stream.getvalue())}
    case = live.client.post("/v1/cases", files=files).json()["id"]
    live.until(case, "answered")
    with on_bench(browser, live, case) as tab:
        shown = tab.page.locator("#frame .sheet img")
        expect(shown).to_have_js_property("naturalWidth", 1600)
        for _ in range(4):
            tab.page.click("#photo-zoom-in")
        expect(shown).to_have_js_property("naturalWidth", 2400)
        tab.page.click("#photo-lens")
        expect(tab.page.locator("#frame .lens img")).to_have_js_property("naturalWidth", 2400)


def test_numbers_stand_on_their_plates_from_right_to_left_too(
    browser: "Browser", live: Live
) -> None:
    with on_bench(browser, live, locale="ar") as tab:
        assert tab.page.locator("html").get_attribute("dir") == "rtl"
        text, plate = (_box(tab.page, f"#frame .mark {part}") for part in ("text", ".mark-plate"))
        assert text[:2] == pytest.approx(plate[:2], abs=0.01)


def test_a_marked_shadow_stays_on_the_photo_with_its_number(browser: "Browser", live: Live) -> None:
    case = live.begin()
    points = {"foot": (0.25, 0.9), "top": (0.25, 0.5), "tip": (0.5, 0.95)}
    said = {name: {"x": x, "y": y} for name, (x, y) in points.items()}
    time = {"kind": "sun_shadow", "time": "2024-05-01T10:35+01:00"}
    assert live.client.post(f"/v1/cases/{case}/clues", json=time | said).status_code == 202
    live.until(case, "answered")
    with on_bench(browser, live, case) as tab:
        drawn = tab.page.locator("#frame .mark:has(.sun-line)")
        assert drawn.locator("text").text_content() == "2"
        ends = [
            line.get_attribute(name)
            for line in drawn.locator(".sun-line").all()
            for name in ("x2", "y2")
        ]
        assert [float(end or "nan") for end in ends] == pytest.approx([16.0, 24.0, 32.0, 45.6])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_bench_shows_what_the_file_says_and_what_looks_alike(
    browser: "Browser", live: Live, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    size = {"width": width, "height": 900}
    with on_bench(browser, live, viewport=size, color_scheme=scheme) as tab:
        page = tab.page
        page.click("#facts-summary")
        said = tab.text("#facts")
        for words in ("38.7223°N, 9.1393°W; precise to about 12 m", "Pinhole 3", "PNG, 64 by 48"):
            assert words in said
        page.click("#facts button:has-text('Show on the map')")
        page.wait_for_selector("#point h2:has-text('Where the file says it was taken')")
        assert page.evaluate("document.querySelector('#facts').open")
        page.click("#references-summary")
        assert "37 matching points" in tab.text("#references li:first-child")
        assert "A. Painter, CC BY-SA 4.0" in tab.text("#references li:first-child")
        links = [a.get_attribute("href") for a in page.query_selector_all("#references a")]
        assert links == ["https://photos.example/rossio"]
        page.fill("#photo-contrast", "200")
        page.click("#photo-lens")
        assert "contrast(200%)" in page.evaluate(
            "getComputedStyle(document.querySelector('#frame .sheet')).filter"
        ).replace("contrast(2)", "contrast(200%)")
        x, y, across, _ = _box(page, "#frame .lens .mark-edge")
        assert across == pytest.approx(0.75, abs=0.03)  # three times as large
        assert (x, y) == pytest.approx((0.5 + 3 * 0.125, 0.5 - 3 * 0.125), abs=0.03)
        assert [(rule["id"], rule["nodes"]) for rule in axe.run(page).response["violations"]] == []
        assert tab.fits()
        page.click("#photo-reset")
        assert page.locator("#frame .lens").is_hidden()
        assert page.input_value("#photo-contrast") == "100"
