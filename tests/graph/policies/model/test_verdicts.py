"""Verdicts of a model: which may be given where a run stands, and which a reply gives."""

import json

import pytest

from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.policies.model.verdicts import decisions_in, read_verdict
from geoagent_graph.testing.scripted import EUROPE, PORTUGAL, SPAIN
from geoagent_graph.types import Hypothesis
from tests.support.situations import situation

OFFERED = [
    (letter, Hypothesis(level="country", place=place, prior=0.5, probability=0.5, reason=""))
    for letter, place in (("A", SPAIN), ("B", PORTUGAL))
]


def test_back_needs_a_region_and_retry_an_attempt_that_is_left() -> None:
    assert decisions_in(situation("continent")) == ["accept", "stop"]
    assert decisions_in(situation("country", EUROPE)) == ["accept", "retry", "back", "stop"]
    assert decisions_in(situation("country", EUROPE, attempt=1))[1] == "retry"
    assert decisions_in(situation("country", EUROPE, attempt=2)) == ["accept", "back", "stop"]


def test_an_accepted_letter_is_its_place() -> None:
    reply = json.dumps({"thought": ["It\nfits.", "Truly."], "decision": "accept", "letter": " B "})
    verdict = read_verdict(reply, OFFERED, ["accept", "stop"])
    assert verdict.place_id == PORTUGAL.id
    assert verdict.reason == "the model decides: It fits. Truly."


def test_other_decisions_need_no_letter_and_no_thought() -> None:
    verdict = read_verdict('{"decision": "stop", "letter": "Z"}', OFFERED, ["accept", "stop"])
    assert (verdict.decision, verdict.place_id) == ("stop", None)
    assert verdict.reason == "the model decides so"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ('{"decision": "back"}', "`decision` must be one of: accept, stop"),
        ('{"decision": null}', "`decision` must be one of: accept, stop"),
        ('{"decision": "accept", "letter": "C"}', "`letter` must be one of: A, B"),
        ('{"decision": "accept"}', "`letter` must be one of: A, B"),
    ],
)
def test_what_was_not_offered_is_refused(reply: str, said: str) -> None:
    with pytest.raises(ReplyError, match=said):
        read_verdict(reply, OFFERED, ["accept", "stop"])
