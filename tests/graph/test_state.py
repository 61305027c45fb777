"""The state of a run: how updates join it, which versions go on, when there is an answer."""

from typing import Any, get_type_hints

import pytest

from geoagent_graph.errors import CheckpointError
from geoagent_graph.state import (
    GRAPH_VERSION,
    OLDEST_GRAPH_VERSION,
    AgentOutput,
    AgentState,
    answer_of,
    can_continue,
    dump,
    load,
    require_current,
)
from geoagent_graph.testing import LISBON, PORTO
from geoagent_graph.types import Place


def merged(key: str, old: list[Any], new: list[Any]) -> list[Any]:
    """Return what LangGraph makes of an update to a key of the state."""
    reducer = get_type_hints(AgentState, include_extras=True)[key].__metadata__[0]
    result: list[Any] = reducer(old, new)
    return result


def test_a_clue_that_comes_again_adds_nothing() -> None:
    first, second = {"id": "a", "text": "1"}, {"id": "b", "text": "2"}
    again = {"id": "a", "text": "other"}
    assert merged("clues", [first], [again, second, second]) == [first, second]


def test_warnings_are_said_once_and_steps_always() -> None:
    assert merged("warnings", ["a"], ["b", "a"]) == ["a", "b"]
    assert merged("steps", [{"index": 0}], [{"index": 0}]) == [{"index": 0}] * 2


def test_updates_leave_the_old_lists_alone() -> None:
    for key in ("clues", "warnings", "steps"):
        old: list[Any] = []
        assert merged(key, old, [{"id": "a"}]) == [{"id": "a"}]
        assert old == []


@pytest.mark.parametrize(
    ("version", "goes_on"),
    [
        (GRAPH_VERSION, True),
        (OLDEST_GRAPH_VERSION, True),
        (OLDEST_GRAPH_VERSION - 1, False),
        (GRAPH_VERSION + 1, False),
        (None, False),
        ("3", False),
    ],
)
def test_which_versions_go_on(version: object, goes_on: bool) -> None:
    assert can_continue(version) is goes_on


def test_a_run_of_another_version_is_refused_with_both_named() -> None:
    require_current(AgentState())  # a new run has none yet
    with pytest.raises(CheckpointError) as error:
        require_current(AgentState(graph_version=1))
    assert f"graph version 1, this is version {GRAPH_VERSION}" in str(error.value)


def test_nouns_come_back_as_they_were() -> None:
    assert load(Place, [dump(LISBON), dump(PORTO)]) == (LISBON, PORTO)


def test_an_unfinished_run_has_no_answer() -> None:
    with pytest.raises(CheckpointError, match="has not finished: resume it"):
        answer_of(AgentOutput(done=False, answer={}))
