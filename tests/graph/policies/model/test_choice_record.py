"""A choice that is written into a step comes back from the answer's trace as it was made."""

import pytest

from geoagent_graph.call_log import open_call_log
from geoagent_graph.policies.model.choice import OptionShares
from geoagent_graph.policies.model.choice_record import log_choice, read_choices
from geoagent_graph.testing.scripted import EUROPE, PORTUGAL, SPAIN
from geoagent_graph.types import Answer, AnswerPlace, Hypothesis, Step, ToolCall
from tests.support.situations import situation

WEIGHED = OptionShares((1 / 3, 0.5, 1 / 6), (0.3, 0.6, 0.1), "logprobs", 2)


def recorded_calls() -> list[ToolCall]:
    calls = open_call_log()
    log_choice(situation("country", EUROPE), (SPAIN, PORTUGAL), WEIGHED)
    return calls


def answer_of(*calls: ToolCall, node: str = "propose", listed: bool = True) -> Answer:
    hypotheses = [
        Hypothesis(level="country", place=place, prior=0.3, probability=0.3, reason="")
        for place in (PORTUGAL, SPAIN)
    ]
    detail = {"hypotheses": [h.model_dump(mode="json") for h in hypotheses]} if listed else {}
    step = Step.model_validate(
        {
            "index": 0, "node": node, "level": "country", "summary": "", "seconds": 0,
            "tools": calls, "detail": detail,
        }
    )  # fmt: skip
    return Answer(
        image=situation("country").image, place=AnswerPlace(), lat_deg=0, lon_deg=0, radius_km=1,
        level="none", probability=0, levels={}, clues=(), trace=(step,), policy="p", seconds=0,
    )  # fmt: skip


def test_a_choice_comes_back_in_its_order_before_any_calibration() -> None:
    (found,) = read_choices(answer_of(*recorded_calls()))
    assert found.places == (SPAIN, PORTUGAL)
    assert found.shares == pytest.approx(WEIGHED.raw, abs=1e-9)
    assert (found.level, found.within) == ("country", "continent:EU")


def test_what_was_no_choice_of_a_proposal_is_left_out() -> None:
    (call,) = recorded_calls()
    other = call.model_copy(update={"tool": "model"})
    assert read_choices(answer_of(other)) == []
    assert read_choices(answer_of(call, node="judge")) == []
    assert read_choices(answer_of(call, listed=False)) == []


def test_a_choice_of_places_that_the_step_does_not_list_is_left_out() -> None:
    (call,) = recorded_calls()
    unknown = {**call.arguments, "places": ["country:ES", "country:XX"]}
    assert read_choices(answer_of(call.model_copy(update={"arguments": unknown}))) == []
