"""Web pages where a reply should be: their title, and no tags."""

import pytest

from geoagent_graph.policies.backends.openai.web_pages import words_of_page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html><head><title>502 Bad\n Gateway</title></head></html>", "502 Bad Gateway"),
        ("\n<!DOCTYPE html><HTML><TITLE>Sign in &amp; go</TITLE>", "Sign in & go"),
        ("<html><body><h1>Not Found</h1></body></html>", "Not Found"),
    ],
)
def test_a_page_is_called_by_its_title(text: str, words: str) -> None:
    assert words_of_page(text) == f"a web page: {words}"


def test_a_page_without_a_title_is_a_page() -> None:
    assert words_of_page("<html>" + "<p>" * 100_000) == "a web page"


@pytest.mark.parametrize("text", ["", "Loading model", '{"error": "<html>"}', "a <title>b</title>"])
def test_other_text_is_no_page(text: str) -> None:
    assert words_of_page(text) is None
