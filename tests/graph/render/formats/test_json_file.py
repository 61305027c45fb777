"""The answer of a case as JSON is the whole answer, with its steps and tool calls."""

import json

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.render.formats.json_file import case_json
from geoagent_graph.types import Answer
from tests.support.answers import porto_answer
from tests.support.views import case_view


def test_it_reads_back_as_the_answer_with_every_step() -> None:
    answer = porto_answer()
    dumped = json.loads(case_json(case_view(answer=answer)))
    assert Answer.model_validate(dumped) == answer
    assert [step["node"] for step in dumped["trace"]] == ["observe", "propose", "retrieve", "judge"]


def test_a_hostile_name_stays_inside_its_string() -> None:
    image = porto_answer().image.model_copy(update={"name": 'a"}\u202e\x1b.jpg'})
    text = case_json(case_view(answer=porto_answer(image=image)))
    assert json.loads(text)["image"]["name"] == 'a"}\u202e\x1b.jpg'
    assert "\u202e" not in text


def test_a_case_without_an_answer_is_refused() -> None:
    with pytest.raises(InputError, match="street/main: has no answer yet"):
        case_json(case_view())
