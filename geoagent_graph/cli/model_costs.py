"""What a run asks of a model server: calls, tokens and money, before it begins and afterwards."""

import math
from typing import TYPE_CHECKING, Final

from geoagent_graph.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoagent_graph.policies.options import PolicyOptions
    from geoagent_graph.types import Answer, Usage

Prices = tuple[float, float]
"""Dollars for a million tokens in, and for a million out."""

CALLS_A_PHOTO: Final = {"graph": 9, "draft": 1, "conversation": 9}
"""Calls of a clear case; more where the model uses tools or replies have to be sampled."""
_TEXT_TOKENS_A_CALL: Final = 400
_REPLY_TOKENS_A_PHOTO: Final = {"graph": 700, "draft": 400, "conversation": 700}
_PIXELS_A_TOKEN: Final = 28 * 28  # of Qwen's vision towers


def check_prices(prices: Prices | None) -> Prices | None:
    """Return the prices.

    Raises:
        InputError: one is negative or not finite.
    """
    if prices is not None and not all(0.0 <= price < math.inf for price in prices):
        raise InputError("--price: give two numbers of dollars, for a million tokens in and out")
    return prices


def expected_costs(options: "PolicyOptions", photos: int, prices: Prices | None) -> str | None:
    """Return what locating so many photos will about take; None where no server is asked.

    Counted for clear cases and a model of Qwen's kind: it is an estimate, not a bound.
    """
    if options.policy != "served" or photos < 2:
        return None
    calls = CALLS_A_PHOTO[options.mode]
    picture = options.picture_pixels // _PIXELS_A_TOKEN if options.vision else 0
    tokens = (
        photos * calls * (picture + _TEXT_TOKENS_A_CALL),
        photos * _REPLY_TOKENS_A_PHOTO[options.mode],
    )
    stops = "" if options.max_calls is None else f"; stops after {options.max_calls} calls"
    said = _in_words(photos * calls, tokens, prices)
    return f"{photos} photos take about {said}{stops}"


def spent(answers: "Sequence[Answer]", prices: Prices | None) -> str | None:
    """Return what answers took; None where no model was asked."""
    used: list[Usage] = [answer.usage for answer in answers if answer.usage.calls]
    if not used:
        return None
    tokens = (sum(u.prompt_tokens for u in used), sum(u.completion_tokens for u in used))
    return f"the answers took {_in_words(sum(u.calls for u in used), tokens, prices)}"


def _in_words(calls: int, tokens: tuple[int, int], prices: Prices | None) -> str:
    said = f"{calls:,} calls, {tokens[0]:,} tokens in and {tokens[1]:,} out"
    if prices is None:
        return said
    dollars = math.fsum(t * price for t, price in zip(tokens, prices, strict=True)) / 1e6
    return f"{said}, {dollars:,.2f} dollars"
