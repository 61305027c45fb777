"""The page in the viewer's language: who chooses it, and what page and scripts say in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.serve.page import LANGUAGE_COOKIE, static_folder
from geoagent_graph.serve.page_language import page_in, words_of_page
from geoagent_graph.translation import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    read_catalogue,
    use_language,
)
from tests.support.app_client import app_client
from tests.support.browsing import ANSWERED, open_browser
from tools.messages import collect_messages

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
from tests.support.serving import Live, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

OTHERS = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]
PAGE = (static_folder() / "index.html").read_text("utf-8")
# `_('...')`, `sentence('...')`, `counted('...'` as the scripts say them
SAID = re.compile(r"\b(?:_|mark|sentence|counted)\(\s*'((?:[^'\\]|\\.)+)'")
PHONE: "ViewportSize" = {"width": 360, "height": 740}
TEXTS = """() => {
  const seen = (node) => node.checkVisibility();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (!parent.closest('script, style, code, bdi, [translate=no]')) found.push(data.trim());
  }
  for (const node of document.querySelectorAll('[aria-label], [alt], [title], [placeholder]')) {
    const spoken = ['aria-label', 'alt', 'title', 'placeholder'];
    found.push(...spoken.map((name) => node.getAttribute(name) ?? ''));
  }
  return found.filter(Boolean);
}"""


def catalogue_in(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="catalogue">(.*?)</script>', page)
    assert found
    given: dict[str, object] = json.loads(found[1])
    return given


@pytest.mark.parametrize("tag", OTHERS)
def test_all_words_of_the_page_are_translated(tag: str) -> None:
    page = page_in(tag, PAGE)
    said = read_catalogue(tag)
    left = {
        words
        for words in words_of_page(page)
        if said.get((None, words), words) != words and words not in said.values()
    }
    assert left == set()
    assert page.startswith(f'<!doctype html>\n<html lang="{tag}" dir="{LANGUAGES[tag].direction}">')
    assert page.count("<script") == PAGE.count("<script") + 1
    assert catalogue_in(page).keys() == {"plurals", "messages", "stored", "places", "names"}


def test_the_page_in_english_is_the_file() -> None:
    assert page_in(SOURCE_LANGUAGE, PAGE) == PAGE
    assert set(re.findall(r'<option value="(\w\w)" lang', PAGE)) == set(LANGUAGES)


def test_words_that_look_like_markup_stay_words() -> None:
    page = '<html lang="en"><head></head><body title=\'a "b"\'>1 &lt; 2 &amp; more</body></html>'
    assert words_of_page(page) == ["1 < 2 & more"]
    assert '<body title="a &quot;b&quot;">1 &lt; 2 &amp; more</body>' in page_in("es", page)


@pytest.fixture(scope="module")
def marked() -> set[str]:
    return {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in collect_messages()
    }


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (static_folder() / "js").rglob("*.js"))
)
def test_what_a_script_says_is_in_the_catalogue(name: str, marked: set[str]) -> None:
    (path,) = (static_folder() / "js").rglob(name)
    said = {words.replace("\\'", "'") for words in SAID.findall(path.read_text("utf-8"))}
    assert said - marked == set(), "take it out of `${...}` and of the parts of another"


@pytest.mark.parametrize(
    ("header", "cookie", "tag"),
    [
        ("es-ES,es;q=0.9", None, "es"),
        ("es", "ar", "ar"),
        ("ja", None, "en"),
        ("fr", "<script>", "fr"),
        ("", "zh", "zh"),
    ],
)
def test_the_language_is_as_chosen_or_as_the_browser_likes(
    tmp_path: Path, header: str, cookie: str | None, tag: str
) -> None:
    client = app_client(tmp_path)
    if cookie is not None:
        client.cookies.set(LANGUAGE_COOKIE, cookie)
    reply = client.get("/", headers={"Accept-Language": header})
    assert reply.headers["content-language"] == tag
    assert reply.headers["vary"] == "Accept-Language, Cookie"
    assert f'<html lang="{tag}"' in reply.text


def test_fields_of_the_api_are_english_whatever_is_asked_for(tmp_path: Path) -> None:
    client = app_client(tmp_path)
    english = client.get("/v1/about").content
    assert client.get("/v1/about", headers={"Accept-Language": "ar"}).content == english


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.mark.parametrize("tag", OTHERS)
def test_no_sentence_of_the_page_is_left_in_english(
    browser: "Browser", live: Live, tag: str
) -> None:
    case = live.begin()
    said = {
        words: {shown} if isinstance(shown, str) else set(shown)
        for (_, words), shown in read_catalogue(tag).items()
    }
    context = browser.new_context(locale=tag, viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    texts: list[str] = []
    page.goto(live.url)
    page.wait_for_selector("#cases .case-list")
    texts += page.evaluate(TEXTS)
    page.goto(f"{live.url}#case={case}&step=4")
    page.wait_for_selector(ANSWERED)
    page.wait_for_selector("#step-title")
    page.click("#add-clue summary")
    texts += page.evaluate(TEXTS)
    wide = page.evaluate("document.documentElement.scrollWidth")
    direction = page.evaluate("getComputedStyle(document.body).direction")
    context.close()
    left = {text for text in texts if text in said and text not in said[text]}
    assert left == set()
    assert (wide, direction) == (PHONE["width"], LANGUAGES[tag].direction)


def test_the_menu_chooses_the_language_and_the_case_stays(browser: "Browser", live: Live) -> None:
    case = live.begin()
    context = browser.new_context(locale="en", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{live.url}#case={case}")
    page.wait_for_selector(ANSWERED)
    page.select_option("#language", "de")
    page.wait_for_selector("html[lang=de]")
    page.wait_for_selector(ANSWERED)
    assert f"case={case}" in page.url
    assert page.text_content("#candidates-title") == "Kandidaten"
    href = page.get_attribute("#download-html", "href") or ""
    assert "language=de" in href
    context.close()


def test_the_page_says_stored_sentences_as_reports_do(browser: "Browser", live: Live) -> None:
    sentences = [
        "“Braga”: Braga (PT); 17 times likelier in Spain than in the world",
        "accept: Braga has 94%, enough for a city (50%); “Porto” on a direction sign: Porto (PT); "
        "2.5 times likelier in Braga than in Portugal; 2 lines in Cyrillic script, read as Russian;"
        " 1.5 times less likely in Braga than in Portugal",
        "Porto, within 3 km of 41.150, -8.610",
        "vetoes Spain: accept: it is raining",
        "2,345 similar photos, the most similar at 0.91",
        "nothing that is known",
    ]
    context = browser.new_context(locale="de")
    page = context.new_page()
    page.goto(live.url)
    said = page.evaluate(
        "async (all) => { const { stored } = await import('/static/js/language.js');"
        " return all.map((each) => stored(each)); }",
        sentences,
    )
    context.close()
    with use_language("de"):
        assert said == [say_stored(sentence) for sentence in sentences]
