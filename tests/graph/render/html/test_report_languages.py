"""Reports in other languages: nothing English is left, machine files do not change, one script."""

import re
from html.parser import HTMLParser

import pytest

from geoagent_graph.render.formats.table import formats_for
from geoagent_graph.render.html.case_report import report_html
from geoagent_graph.render.html.html_report import html_report
from geoagent_graph.render.html.markup import element, html_text, isolate_numbers, own_words
from geoagent_graph.render.html.trace_check import check_section, script_policy
from geoagent_graph.render.html.trip_report import trip_html
from geoagent_graph.render.markdown_report import report_markdown, trip_markdown
from geoagent_graph.render.terminal.answer_text import answer_text
from geoagent_graph.translation import LANGUAGES, SOURCE_LANGUAGE, read_catalogue, use_language
from geoagent_graph.types import Answer
from tests.support.answers import porto_answer, unknown_answer
from tests.support.views import case_view, joined_photo, joint, trip_view

OTHERS = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]


class Texts(HTMLParser):
    """The texts of a page and the attributes that are read out, those in code left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("style", "script", "code", "pre")
        spoken = ("alt", "aria-label", "title", "data-name", "data-accepted")
        self.found += [value for name, value in attrs if name in spoken and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script", "code", "pre")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def english_left(texts: list[str], tag: str) -> set[str]:
    """Return the texts that are a sentence of the catalogue and have another translation."""
    said = {
        words: {shown} if isinstance(shown, str) else set(shown)
        for (_, words), shown in read_catalogue(tag).items()
    }
    plain = {" ".join(text.split()).strip(" .:·,") for text in texts}
    return {text for text in plain if text in said and text not in said[text]}


@pytest.mark.parametrize("tag", OTHERS)
@pytest.mark.parametrize("answer", [porto_answer(), unknown_answer()], ids=["porto", "none"])
def test_no_sentence_of_a_report_is_left_in_english(tag: str, answer: Answer) -> None:
    with use_language(tag):
        page = html_report(answer)
    assert english_left(Texts(page).found, tag) == set()
    language = LANGUAGES[tag]
    assert f'<html lang="{tag}" dir="{language.direction}">' in page


@pytest.mark.parametrize("tag", OTHERS)
def test_no_sentence_of_a_case_is_left_in_english(tag: str) -> None:
    view = case_view({"event": "answer", "answer": porto_answer().model_dump(mode="json")})
    with use_language(tag):
        page, markdown = report_html(view), report_markdown(view)
        terminal = answer_text(porto_answer()).plain
    assert english_left(Texts(page).found, tag) == set()
    for written in (markdown, terminal):
        assert english_left(re.split(r"[\n*#]+|\s{2,}", written), tag) == set()


@pytest.mark.parametrize("tag", OTHERS)
def test_no_sentence_of_a_trip_is_left_in_english(tag: str) -> None:
    body = {"event": "answer", "answer": porto_answer().model_dump(mode="json")}
    views = {"main": case_view(body), "other": case_view(body), "gone": case_view()}
    trip = trip_view(views, joint([joined_photo(), joined_photo(level="none")]))
    with use_language(tag):
        page, markdown = trip_html(trip, views, {}), trip_markdown(trip, views)
    assert english_left(Texts(page).found, tag) == set()
    assert english_left(re.split(r"[\n*#]+", markdown), tag) == set()


def test_a_report_in_english_is_what_it_was() -> None:
    page = html_report(porto_answer())
    assert '<html lang="en" dir="ltr">' in page
    assert "Where was this photo taken?" in page


@pytest.mark.parametrize("row", formats_for("photo"), ids=lambda row: row.name)
def test_files_for_machines_are_english_in_every_language(row) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    if row.speaks or not row.joins_photos:
        pytest.skip("for people")
    english = row.joint_content([porto_answer()])
    with use_language("ar"):
        assert row.joint_content([porto_answer()]) == english


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_script_of_a_report_is_one_and_the_same(tag: str) -> None:
    with use_language(tag):
        (section,) = check_section([("one", "{}\n")])
    assert len(list(section.iter("script"))) == 1
    assert script_policy().startswith("script-src 'sha256-")
    (listed,) = (node for node in section.iter("ul") if node.get("id") == "trace-check")
    assert ("data-words" in listed.attrib) is (tag != SOURCE_LANGUAGE)


def test_an_answer_writes_its_report_in_a_language() -> None:
    assert 'lang="fr"' in porto_answer().to_html("fr")
    assert 'lang="en"' in porto_answer().to_html()


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("النقطة 41.15°N, 8.61°W هنا", ["41.15°N, 8.61°W"]),
        ("في 2026-05-01 12:00:00 UTC", ["2026-05-01 12:00:00 UTC"]),
        ("هاتف 253 217 346", ["253 217 346"]),
        ("بنسبة 94 % من SHA-256", ["94 %"]),
        ("«Braga (PT)» هنا", ["Braga (PT)"]),
        ("الموقع -8.423، والآخر", ["-8.423"]),
    ],
)
def test_numbers_within_arabic_keep_their_order(words: str, kept: list[str]) -> None:
    with use_language("ar"):
        parts = isolate_numbers(words)
        page = html_text(element("p", {}, own_words(words)))
    assert [part.text for part in parts if not isinstance(part, str)] == kept
    assert '<bdi dir="rtl">' in page
    assert isolate_numbers(words) == [words]
