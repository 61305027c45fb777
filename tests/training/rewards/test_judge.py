"""The judge behind a server: questions at once, faults, what it is not asked."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from geoagent_training.errors import ConfigError, ServiceError
from geoagent_training.rewards import functions as rewards
from geoagent_training.rewards.judge import JudgeQuestion, OpenAIJudge
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools

from tests.support.reward_fakes import ScriptedJudge, completion


def _said(text: str) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


def _questions(count: int) -> list[JudgeQuestion]:
    return [JudgeQuestion(i % 3, f"reasoning {i}", ("a", "b")[: i % 3]) for i in range(count)]


def test_all_questions_are_in_flight_at_once(serve: Callable[..., str]) -> None:
    inside, most, lock, enough = 0, 0, threading.Lock(), threading.Event()

    def answer(path: str, body: dict[str, Any]) -> tuple[int, object]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            if inside >= 20:
                enough.set()
        if not enough.wait(30):  # asked in turn: the count below says so
            enough.set()
        with lock:
            inside -= 1
        return 200, _said(body["messages"][1]["content"].split("Reasoning: ")[1].split("\n")[0])

    judge = OpenAIJudge(serve(answer) + "/v1", "m")
    assert judge.conclude(_questions(40)) == [f"reasoning {i}" for i in range(40)]
    assert most >= 20


def test_equal_questions_are_asked_once_and_remembered_on_disk(
    serve: Callable[..., str], tmp_path: Path
) -> None:
    asked = []

    def answer(path: str, body: object) -> tuple[int, object]:
        asked.append(path)
        return 200, _said("None")

    url = serve(answer)
    judge = OpenAIJudge(url, "m", cache_file=tmp_path / "judge.sqlite")
    judge.conclude(_questions(3) * 5)
    assert len(asked) == 3
    again = OpenAIJudge(url, "m", cache_file=tmp_path / "judge.sqlite")
    again.conclude(_questions(3))
    assert len(asked) == 3
    OpenAIJudge(url, "other", cache_file=tmp_path / "judge.sqlite").conclude(_questions(1))
    assert len(asked) == 4


def test_faults_are_asked_again(serve: Callable[..., str]) -> None:
    replies = [
        (503, "busy"),
        (200, {"choices": [{"message": {"content": None, "reasoning_content": "hm"}}]}),
        (200, {"choices": []}),
        (200, _said("<think>hm</think> **Portugal.**")),
    ]
    judge = OpenAIJudge(serve(lambda path, body: replies.pop(0)), "m")
    assert judge.conclude(_questions(1)) == ["Portugal"]
    assert replies == []


def test_the_judge_replies_to_a_schema_and_is_asked_without_where_it_takes_none(
    serve: Callable[..., str],
) -> None:
    bodies: list[dict[str, Any]] = []

    def answer(path: str, body: dict[str, Any]) -> tuple[int, object]:
        bodies.append(body)
        return 200, _said('{"conclusion": "Portugal."}')

    assert OpenAIJudge(serve(answer), "m").conclude(_questions(1)) == ["Portugal"]
    schema = bodies[0]["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["conclusion"]

    def old(path: str, body: dict[str, Any]) -> tuple[int, object]:
        bodies.append(body)
        return (400, "no response_format") if "response_format" in body else (200, _said("Spain"))

    judge = OpenAIJudge(serve(old), "m", in_flight=1)
    bodies.clear()
    assert judge.conclude(_questions(3)) == ["Spain"] * 3
    assert ["response_format" in body for body in bodies] == [True, False, False, False]


@pytest.mark.parametrize("said", ["Portugal", "portugal.", " PORTUGAL ", '"Portugal"', "Pörtugal!"])
def test_judge_and_policy_are_compared_by_name(said: str) -> None:
    judge = ScriptedJudge(lambda question: (said, "-", "-")[question.level])
    use_tools(RewardTools(RewardSettings(), given_judge=judge))
    text = completion("Portugal", "Lisbon", "Sintra")
    assert rewards.consistency([text]) == pytest.approx([0.1])
    assert rewards.consistency([completion("Portugal.", "Lisbon", "Sintra")]) == pytest.approx(
        [0.1]
    )


@pytest.mark.parametrize(
    ("reply", "part"),
    [
        ((401, "no"), "status 401"),
        ((500, "broken"), "status 500"),
        ((200, "<html>"), "no chat completion"),
        ((200, {"choices": []}), "no chat completion"),
        ((200, []), "no chat completion"),
        ((200, {"choices": [{"message": {"content": None}}]}), "without text"),
        ((302, ""), "status 302"),
    ],
)
def test_a_judge_that_cannot_be_used_is_named(
    serve: Callable[..., str], reply: tuple[int, object], part: str
) -> None:
    judge = OpenAIJudge(serve(lambda path, body: reply), "m", retries=1)
    with pytest.raises(ServiceError, match=rf"(?s)judge at http://127.*{part}"):
        judge.conclude(_questions(2))


def test_a_judge_that_is_not_there_raises_instead_of_scoring_zero() -> None:
    judge = OpenAIJudge("http://127.0.0.1:9/v1", "m", retries=0, seconds=2)
    use_tools(RewardTools(RewardSettings(), given_judge=judge))
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9"):
        rewards.consistency([completion("Portugal", "Lisbon", "Sintra")])
    with pytest.raises(ServiceError):
        judge.check()


def test_a_judge_that_never_answers_is_given_up(serve: Callable[..., str]) -> None:
    over = threading.Event()
    judge = OpenAIJudge(
        serve(lambda path, body: (200, over.wait() and _said("x"))), "m", seconds=0.2, retries=1
    )
    try:
        with pytest.raises(ServiceError, match="TimeoutError"):
            judge.conclude(_questions(4))
    finally:
        over.set()


def test_without_a_judge_the_recipe_is_wrong() -> None:
    use_tools(RewardTools(RewardSettings()))
    with pytest.raises(ConfigError, match="judge_url"):
        rewards.consistency([completion("Portugal", "Lisbon", "Sintra")])


def test_what_earns_nothing_is_not_asked(tools: RewardTools) -> None:
    judge = ScriptedJudge(lambda question: "Portugal")
    use_tools(RewardTools(RewardSettings(), given_judge=judge))
    texts = ["garbage", completion("Portugal", "x", "y", reasoning="short")]
    assert rewards.consistency(texts) == [0.0, 0.0]
    assert judge.asked == []


@pytest.mark.parametrize(("match", "score"), [("exact", 0.4), ("place", 1.0)])
def test_conclusions_match_exactly_or_by_place(
    match: Literal["exact", "place"], score: float, tools: RewardTools
) -> None:
    judge = ScriptedJudge(lambda q: ("China", "Anhui Province", "Hefei")[q.level])
    used = RewardTools(RewardSettings(judge_match=match), given_judge=judge)
    used.resolver = tools.resolver
    use_tools(used)
    text = completion("China", "Anhui", "Hefei")
    assert rewards.consistency([text])[0] == pytest.approx(score)
