"""A person's reply changes the run; one that does not fit is asked for again."""

from collections.abc import Callable
from typing import Any

import pytest

from geoagent_graph.nodes import ask as ask_module
from geoagent_graph.nodes.ask import ask
from geoagent_graph.protocols import TextLine
from geoagent_graph.questions import Question
from geoagent_graph.state import AgentState, dump
from geoagent_graph.testing import EUROPE, PORTUGAL, SPAIN, FixedTextReader
from geoagent_graph.types import Box, Verdict
from tests.support.node_runs import hypothesis, node_runtime, run_state, text_line

CANDIDATES = (hypothesis(PORTUGAL, 0.6), hypothesis(SPAIN, 0.3))
VERDICT = Verdict(decision="accept", place_id=PORTUGAL.id, reason="the sign")
LINE = TextLine("Rua", Box(left=0, top=0, right=0.5, bottom=0.5), 0.9, "Latn", "pt", 0.9, "hand")
CORNER = {"left": 0.5, "top": 0.5, "right": 1.0, "bottom": 1.0}
Reply = Callable[..., list[dict[str, Any]]]


def waiting(**changes: Any) -> AgentState:
    """Return the state of a run that waits for a reply about Portugal and Spain."""
    question = Question(level="country", text="?", verdict=VERDICT, candidates=CANDIDATES)
    values: dict[str, Any] = {
        "level": "country",
        "accepted": [dump(hypothesis(EUROPE, 0.9))],
        "hypotheses": [dump(candidate) for candidate in CANDIDATES],
        "verdict": dump(VERDICT),
        "question": dump(question),
    }
    return run_state(**(values | changes))


@pytest.fixture
def reply(monkeypatch: pytest.MonkeyPatch) -> Reply:
    """Return a function that gives replies one after the other and keeps the questions."""

    def give(*replies: dict[str, Any]) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        def interrupt(question: dict[str, Any]) -> dict[str, Any]:
            asked.append(question)
            return replies[len(asked) - 1]

        monkeypatch.setattr(ask_module, "interrupt", interrupt)
        return asked

    return give


async def test_a_reply_that_does_not_fit_is_asked_for_again(reply: Reply) -> None:
    asked = reply({"kind": "accept", "place": "France"}, {"kind": "accept", "place": "Spain"})
    update = await ask(waiting(), node_runtime())
    assert [question["problem"] is None for question in asked] == [True, False]
    assert "France: is not among the candidates" in asked[1]["problem"]
    assert update["accepted"][-1]["place"]["id"] == SPAIN.id
    assert update["level"] == "city"
    assert update["human"][0]["text"] == "accepts Spain"
    assert update["question"] is None


async def test_agreeing_carries_out_the_verdict_and_renews_the_budget(reply: Reply) -> None:
    reply({"kind": "accept"})
    update = await ask(waiting(), node_runtime())
    assert update["accepted"][-1]["place"]["id"] == PORTUGAL.id
    assert update["human"][0]["text"] == "agrees to accept Portugal"
    assert update["counted_from"] == 1


async def test_a_rejected_place_is_excluded_by_the_person(reply: Reply) -> None:
    reply({"kind": "reject", "place": "PT", "reason": "no trams"})
    update = await ask(waiting(), node_runtime())
    (excluded,) = update["excluded"]
    assert (excluded["place"]["id"], excluded["by"]) == (PORTUGAL.id, "person")
    assert update["human"][0]["text"] == "rejects Portugal: no trams"


async def test_a_read_line_is_a_clue_unless_it_is_known(reply: Reply) -> None:
    reply({"kind": "clue", "text": "Rua Augusta"})
    update = await ask(waiting(), node_runtime())
    (clue,) = update["clues"]
    assert (clue["text"], clue["source"], update["verdict"]["decision"]) == (
        "Rua Augusta",
        "person",
        "retry",
    )
    reply({"kind": "clue", "text": "RUA augusta"})
    again = await ask(waiting(clues=[dump(text_line("Rua Augusta"))]), node_runtime())
    assert again["clues"] == []


async def test_boxes_of_a_marked_part_lie_in_the_whole_photo(reply: Reply) -> None:
    reply({"kind": "photo_region", "box": CORNER})
    update = await ask(waiting(), node_runtime(text_reader=FixedTextReader([LINE])))
    (clue,) = update["clues"]
    assert clue["box"] == {"left": 0.5, "top": 0.5, "right": 0.75, "bottom": 0.75}


async def test_without_a_reader_a_marked_part_is_a_warning(reply: Reply) -> None:
    reply({"kind": "photo_region", "box": CORNER})
    update = await ask(waiting(), node_runtime())
    assert update["clues"] == []
    assert update["warnings"] == ["no text reader is installed: the marked region was not read"]
