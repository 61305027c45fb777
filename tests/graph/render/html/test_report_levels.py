"""Levels of a report: ranked candidates, the chosen one, what spoke, and links to clues."""

from geoagent_graph.render.html.markup import Element, html_text
from geoagent_graph.render.html.report_levels import clue_links, levels_section, name_at_level
from geoagent_graph.types import Answer, AnswerPlace, Hypothesis
from tests.support.answers import HOSTILE, PORTO, hypothesis, porto_answer, unknown_answer


def answer_with(*candidates: Hypothesis) -> Answer:
    return porto_answer(levels={"city": candidates})


def words(node: Element) -> str:
    return "".join(node.itertext())


def test_candidates_are_ranked_and_the_chosen_one_stands_out() -> None:
    answer = porto_answer()
    swapped = {level: found[::-1] for level, found in answer.levels.items()}
    section = levels_section(porto_answer(levels=swapped), {"c1": 1})
    chosen = [words(item) for item in section.iter("li") if item.get("class") == "chosen"]
    assert [text[:5] for text in chosen] == ["Europ", "Portu", "Porto"]
    names = [words(name) for name in section.iter("span") if name.get("class") == "name"]
    assert names[:4] == ["Europe", "Asia", "Portugal", "Spain"]


def test_less_likely_places_are_folded_away() -> None:
    six = [hypothesis(PORTO, 0.1) for _ in range(6)]
    page = html_text(levels_section(answer_with(*six), {}))
    assert "<summary>1 less likely place</summary>" in page
    seven = html_text(levels_section(answer_with(*six, six[0]), {}))
    assert "<summary>2 less likely places</summary>" in seven
    assert "<details>" not in html_text(levels_section(answer_with(*six[:5]), {}))


def test_what_is_empty_says_so() -> None:
    assert "No level was looked at" in words(levels_section(porto_answer(levels={}), {}))
    assert "No place came into question." in words(levels_section(answer_with(), {}))
    silent = words(levels_section(answer_with(hypothesis(PORTO, 0.2)), {}))
    assert "Nothing observed speaks for or against it; 10\u00a0% before the evidence." in silent


def test_a_hostile_reason_stays_text() -> None:
    page = html_text(levels_section(answer_with(hypothesis(PORTO, 0.2, against=HOSTILE)), {}))
    assert "<script" not in page
    assert '<span class="side against">Against</span><bdi>&lt;/style' in page


def test_links_lead_to_known_clues_once_and_are_bounded() -> None:
    numbers = {f"c{n}": n for n in range(1, 12)}
    links = clue_links(["c2", "gone", "c1", "c2"], numbers)
    assert [link.get("href") for span in links for link in span] == ["#clue-1", "#clue-2"]
    assert [words(span) for span in links] == [" · clue 1", ", 2"]
    assert len(clue_links(list(numbers), numbers)) == 8
    assert clue_links(["gone"], numbers) == []


def test_an_answer_has_no_name_below_the_level_where_it_stops() -> None:
    named = AnswerPlace(continent="Europe", country="Portugal", country_code="PT")
    country = porto_answer(level="country", place=named)
    assert name_at_level(country, "country") == "Portugal"
    assert name_at_level(country, "city") is None
    assert name_at_level(unknown_answer(), "continent") is None
