"""Probabilities of named options: one letter per option, asked in several orders.

Models prefer some letters to others whatever they stand for, so every option stands under several
letters and the shares are averaged. No order is shown the reply to another: all but the first are
asked aside. Where the engine reports log-probabilities one token is enough; where it does not,
replies are sampled and counted.
"""

import asyncio
import math
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar

from geoagent_graph.call_log import log_note
from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.calibration import apply_temperature
from geoagent_graph.policies.model.chat import ChatModel, ChatRequest, Message, ask
from geoagent_graph.policies.model.reasoning import visible_part
from geoagent_graph.policies.model.replies import ReplyError, read_object
from geoagent_graph.policies.model.schemas import letter_schema

LETTERS: Final = "ABCDEFGHIJKLMNOPQRST"
MIN_LETTER_MASS: Final = 0.1
"""Below this share of the first token's probability the letters say nothing."""

MIN_FLOOR_SHARE: Final = 1e-4
"""What is left at least for letters that were not reported: log-probabilities are rounded."""
_AROUND_LETTER: Final = " .,):;(*`\"'[]{}"

_SAMPLED: Final = "there are no usable log-probabilities: choices are counted in sampled replies"

Method = Literal["logprobs", "samples"]
MessagesFor = Callable[[Sequence[tuple[str, str]]], Sequence[Message]]
"""Gives the conversation for (letter, name) options."""
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class ChoiceOptions:
    """How options are weighed: letter orders, replies sampled where there are no logprobs."""

    orders: int = 2
    samples: int = 8
    sample_temperature: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class OptionShares:
    """Shares of the options in the order given, summing to 1, and how they were found.

    `raw` are the model's own, `shares` those after the calibration's temperature.
    """

    raw: tuple[float, ...]
    shares: tuple[float, ...]
    method: Method
    asked: int

    def __str__(self) -> str:
        if self.method == "logprobs":
            return f"log-probabilities of one letter, {self.asked} letter orders"
        return f"{self.asked} sampled replies; the server gives no usable log-probabilities"


class Chooser:
    """Weighs options with one model; remembers when its log-probabilities are of no use."""

    def __init__(self, chat: ChatModel, options: ChoiceOptions) -> None:
        self._chat = chat
        self._options = options
        self._logprobs_work = True

    def over(self, chat: ChatModel) -> "Chooser":
        """Return a chooser that knows as much as this one and asks through another chat."""
        other = Chooser(chat, self._options)
        other._logprobs_work = self._logprobs_work
        return other

    async def weigh(
        self,
        names: Sequence[str],
        temperature: float,
        purpose: str,
        messages_for: MessagesFor,
    ) -> OptionShares:
        """Return the share of each name.

        Args:
            names: the options, at most `len(LETTERS)`.
            temperature: the calibration's: above 1 flattens the shares, below 1 sharpens them.
            purpose: name of the question in the trace.
            messages_for: gives the conversation for lettered options.

        Raises:
            PolicyError: the model cannot be asked, or gives no letter in any sample.
        """
        orders = letter_orders(len(names), self._options.orders)
        if self._logprobs_work:
            weighed = await self._by_logprobs(names, orders, purpose, messages_for)
            if weighed is not None:
                return _with_temperature(weighed, temperature)
            self._logprobs_work = False
        log_note(f"{self._chat.model}: {_SAMPLED}")
        return _with_temperature(
            await self._by_samples(names, orders, purpose, messages_for), temperature
        )

    async def _by_logprobs(
        self,
        names: Sequence[str],
        orders: Sequence[Sequence[int]],
        purpose: str,
        messages_for: MessagesFor,
    ) -> OptionShares | None:
        letters = tuple(LETTERS[: len(names)])

        async def one(order: Sequence[int]) -> tuple[float, ...] | None:
            request = ChatRequest(
                purpose=purpose,
                messages=messages_for(_letter_options(names, order)),
                max_tokens=1,
                letters=letters,
                seed=self._options.seed,
                aside=order is not orders[0],
            )
            reply = await ask(self._chat, request)
            return _shares_by_option(reply.letter_logprobs, letters, order)

        found = await _all_of([one(order) for order in orders])
        usable = [shares for shares in found if shares is not None]
        if len(usable) < len(found):
            return None
        raw = _mean_shares(usable)
        return OptionShares(raw, raw, "logprobs", len(usable))

    async def _by_samples(
        self,
        names: Sequence[str],
        orders: Sequence[Sequence[int]],
        purpose: str,
        messages_for: MessagesFor,
    ) -> OptionShares:
        options = self._options
        letters = LETTERS[: len(names)]

        async def one(number: int) -> int | None:
            order = orders[number % len(orders)]
            request = ChatRequest(
                purpose=purpose,
                messages=messages_for(_letter_options(names, order)),
                max_tokens=16,
                temperature=options.sample_temperature,
                seed=options.seed + number,
                schema=letter_schema(letters),
                aside=number > 0,
            )
            letter = _letter_of((await ask(self._chat, request)).text, letters)
            return None if letter is None else order[letters.index(letter)]

        chosen = await _all_of([one(number) for number in range(options.samples)])
        valid = [index for index in chosen if index is not None]
        if not valid:
            raise PolicyError(
                f"the model {self._chat.model} gave no letter in {len(chosen)} replies to a choice"
            )
        # half a count for every option: eight samples do not prove that something is impossible
        counts = [valid.count(index) + 0.5 for index in range(len(names))]
        raw = tuple(count / sum(counts) for count in counts)
        return OptionShares(raw, raw, "samples", len(valid))


def letter_orders(options: int, orders: int) -> list[list[int]]:
    """Return orders of the options in which each stands under different letters.

    Order k is the options turned by k parts of a circle, every second one read backwards.
    """
    found: dict[tuple[int, ...], None] = {}
    for number in range(orders):
        shift = (number // 2) * options // max(1, (orders + 1) // 2)
        turned = tuple((index + shift) % options for index in range(options))
        found[turned[::-1] if number % 2 else turned] = None
    return [list(order) for order in found]


async def _all_of(questions: Sequence[Coroutine[Any, Any, ResultT]]) -> list[ResultT]:
    """Return all results of concurrent questions; the first failure cancels the others.

    None is under way at the end, so that its connection is not left open behind a closed client.
    """
    tasks = [asyncio.create_task(question) for question in questions]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _letter_options(names: Sequence[str], order: Sequence[int]) -> list[tuple[str, str]]:
    return [(letter, names[index]) for letter, index in zip(LETTERS, order, strict=False)]


def _shares_by_option(
    logprobs: Mapping[str, float] | None, letters: Sequence[str], order: Sequence[int]
) -> tuple[float, ...] | None:
    """Return the shares by option from those by letter; None where they say too little.

    A letter that is not among the tokens reported gets half of the least one that is, and no more
    than its part of what those leave.
    """
    if not logprobs:
        return None
    known = {letter: math.exp(logprob) for letter, logprob in logprobs.items()}
    if math.fsum(known.values()) < MIN_LETTER_MASS:
        return None
    floor = _floor_share(known.values(), len(letters) - len(known))
    by_option = [0.0] * len(letters)
    for letter, index in zip(letters, order, strict=True):
        by_option[index] = known.get(letter, floor)
    total = math.fsum(by_option)
    return tuple(share / total for share in by_option)


def _floor_share(known: Collection[float], missing: int) -> float:
    if missing == 0:
        return 0.0
    left = max(MIN_FLOOR_SHARE, 1.0 - math.fsum(known))
    return min(min(known) / 2.0, left / missing)


def _letter_of(text: str, letters: str) -> str | None:
    """Return the letter of a sampled reply: of the JSON, or the one letter that stands alone."""
    try:
        value = read_object(text).get("letter")
    except ReplyError:
        words = visible_part(text)[:200].split()
        value = next((word for word in words if word.strip(_AROUND_LETTER) in letters), "")
    letter = str(value).strip(_AROUND_LETTER)
    return letter if len(letter) == 1 and letter in letters else None


def _mean_shares(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(math.fsum(column) / len(rows) for column in zip(*rows, strict=True))


def _with_temperature(weighed: OptionShares, temperature: float) -> OptionShares:
    return replace(weighed, shares=apply_temperature(weighed.raw, temperature))
