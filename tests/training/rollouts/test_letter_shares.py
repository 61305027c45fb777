"""Letter probabilities are those of the model, whatever the sampler reports of them."""

import math

import pytest
from geoagent_training.rollouts.letter_shares import letter_logprobs, logprob_of_sample

from geoagent_graph.policies.model.choice import _shares_by_option


def test_the_temperature_of_sampling_is_taken_out() -> None:
    shares = [0.7, 0.2, 0.1]
    tempered = [math.log(share) / 0.5 for share in shares]
    total = math.log(math.fsum(math.exp(one) for one in tempered))
    reported = [one - total for one in tempered]
    found = letter_logprobs((5, 6, 7), (6, 5, 7), [reported[1], reported[0], reported[2]], 0.5)
    assert [math.exp(one or 0.0) for one in found] == pytest.approx(shares)


def test_a_letter_that_is_not_reported_is_left_to_the_chooser() -> None:
    found = letter_logprobs((5, 6, 7), (5, 6, 9), [-0.1, -2.5, -1.0], 1.0)
    assert found[2] is None
    known = {"A": found[0], "B": found[1]}
    shares = _shares_by_option({k: v for k, v in known.items() if v is not None}, "ABC", (0, 1, 2))
    assert shares is not None
    assert shares[0] > 0.9 > shares[1] > shares[2] > 0.0
    assert letter_logprobs((5,), (9,), [-0.1], 0.7) == (None,)


@pytest.mark.parametrize("value", [None, math.nan, -math.inf])
def test_what_is_no_number_counts_for_nothing(value: float | None) -> None:
    assert letter_logprobs((5, 6), (5, 6), [value, -1.0], 1.0) == (None, 0.0)


def test_the_log_probability_of_the_sampled_token_is_found_among_the_likeliest() -> None:
    assert logprob_of_sample(4, (9, 4), (-0.1, -2.0)) == -2.0
    assert math.isnan(logprob_of_sample(4, (9,), (-0.1,)))
    assert math.isnan(logprob_of_sample(4, (4,), (None,)))
