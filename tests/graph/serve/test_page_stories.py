"""What people do with cases on the page, in Chromium and Firefox; axe-core over what they see."""

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.browsing import ANSWERED, Visit, open_browser, open_firefox
from tests.support.cases import begin_trip, photo_bytes, store_in
from tests.support.videos import write_video

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
from tests.support.serving import Live, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
HEAR_SENDING = """() => {
  window.said = [];
  const words = document.getElementById('sending-words');
  const watcher = new MutationObserver(() => window.said.push(words.textContent));
  watcher.observe(words, { childList: true });
}"""
OPENERS = {"chromium": open_browser, "firefox": open_firefox}


@pytest.fixture(scope="module", params=sorted(OPENERS))
def browser(request: pytest.FixtureRequest) -> "Iterator[Browser]":
    with OPENERS[request.param]() as opened:
        yield opened


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home")) as started:
        yield started


@contextlib.contextmanager
def visit_page(browser: "Browser", live: Live, **how: Any) -> Iterator[Visit]:
    """Yield a tab on the page; nothing may go wrong in it, and nothing go elsewhere."""
    context = browser.new_context(**{"viewport": DESK, "reduced_motion": "reduce", **how})
    tab = Visit(context.new_page(), live.url)
    tab.watch()
    yield tab
    tab.require_clean()
    context.close()


def test_a_case_is_named_tagged_found_and_put_away(browser: "Browser", live: Live) -> None:
    case = live.begin()
    with visit_page(browser, live, timezone_id="Asia/Tokyo") as tab:
        page = tab.page
        page.goto(f"{live.url}#case={case}")
        page.wait_for_selector(ANSWERED)
        page.click("#filing-details summary")
        page.fill("#case-name", "bridge")
        page.click("#case-rename")
        page.wait_for_url("**#case=bridge")
        page.wait_for_selector(ANSWERED)
        page.fill("#case-tag", "desk 3")
        page.click("#case-tag-add")
        page.wait_for_selector("#filing .tags li:has-text('desk 3')")
        page.click("#custody-details summary")
        assert "GMT+9" in tab.text("#custody-details .acts")
        page.wait_for_selector("#custody-details .acts:has-text('renamed the case to bridge')")
        page.click("#case-archive")
        page.wait_for_selector("#case-archive:has-text('List this case again')")
        page.click("#to-start")
        page.select_option("#case-filed", "all")
        page.fill("#case-words", "desk lisbon")
        page.wait_for_selector("#cases a[href='#case=bridge']")
        page.fill("#case-words", "atlantis")
        page.wait_for_selector("#cases:has-text('No case fits')")
    live.client.delete("/v1/cases/bridge")


def test_a_case_that_somebody_deletes_is_said_to_be_gone(browser: "Browser", live: Live) -> None:
    case = live.begin()
    with visit_page(browser, live) as tab:
        page = tab.page
        page.goto(f"{live.url}#case={case}")
        page.wait_for_selector(ANSWERED)
        live.client.delete(f"/v1/cases/{case}")
        page.wait_for_selector("#connection:has-text('may have been deleted or renamed')")
        page.goto(f"{live.url}?again#case={case}")
        page.wait_for_selector("#gone:has-text('may have been deleted or renamed')")
        page.wait_for_selector("#start-title", state="visible")
        assert page.locator(ANSWERED).count() == 0


def test_a_point_that_is_written_comes_into_sight(browser: "Browser", live: Live) -> None:
    case = live.begin()
    with visit_page(browser, live) as tab:
        page = tab.page
        page.goto(f"{live.url}#case={case}")
        page.wait_for_selector(ANSWERED)
        page.fill("#position", "-33.9, 18.4")
        page.press("#position", "Enter")
        page.wait_for_selector("#point .forms:has-text('-33.900000, 18.400000')")
        page.wait_for_timeout(1_200)  # where motion cannot be reduced the map flies there
        page.click("#map")  # in its middle
        page.wait_for_selector("#point .forms:not(:has-text('-33.900000, 18.400000'))")
        lat_deg, lon_deg = map(float, tab.text("#point .forms code >> nth=0").split(","))
        assert (lat_deg, lon_deg) == pytest.approx((-33.9, 18.4), abs=0.5)
    live.client.delete(f"/v1/cases/{case}")


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_axe_finds_nothing(
    browser: "Browser", live: Live, scheme: str, size: dict[str, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    case = live.begin()
    with visit_page(browser, live, viewport=size, color_scheme=scheme) as tab:
        tab.page.goto(live.url)
        tab.page.wait_for_selector("#cases .case-list")
        assert _violations(axe.run(tab.page)) == []
        tab.page.goto(f"{live.url}#case={case}&step=4")
        tab.page.wait_for_selector(ANSWERED)
        tab.page.wait_for_selector("#step-title")
        tab.page.click("#filing-details summary")
        tab.page.click("#add-clue summary")
        tab.page.check("input[name=added][value=sun_shadow]")
        tab.page.click(".typed-points summary")
        assert _violations(axe.run(tab.page)) == []
        assert tab.fits()


def test_a_shadow_is_marked_measured_added_and_taken_back(browser: "Browser", live: Live) -> None:
    case = live.begin()
    with visit_page(browser, live) as tab:
        page = tab.page
        page.goto(f"{live.url}#case={case}")
        page.wait_for_selector(ANSWERED)
        page.click("#add-clue summary")
        page.check("input[name=added][value=sun_shadow]")
        page.click("#add button:has-text('Show the photo')")
        assert "upright thing" in tab.text("#photo-caption")
        frame = page.locator("#frame").bounding_box()
        assert frame
        for x, y in ((0.4, 0.75), (0.4, 0.55), (0.6, 0.72)):
            page.mouse.click(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"])
        assert page.locator("#frame .sun-point").count() == 3
        assert "horizon" in tab.text("#photo-caption")
        page.click(".typed-points summary")
        page.fill(".typed-points input >> nth=4", "62")
        page.click("#sun-measure")
        page.wait_for_selector(".sun-report strong:has-text('The sun stood')")
        page.click("#add button[type=submit]")
        page.wait_for_selector("#people:has-text('marks a shadow of the sun')")
        page.wait_for_selector(ANSWERED)
        page.click("#undo")
        page.wait_for_selector("#people:has-text('takes back: marks a shadow')")


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_a_trip_is_headed_by_what_its_photos_say_together(
    browser: "Browser", live: Live, scheme: str, size: dict[str, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    if not store_in(live.folder).has("trip"):
        with ThreadPoolExecutor(1) as beside:  # the browser's loop runs in this thread
            beside.submit(asyncio.run, begin_trip(live.folder)).result()
    with visit_page(browser, live, viewport=size, color_scheme=scheme) as tab:
        page = tab.page
        page.goto(f"{live.url}#case=trip")
        page.wait_for_selector("#trip .timeline li")
        page.wait_for_selector(ANSWERED)
        assert "Lisbon" in tab.text("#trip-title")
        assert page.evaluate("document.querySelector('#trip img').naturalWidth") > 0
        assert _violations(axe.run(page)) == []
        assert tab.fits()
        page.click("#trip .timeline li:last-child a")
        page.wait_for_selector("#trip .timeline li:last-child a[aria-current]")
        page.wait_for_selector(ANSWERED)


def test_a_country_is_clicked_on_the_map(browser: "Browser", live: Live) -> None:
    case = live.begin()
    with visit_page(browser, live) as tab:
        page = tab.page
        page.goto(f"{live.url}#case={case}")
        page.wait_for_selector(ANSWERED)
        page.click("#level-country")
        page.wait_for_selector("#map[aria-label*='Spain']")
        page.locator("#map").scroll_into_view_if_needed()
        frame = page.locator("#map").bounding_box()
        assert frame
        galicia = (frame["x"] + 0.2917 * frame["width"], frame["y"] + 0.6429 * frame["height"])
        page.wait_for_timeout(1000)  # the map comes to rest
        page.mouse.click(*galicia)
        page.wait_for_selector("#point:has-text('Spain, 9')")
        assert "42.9" in tab.text("#point")
    live.client.delete(f"/v1/cases/{case}")


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_photos_are_dropped_as_a_trip(
    browser: "Browser", live: Live, tmp_path: Path, scheme: str, size: dict[str, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    chosen = [tmp_path / f"{number}.png" for number in range(25)]
    for number, path in enumerate(chosen):
        path.write_bytes(photo_bytes((number, 30, 60)))
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    write_video(tmp_path / "walk.mp4")
    with visit_page(browser, live, viewport=size, color_scheme=scheme) as tab:
        page = tab.page
        page.goto(live.url)
        page.set_input_files("#file", chosen)
        page.wait_for_selector("#together:has-text('25 photos: one trip, or a case each?')")
        assert _violations(axe.run(page)) == []
        page.keyboard.press("Enter")
        page.wait_for_selector("#upload-error:has-text('25 files')")
        live.gate.opened.clear()
        page.set_input_files("#file", [*chosen[:2], tmp_path / "broken.jpg", tmp_path / "walk.mp4"])
        page.wait_for_selector("#trip-progress:has-text('0 of 5')")
        page.reload()
        page.wait_for_selector("#trip-progress")
        live.gate.opened.set()
        page.wait_for_selector("#trip-report")
        page.wait_for_selector(ANSWERED)
        assert "Lisbon" in tab.text("#trip-title")
        assert "broken.jpg" in tab.text("#trip .warnings")
        assert "walk.mp4 at 0:0" in tab.text("#trip .timeline li:first-child")
        assert "Lisbon" in page.title()
        assert _violations(axe.run(page)) == []
        assert tab.fits()
        with page.expect_download() as download:
            page.click("#trip-report")
        assert download.value.suggested_filename.endswith("-trip.html")
        case = page.url.partition("case=")[2]
        page.click("#to-start")
        row = f"#cases li:has(a[href='#case={case}'])"
        page.wait_for_selector(f"{row}:has-text('5 photos')")
        assert page.locator(f"{row} a").count() == 1
    live.client.delete(f"/v1/cases/{case}")


def test_unrelated_photos_become_a_case_each(
    browser: "Browser", live: Live, tmp_path: Path
) -> None:
    chosen = [tmp_path / name for name in ("harbour.png", "broken.jpg", "market.png")]
    for number, path in enumerate(chosen):
        path.write_bytes(photo_bytes((200, number, 60)))
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    with visit_page(browser, live) as tab:
        page = tab.page
        page.goto(live.url)
        page.wait_for_selector("#start:not([hidden])")  # before that nobody listens
        page.set_input_files("#file", chosen)
        page.wait_for_selector("#together-trip:focus")
        page.keyboard.press("Escape")
        page.wait_for_selector("#together", state="hidden")
        page.evaluate(HEAR_SENDING)
        page.set_input_files("#file", chosen)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#upload-error:has-text('broken.jpg')")
        for name in ("harbour.png", "market.png"):
            page.wait_for_selector(f"#cases li:has-text('{name}')")
        assert "broken.jpg" not in tab.text("#cases")
        assert tab.text("#announce") == "2 cases begun"
        said = page.evaluate("window.said")
        assert {"Sending 1 of 3: harbour.png", "Sending 3 of 3: market.png"} <= set(said)


def test_a_report_checks_its_own_trace_offline(
    browser: "Browser", live: Live, tmp_path: Path
) -> None:
    case = live.begin()
    report = live.client.get(f"/v1/cases/{case}/report").text
    start = report.index('class="trace"')
    changed = report[:start] + report[start:].replace("as scripted", "as wanted", 1)
    for text, words in ((report, "nobody has signed it"), (changed, "Do not rely on this report")):
        path = tmp_path / "report.html"
        path.write_text(text, "utf-8")
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("#trace-check[data-done]")
        assert words in page.inner_text("#trace-check")
        page.close()


def _violations(found: Any) -> list[tuple[str, list[str]]]:
    return [
        (rule["id"], [node["html"][:120] for node in rule["nodes"]])
        for rule in found.response["violations"]
    ]
