"""Streets of a local file below the map, drawn by a real browser without a GPU."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geoagent_graph.serve.basemap import open_basemap
from tests.support.browsing import ANSWERED, Visit, open_browser

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
pytest.importorskip("pmtiles", reason="pmtiles is not installed")
from tests.support.drawn_basemap import write_basemap
from tests.support.serving import Live, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WEBGL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
NO_WEBGL = ("--disable-gpu", "--disable-3d-apis")
STREETS = "#streets:not([hidden]) canvas"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("home")
    path = write_basemap(folder / "town.pmtiles", 38.7167, -9.1333)  # where the scripted run ends
    with serving(folder, basemap=open_basemap(path)) as started:
        yield started


def _zoom_in(tab: Visit, live: Live, case: str) -> None:
    tab.page.goto(f"{live.url}#case={case}")
    tab.page.wait_for_selector(ANSWERED)
    for _ in range(12):
        tab.page.click("#zoom-in")


def _open(browser: "Browser", live: Live) -> Visit:
    context = browser.new_context(reduced_motion="reduce")
    tab = Visit(context.new_page(), live.url)
    tab.watch()
    return tab


def test_streets_lie_below_the_map(live: Live) -> None:
    case = live.begin()
    with open_browser(*WEBGL) as browser:
        tab = _open(browser, live)
        with tab.page.expect_response(
            lambda answer: answer.url.endswith("/v1/basemap") and answer.status == 206
        ):
            _zoom_in(tab, live, case)
        tab.page.wait_for_selector(STREETS)
        assert tab.text("#streets-credit") == "Drawn streets for tests"
        tab.page.focus("#map")
        tab.page.keyboard.press("0")  # the whole world again
        tab.page.wait_for_selector("#streets", state="hidden")
        assert tab.page.locator("#streets-credit").is_hidden()
        tab.require_clean()


def test_a_browser_without_webgl_keeps_the_map_that_was(live: Live) -> None:
    case = live.begin()
    with open_browser(*NO_WEBGL) as browser:
        tab = _open(browser, live)
        _zoom_in(tab, live, case)
        tab.page.wait_for_selector(
            "#announce:has-text('cannot draw the streets')", state="attached"
        )
        tab.page.wait_for_selector("#streets", state="hidden")


def test_without_a_basemap_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    with serving(tmp_path) as plain, open_browser() as browser:
        case = plain.begin()
        tab = _open(browser, plain)
        _zoom_in(tab, plain, case)
        assert not any("maplibre" in url or "basemap" in url for url in tab.requests)
        tab.require_clean()
