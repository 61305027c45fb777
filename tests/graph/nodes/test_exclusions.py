"""Who excluded a place is a field; exclusions that were stored without it are understood."""

import pytest

from geoagent_graph.nodes.exclusions import exclude_place
from geoagent_graph.state import AgentState, dump
from geoagent_graph.testing import LISBON
from geoagent_graph.types import Exclusion, Hypothesis

STORED = {"place": dump(LISBON), "probability": 0.5, "step": 3}


@pytest.mark.parametrize(
    ("reason", "by"),
    [("a person: no tram", "person"), ("the signs do not fit", "policy"), ("a person", "policy")],
)
def test_a_stored_exclusion_says_in_its_reason_who_made_it(reason: str, by: str) -> None:
    assert Exclusion.model_validate({**STORED, "reason": reason}).by == by


def test_what_is_said_counts_before_the_reason() -> None:
    said = {**STORED, "reason": "a person: no tram", "by": "policy"}
    assert Exclusion.model_validate(said).by == "policy"


def test_a_person_excludes_by_name_and_reason() -> None:
    rejected = Hypothesis(level="city", place=LISBON, prior=0.5, probability=0.5, reason="sign")
    state = AgentState(steps=[], accepted=[], levels={}, excluded=[])
    (excluded,) = exclude_place(state, rejected, "no tram")["excluded"]
    assert (excluded["by"], excluded["reason"]) == ("person", "a person: no tram")
