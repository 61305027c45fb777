"""A chain of thought as clues: the answer, the conclusions and what was seen."""

from geoagent_graph.policies.model.chain import Chain, PlaceText, Stage
from geoagent_graph.policies.model.draft_clues import clues_of_chain
from geoagent_graph.testing.scripted import LISBON, PORTUGAL

CHAIN = Chain(
    (
        Stage(("a tram", "azulejos"), "", "Portugal", "about 20 %", 0.2),
        Stage(("a tram",), "", "", "low", None),
        Stage(),
    ),
    PlaceText("Portugal", "Lisbon"),
)


def test_each_thing_said_is_one_clue_and_an_empty_stage_is_none() -> None:
    clues = clues_of_chain(CHAIN, PORTUGAL, None, "served:m")
    assert [(clue.text, clue.attributes["stage"]) for clue in clues] == [
        ("answer: Portugal; Lisbon", "answer"),
        ("saw: a tram", "region"),  # said at two stages: one clue, the last stage's
        ("saw: azulejos", "country"),
        ("country: Portugal", "country"),
    ]
    assert {(clue.kind, clue.source) for clue in clues} == {("policy", "served:m")}


def test_the_answers_clue_carries_the_town_only_where_it_is_known() -> None:
    unknown, known = (
        clues_of_chain(CHAIN, PORTUGAL, town, "m")[0].attributes for town in (None, LISBON)
    )
    assert unknown == {"stage": "answer", "country_code": "PT"}
    assert known["town"] == known["region"] == "Lisbon"
    assert known["place_id"] == LISBON.id


def test_a_stated_uncertainty_stays_words_and_is_no_confidence() -> None:
    said = clues_of_chain(CHAIN, PORTUGAL, None, "m")[-1]
    assert said.attributes["stated_uncertainty"] == "about 20 %"
    assert said.attributes["stated_uncertainty_share"] == "0.200"
    assert said.confidence is None


def test_problems_of_the_chain_and_long_texts_are_kept_short() -> None:
    long = Chain((Stage(("x" * 900,)), Stage(), Stage()), PlaceText("Portugal"), ("a", "b" * 900))
    answer, seen = clues_of_chain(long, PORTUGAL, None, "m")
    assert answer.attributes["problems"].startswith("a; bbb")
    assert len(answer.attributes["problems"]) == 500
    assert len(seen.text) == 300
