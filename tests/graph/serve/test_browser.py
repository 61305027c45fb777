"""The page of `geoagent serve` in a real browser, over the real server and its real tools."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from geoagent_graph.evidence.sources import clue_label
from geoagent_graph.render import wording
from geoagent_graph.render.formats.table import formats_for
from geoagent_graph.types import Answer
from tests.support.browsing import (
    ANSWERED,
    ASKED,
    Served,
    Visit,
    download_report,
    open_browser,
    png,
    sign_photo,
    start_server,
    tab_to,
)
from tools.draw_street import draw_street

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog

MARKUP = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(2)</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(
    browser: "Browser", warm_python: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    started = start_server(warm_python, tmp_path_factory.mktemp("home"))
    yield started
    started.kill()


@pytest.fixture(scope="module")
def street() -> bytes:
    return png(draw_street(0))


@pytest.fixture
def visit(browser: "Browser", server: Served, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A tab, without motion unless asked for; at its end nothing may have gone wrong in it."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        reduced_motion=getattr(request, "param", "reduce"),
    )
    tab = Visit(context.new_page(), server.url)
    tab.watch()
    yield tab
    tab.require_clean()
    context.close()


@pytest.fixture(scope="module")
def answered(browser: "Browser", server: Served, street: bytes) -> str:
    """The address of a case that has its answer."""
    context = browser.new_context(reduced_motion="reduce")
    tab = Visit(context.new_page(), server.url)
    tab.watch()
    tab.begin()
    tab.drop(street)
    tab.until_answered()
    address = tab.page.url
    context.close()
    return address


@pytest.mark.parametrize("visit", ["no-preference"], indirect=True)
def test_a_dropped_photo_is_followed_to_its_answer(visit: Visit, street: bytes) -> None:
    visit.begin()
    visit.drop(street)
    page = visit.page
    page.wait_for_selector("#case:not([hidden])")
    page.reload()  # in the middle: the case is found again, and its run goes on
    page.wait_for_selector(ANSWERED)
    assert visit.text("#headline") == "Braga, Portugal"
    assert "consistent with Braga, Portugal" in visit.text("#claim")
    page.wait_for_selector("#level-city[aria-pressed=true]")
    assert visit.text("#candidates .candidates > li:first-child .name").startswith("Braga")
    assert visit.text("#candidates .candidates > li:first-child .share").endswith("%")
    assert page.locator("#steps > li").count() == 14
    assert page.locator("#frame .mark").count() >= 8
    assert "Braga" in (page.get_attribute("#map", "aria-label") or "")
    page.click("#level-country")
    page.wait_for_selector("#candidates .name:has-text('Portugal')")
    page.click("#verify")
    page.wait_for_selector(".holds")


def test_a_case_is_found_again_by_its_address(visit: Visit, answered: str) -> None:
    visit.page.goto(f"{answered}&step=4")
    visit.page.wait_for_selector(ANSWERED)
    visit.page.wait_for_selector("#step-title")
    assert visit.text("#headline") == "Braga, Portugal"
    visit.page.click("#to-start")
    visit.page.click(f"#cases a[href='#{answered.split('#')[1]}']")
    visit.page.wait_for_selector(ANSWERED)
    assert visit.page.url == answered


def test_the_page_says_what_reports_say(visit: Visit, answered: str) -> None:
    visit.page.goto(f"{answered}&step=0")
    visit.page.wait_for_selector(ANSWERED)
    case = answered.partition("case=")[2].partition("&")[0]
    found = visit.page.request.get(f"{visit.url}v1/cases/{case}/answer").json()
    answer = Answer.model_validate(found)
    assert visit.text("#headline") == wording.headline(answer)
    assert visit.text("#claim") == wording.claim_sentence(answer)
    shown = visit.text("#step .clues")
    kinds = {clue.kind for clue in answer.clues if clue.kind != "similar_photo"}
    assert {kind for kind in kinds if f"{clue_label(kind)}: " in shown} == kinds
    rows = [row.inner_text() for row in visit.page.query_selector_all("#sources tbody tr")]
    assert [row.split("\t")[0] for row in rows] == [w.label for w in answer.source_weights]
    share = wording.percent(answer.source_weights[0].probability_without)
    assert share.replace("\u00a0", " ") in rows[0].replace("\u00a0", " ")
    titles = [visit.text(f"#download-{row.name}") for row in formats_for("case")]
    assert titles == [row.title for row in formats_for("case")]


def test_a_step_shows_its_evidence_and_where_it_was_seen(visit: Visit, answered: str) -> None:
    visit.page.goto(answered)
    visit.page.wait_for_selector(ANSWERED)
    visit.page.click("#step-8")
    shown = visit.text("#step")
    assert shown.startswith("Step 8. Weigh the evidence: country")
    assert "before the evidence" in shown
    assert "Verdict: accept." in shown
    assert "likelier in Portugal" in visit.text("#step .spoken")
    assert visit.page.locator("#step .mark").count() >= 8
    visit.page.hover("#step .spoken li >> nth=1")
    assert visit.page.locator("#step .mark.pointed").count() == 1
    visit.page.keyboard.press("Escape")
    visit.page.click("#step-3")
    assert "“Barcelos” may be Barcelos, Braga, Portugal" in visit.text("#step")
    visit.page.click("#tools-summary")
    assert "geocoder.forward" in visit.text("#step table")


def test_a_fork_and_a_veto_leave_the_first_branch_as_it_was(visit: Visit, answered: str) -> None:
    page = visit.page
    page.goto(answered)
    page.wait_for_selector(ANSWERED)
    page.click("#step-4")
    page.click("#fork-summary")
    page.fill("#set-country", "Atlantis")
    page.click("#fork form button[type=submit]")
    page.wait_for_selector("#fork .error:not(:empty)")
    assert "Atlantis" in visit.text("#fork .error")
    page.fill("#set-country", "Spain")
    page.click("#fork form button[type=submit]")
    page.wait_for_selector("#branches [aria-current]:has-text('spain')")
    page.wait_for_selector(ANSWERED)
    assert "branch=spain" in page.url
    assert "a person has set country=Spain" in visit.text("#warnings")
    page.click("#level-city")
    _veto(visit, "Vigo", "the tram is of another town")
    assert "the tram is of another town" in visit.text(".excluded")
    assert "vetoes Vigo" in visit.text("#people")
    page.click("#branches a:has-text('main')")
    page.wait_for_selector("#headline:has-text('Braga')")
    assert page.locator(".excluded").count() == 0
    page.click("#compare-go")
    page.wait_for_selector("#compare table")
    assert "They share 5 steps." in visit.text("#compare table")


def test_a_question_is_answered_and_a_refused_reply_keeps_it_open(
    visit: Visit, street: bytes
) -> None:
    page = visit.page
    visit.begin("always")
    visit.drop(street)
    page.wait_for_selector(ASKED)
    page.reload()
    page.wait_for_selector(ASKED)
    visit.reply("clue")
    page.wait_for_selector("#question .error:not(:empty)")
    assert "text" in visit.text("#question .error")
    page.check("input[name=way][value=photo_region]")
    page.locator("#frame").scroll_into_view_if_needed()
    frame = page.locator("#frame").bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 10, frame["y"] + 10)
    page.mouse.down()
    page.mouse.move(frame["x"] + 200, frame["y"] + 150, steps=3)
    page.mouse.up()
    assert 25 < float(page.input_value("#question input[type=number] >> nth=2")) < 45
    assert page.locator("#frame .own").count() == 1
    page.check("input[name=way][value=map_region]")
    assert page.locator("#frame .own").count() == 0
    for place, value in enumerate(("41.5", "-8.4", "700")):
        page.fill(f"#question input[type=number] >> nth={place}", value)
    page.click("#question button[type=submit]")
    page.wait_for_selector("#people:has-text('looks within 700 km')")
    for level in ("continent", "country", "city"):
        page.wait_for_selector(f"#question-title:has-text('{level}')")
        visit.reply("accept")
    page.wait_for_selector(ANSWERED)
    assert visit.text("#headline") == "Braga, Portugal"
    assert "agrees to accept Braga" in visit.text("#people")


def test_what_comes_from_outside_stays_text(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.begin()
    visit.drop(sign_photo(MARKUP), name=f"{MARKUP}.png")
    visit.until_answered()
    page.click("#step-0")
    assert "onerror" in visit.text("#step .clues").lower()  # the sign was read
    assert MARKUP in visit.text("#photo-name")
    page.fill("#note-form textarea", f"a note {SCRIPT}")
    page.click("#note-form button")
    page.wait_for_selector("#people:has-text('a note')")
    assert SCRIPT in visit.text("#people")
    page.click(".candidates-section .small >> nth=0")
    page.fill("#veto textarea", f"because {MARKUP}")
    page.click("#veto button[type=submit]")
    page.wait_for_selector(".excluded:has-text('because')")
    page.wait_for_selector(ANSWERED)
    assert MARKUP in visit.text(".excluded")
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("main script").count() == 0
    files = {
        kind: download_report(visit, kind, tmp_path) for kind in ("html", "geojson", "kml", "md")
    }
    features = json.loads(files["geojson"].read_text("utf-8"))["features"]
    assert MARKUP in json.dumps(features)
    assert MARKUP in "".join(ElementTree.parse(files["kml"]).getroot().itertext())
    assert "<img" not in files["md"].read_text("utf-8")
    _require_inert(visit, files["html"])


def test_a_phone_shows_everything_without_sideways_scrolling(
    browser: "Browser", server: Served, street: bytes
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        is_mobile=True,
        has_touch=True,
        color_scheme="dark",
        reduced_motion="reduce",
    )
    tab = Visit(context.new_page(), server.url)
    tab.watch()
    tab.begin("always")
    assert tab.fits()
    tab.drop(street)
    tab.page.wait_for_selector(ASKED)
    for way in ("accept", "reject", "clue", "photo_region", "map_region"):
        tab.page.check(f"input[name=way][value={way}]")
        assert tab.fits(), way
    for level in ("continent", "country", "city"):
        tab.page.wait_for_selector(f"#question-title:has-text('{level}')")
        tab.reply("accept")
    tab.page.wait_for_selector(ANSWERED)
    for step in (0, 3, 4):
        tab.page.click(f"#step-{step}")
        tab.page.locator("#step details").evaluate_all(
            "all => all.forEach(d => { d.open = true; })"
        )
        assert tab.fits(), step
    tab.page.click(".candidates-section .small >> nth=0")
    assert tab.fits()
    tab.require_clean()
    context.close()


def test_the_keyboard_alone_leads_to_the_answer(
    visit: Visit, street: bytes, tmp_path: Path
) -> None:
    photo = tmp_path / "street.png"
    photo.write_bytes(street)
    page = visit.page
    page.on("filechooser", lambda chooser: chooser.set_files(photo))
    page.goto(visit.url)
    page.wait_for_selector("#start:not([hidden])")
    tab_to(visit, "file")
    page.keyboard.press("Enter")
    page.wait_for_selector(ANSWERED)
    assert page.evaluate("document.activeElement.id") == "headline"
    assert "Braga" in visit.text("#announce")
    tab_to(visit, "map")
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    tab_to(visit, "step-4")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "step-title"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "step-4"


def test_refusals_are_said_in_place(visit: Visit) -> None:
    visit.begin()
    visit.drop(b"this is no photo", name="letter.png")
    visit.page.wait_for_selector("#upload-error:not(:empty)")
    assert "letter.png" in visit.text("#upload-error")
    visit.page.evaluate(
        """() => {
          const dropped = new DataTransfer();
          dropped.items.add(new File([new Uint8Array(64_100_000)], 'huge.jpg'));
          const event = new DragEvent('drop', { bubbles: true, dataTransfer: dropped });
          document.getElementById('drop').dispatchEvent(event);
        }"""
    )
    visit.page.wait_for_selector("#upload-error:has-text('huge.jpg')")
    assert "at most 64 MB" in visit.text("#upload-error")
    visit.page.goto(f"{visit.url}#case={'0' * 32}")
    visit.page.wait_for_selector("#gone:not([hidden])")
    assert "may have been deleted or renamed" in visit.text("#gone")


def test_a_photo_without_clues_gets_no_claim(visit: Visit) -> None:
    visit.begin()
    visit.drop(png(Image.linear_gradient("L").resize((640, 480))), name="grey.png")
    visit.until_answered()
    assert visit.text("#headline") == "No claim: the evidence is too thin"
    assert "not where this one was" in visit.text("#claim")
    assert visit.page.locator("#levels .accepted").count() == 0


def test_a_real_photo_reaches_its_answer(visit: Visit, shared_data: Path) -> None:
    photo = min(
        (shared_data / "dev" / "images").glob("*.jpg"), key=lambda path: path.stat().st_size
    )
    visit.begin()
    visit.drop(photo.read_bytes(), name=photo.name, kind="image/jpeg")
    visit.until_answered()
    assert visit.text("#photo-name") == photo.name
    assert visit.page.evaluate("document.querySelector('#frame img').naturalWidth") > 0


def test_a_lost_server_is_found_again(browser: "Browser", server: Served, street: bytes) -> None:
    context = browser.new_context(reduced_motion="reduce")
    tab = Visit(context.new_page(), server.url)
    tab.watch()
    tab.begin("always")
    tab.drop(street)
    tab.page.wait_for_selector(ASKED)
    server.kill()
    tab.page.wait_for_selector("#connection:not([hidden])")
    tab.reply("accept")
    tab.page.wait_for_selector("#question .error:not(:empty)")
    assert "does not answer" in tab.text("#question .error")
    server.restart()
    tab.page.wait_for_selector("#connection", state="hidden")
    tab.reply("accept")
    tab.page.wait_for_selector("#question-title:has-text('country')")
    assert tab.page.locator("#steps > li").count() == 10  # each step once
    context.close()


def _veto(visit: Visit, name: str, because: str) -> None:
    """Exclude a place, first without a reason, and wait for the next answer."""
    page = visit.page
    page.click(f".candidates-section button:has-text('Veto {name}')")
    page.click("#veto button[type=submit]")
    assert "Say why" in visit.text("#veto .error")
    page.fill("#veto textarea", because)
    page.click("#veto button[type=submit]")
    page.wait_for_selector(f".excluded del:has-text('{name}')")
    page.wait_for_selector(ANSWERED)


def _require_inert(visit: Visit, report: Path) -> None:
    page = visit.page.context.new_page()
    dialogs: list[str] = []

    def close(dialog: "Dialog") -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", close)
    page.goto(report.as_uri())
    said = page.inner_text("body")
    assert MARKUP in said
    assert SCRIPT in said
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("script").count() == 1  # the package's own, which checks the traces
    assert dialogs == []
    page.close()
