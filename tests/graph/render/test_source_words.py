"""What the claim would be without a source, in a sentence, a table and the terminal."""

from geoagent_graph.render.html.html_report import html_report
from geoagent_graph.render.markdown_report import markdown_text
from geoagent_graph.render.source_words import weight_words, weights_to_show, without_sentence
from geoagent_graph.render.terminal.answer_text import answer_text
from geoagent_graph.types import Answer, SourceWeight
from tests.support.answers import porto_answer

LANGUAGE = SourceWeight(
    source="language", label="Language", place="Spain", place_id="country:ES", nats=2.0,
    share=0.75, probability=0.4, probability_without=0.12, country_without="Portugal",
    country_probability_without=0.3,
)  # fmt: skip
PHONE = LANGUAGE.model_copy(
    update={"label": "Phone<b>", "nats": -0.01, "share": 0.25, "probability_without": 0.401,
            "country_without": "Spain"}
)  # fmt: skip
ANSWER = porto_answer().model_copy(update={"source_weights": (LANGUAGE, PHONE)})


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_sentence_says_with_and_without() -> None:
    assert plain(without_sentence(LANGUAGE)) == (
        "without language: Spain 40 % -> 12 %, then the likeliest country is Portugal (30 %)"
    )
    assert plain(without_sentence(PHONE, "→")) == "without phone<b>: Spain 40 % → 40 %"
    assert plain(weight_words(LANGUAGE)) == "+2.0 nats, 75 %"


def test_only_what_changes_the_claim_is_shown_in_the_terminal() -> None:
    assert weights_to_show(ANSWER.source_weights, 4) == [LANGUAGE]
    text = plain(answer_text(ANSWER).plain)
    assert "sources     without language: Spain 40 % -> 12 %" in text
    assert "phone" not in text


def test_the_report_has_them_all() -> None:
    page = plain(html_report(ANSWER))
    assert "What each source weighed" in page
    assert "Phone&lt;b&gt;" in page
    assert "What each source weighed" not in html_report(porto_answer())
    assert markdown_text("a<b") == "a&lt;b"


def test_answers_without_it_read_and_write_as_before() -> None:
    assert "source_weights" not in porto_answer().model_dump(mode="json")
    assert Answer.model_validate(ANSWER.model_dump(mode="json")) == ANSWER
