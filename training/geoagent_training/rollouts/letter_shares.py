"""Probabilities of letters, from what a sampler reports of one place."""

import math
from collections.abc import Sequence


def logprob_of_sample(token: int, ids: Sequence[int], logprobs: Sequence[float | None]) -> float:
    """Return the log-probability of the sampled token; NaN where the sampler reports none."""
    found = dict(zip(ids, logprobs, strict=True)).get(token)
    return math.nan if found is None else found


def letter_logprobs(
    letters: Sequence[int],
    ids: Sequence[int],
    logprobs: Sequence[float | None],
    temperature: float,
) -> tuple[float | None, ...]:
    """Return the log-probability of each letter among those reported, without the temperature.

    What is sampled at a temperature has log-probabilities divided by it; a server that is asked for
    letters reports those of the model itself. None for a letter that is not reported.

    Args:
        letters: the tokens of the letters.
        ids: the tokens reported.
        logprobs: what is reported of them.
        temperature: at which they were sampled; 0 is taken as 1.
    """
    reported = dict(zip(ids, logprobs, strict=True))
    scale = temperature or 1.0
    raw = [reported.get(letter) for letter in letters]
    plain = [None if one is None or not math.isfinite(one) else scale * one for one in raw]
    known = [one for one in plain if one is not None]
    if not known:
        return tuple(plain)
    most = max(known)
    total = most + math.log(math.fsum(math.exp(one - most) for one in known))
    return tuple(None if one is None else one - total for one in plain)
