"""What a run asks of a model server is said before and after it, and can be bounded."""

from functools import partial
from typing import Any

import pytest

from geoagent_graph.cli.model_costs import check_prices, expected_costs, spent
from geoagent_graph.errors import InputError
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.types import Answer, Usage
from tests.support.answers import porto_answer

served = partial(PolicyOptions, policy="served", base_url="http://x/v1", model="m")


def test_what_a_run_will_take_is_said() -> None:
    said = expected_costs(served(), 100, (2.5, 10.0))
    assert said == (
        "100 photos take about 900 calls, 686,700 tokens in and 70,000 out, 2.42 dollars"
    )
    drafted = expected_costs(served(mode="draft", max_calls=50), 100, None)
    assert drafted == (
        "100 photos take about 100 calls, 76,300 tokens in and 40,000 out; stops after 50 calls"
    )


@pytest.mark.parametrize(("options", "photos"), [(PolicyOptions(), 100), (served(), 1)])
def test_nothing_is_said_where_nothing_is_to_be_paid(options: Any, photos: int) -> None:
    assert expected_costs(options, photos, None) is None


def test_what_answers_took_is_added_up() -> None:
    usage = Usage(calls=9, prompt_tokens=7000, completion_tokens=500)
    answers: list[Answer] = [porto_answer().model_copy(update={"usage": usage})] * 2
    said = spent(answers, (1.0, 2.0))
    assert said == "the answers took 18 calls, 14,000 tokens in and 1,000 out, 0.02 dollars"
    assert spent([porto_answer(usage=Usage())], None) is None


@pytest.mark.parametrize("prices", [(-1.0, 0.0), (0.0, float("inf")), (float("nan"), 1.0)])
def test_prices_are_numbers_of_dollars(prices: tuple[float, float]) -> None:
    with pytest.raises(InputError, match=r"^--price"):
        check_prices(prices)
    assert check_prices(None) is None
