"""Rewards for tool use: new calls that worked, few of them, and an answer at the end."""

from typing import Any

import pytest
from geoagent_training.rewards.tool_rewards import step_budget, tool_use

ANSWER = "<think></think><answer>Portugal</answer>"


def run(*results: str, names: str = "abcdefghij", answer: str = ANSWER) -> list[dict[str, Any]]:
    """Return a conversation with one call, of the name at its place, before each result."""
    turns: list[dict[str, Any]] = []
    for name, result in zip(names, results, strict=False):
        call = {"function": {"name": "verify", "arguments": {"name": name}}}
        turns += [
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "content": [{"type": "text", "text": result}]},
        ]
    return [*turns, {"role": "assistant", "content": answer}]


@pytest.mark.parametrize(
    ("turns", "share"),
    [
        (run("found", "found"), 1.0),
        (run("found", "failed: no index"), 0.5),
        (run("found", '{"error": "x"}'), 0.5),
        (run("found", "found", names="aa"), 0.5),  # the same call again
        (run("found", answer="I do not know"), 0.0),
        (run(), 0.0),
        (ANSWER, 0.0),
    ],
)
def test_calls_that_were_new_and_worked_are_counted(turns: Any, share: float) -> None:
    assert tool_use([turns]) == [share]


def test_calls_without_a_result_count_against() -> None:
    turns = run("found")
    turns[0]["tool_calls"] *= 2
    assert tool_use([turns]) == [0.5]


@pytest.mark.parametrize(
    ("calls", "reward"), [(0, 1.0), (2, 1.0), (3, 0.75), (4, 0.5), (6, 0.0), (9, 0.0)]
)
def test_two_calls_are_free_and_six_cost_all(calls: int, reward: float) -> None:
    assert step_budget([run(*["found"] * calls)]) == [reward]


def test_no_budget_is_kept_by_giving_no_answer() -> None:
    assert step_budget([run("found", answer="unknown"), "no tags"]) == [0.0, 0.0]
