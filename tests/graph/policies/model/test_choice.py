"""Shares of lettered options, by log-probabilities or by samples, against values by hand."""

import math
from collections.abc import Mapping, Sequence

import pytest

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.chat import ChatReply, Message
from geoagent_graph.policies.model.choice import ChoiceOptions, Chooser, OptionShares, letter_orders
from geoagent_graph.testing.scripted_chat import ScriptedChat

NAMES = ("Spain", "Portugal")


def messages_for(options: Sequence[tuple[str, str]]) -> list[Message]:
    return [Message("user", ("\n".join(f"{letter}. {name}" for letter, name in options),))]


def letters(**shares: float) -> ChatReply:
    logprobs: Mapping[str, float] = {name: math.log(share) for name, share in shares.items()}
    return ChatReply("A", letter_logprobs=logprobs)


async def weigh(
    replies: Sequence[ChatReply | str], temperature: float = 1.0, samples: int = 3
) -> tuple[OptionShares, ScriptedChat]:
    chat = ScriptedChat(replies=replies)
    chooser = Chooser(chat, ChoiceOptions(orders=2, samples=samples))
    return await chooser.weigh(NAMES, temperature, "choice.country", messages_for), chat


def test_every_option_stands_under_several_letters() -> None:
    assert letter_orders(3, 2) == [[0, 1, 2], [2, 1, 0]]
    assert letter_orders(4, 4) == [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1], [1, 0, 3, 2]]
    assert letter_orders(1, 4) == [[0]]
    for order in letter_orders(7, 4):
        assert sorted(order) == [*range(7)]


async def test_a_preference_for_a_letter_cancels_out() -> None:
    weighed, chat = await weigh([letters(A=0.8, B=0.2), letters(A=0.8, B=0.2)])
    assert weighed.raw == pytest.approx((0.5, 0.5))
    assert [request.messages[0].parts for request in chat.asked] == [
        ("A. Spain\nB. Portugal",),
        ("A. Portugal\nB. Spain",),
    ]
    assert str(weighed) == "log-probabilities of one letter, 2 letter orders"


async def test_shares_are_averaged_and_then_flattened_by_the_temperature() -> None:
    # Spain has 0.6 as A and 0.8 as B; odds of 7 to 3 become their root
    weighed, _ = await weigh([letters(A=0.6, B=0.4), letters(A=0.2, B=0.8)], temperature=2.0)
    assert weighed.raw == pytest.approx((0.7, 0.3))
    assert weighed.shares[0] / weighed.shares[1] == pytest.approx(math.sqrt(7 / 3))


async def test_a_letter_that_is_not_reported_gets_no_more_than_what_is_left() -> None:
    weighed, _ = await weigh([letters(A=0.8), letters(B=0.8)])
    assert weighed.raw == pytest.approx((0.8, 0.2))
    weighed, _ = await weigh([letters(A=0.2), letters(B=0.2)])
    assert weighed.raw == pytest.approx((2 / 3, 1 / 3))


async def test_letters_that_say_nothing_are_replaced_by_samples() -> None:
    # of three samples Portugal gets B, A of the turned order and B again: 3.5 of 4 half counts
    dull = letters(A=0.04, B=0.05)
    weighed, chat = await weigh([dull, dull, '{"letter": "B"}', "A.", '{"letter": "B"}'])
    assert weighed.raw == pytest.approx((0.5 / 4, 3.5 / 4))
    assert (weighed.method, weighed.asked) == ("samples", 3)
    assert [request.seed for request in chat.asked[2:]] == [0, 1, 2]


async def test_replies_without_any_letter_are_an_error() -> None:
    with pytest.raises(PolicyError, match="scripted gave no letter in 2 replies to a choice"):
        await weigh([ChatReply("?"), ChatReply("?"), "neither", '{"letter": "Z"}'], samples=2)
