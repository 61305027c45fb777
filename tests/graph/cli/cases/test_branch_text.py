"""A branch for a shell and for people: its status, its JSON, its question with ways to reply."""

import pytest

from geoagent_graph.cases.view import CaseView
from geoagent_graph.cli.cases.branch_text import branch_json, exit_status, question_text
from tests.support.answers import HOSTILE, porto_answer, unknown_answer
from tests.support.views import case_view, question


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (case_view(answer=porto_answer()), 0), (case_view(answer=unknown_answer()), 3),
        (case_view(question()), 4), (case_view(), 0),
    ],
)  # fmt: skip
def test_a_shell_learns_where_a_branch_stands(view: CaseView, status: int) -> None:
    assert exit_status(view) == status


def test_json_holds_either_the_question_or_the_answer() -> None:
    answered = branch_json(case_view(answer=porto_answer()))
    assert (answered["status"], answered["question"]) == ("answered", None)
    assert answered["answer"]["place"]["city"] == "Porto"
    waiting = branch_json(case_view(question(), branch="two"))
    assert (waiting["branch"], waiting["answer"], waiting["steps"]) == ("two", None, 4)
    assert waiting["question"]["text"] == "Is this Europe?"


def test_a_question_lists_its_places_and_the_command_that_replies() -> None:
    asked = case_view(question()).question
    assert asked is not None
    lines = question_text(asked, "street/two").splitlines()
    assert lines[0] == "Question: Is this Europe?"
    assert lines[1:3] == ["   60.0%  Europe (continent:EU)", "   30.0%  Asia (continent:AS)"]
    assert lines[3] == "Reply: geoagent resume street/two with one of"


def test_a_refused_reply_is_told_and_hostile_text_is_inert() -> None:
    asked = case_view(question(problem=HOSTILE, text=HOSTILE)).question
    assert asked is not None
    text = question_text(asked, "street")
    assert "The last reply was refused: </style>" in text
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)
