"""Turns of many conversations, generated together.

Conversations that run at the same time wait for each other: once every one of them waits for its
next turn or has ended, all turns that are waited for are generated as one batch. The batches are
the same in every run, however fast the tools answer, so that a resumed run samples the same turns.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedTurn:
    """The conversation `row` so far, as tokens, and the most tokens its next turn may have."""

    row: int
    tokens: tuple[int, ...]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class GeneratedTurn:
    """The tokens of a turn; `logprobs` where the sampler reports them."""

    tokens: list[int]
    logprobs: list[float] | None


Generate = Callable[[Sequence[WantedTurn]], Sequence[GeneratedTurn]]


class TurnBatches:
    """Collects turns in one event loop; every conversation says when it has ended."""

    def __init__(self, generate: Generate, conversations: int) -> None:
        self._generate = generate
        self._running = conversations
        self._waiting: list[tuple[WantedTurn, asyncio.Future[GeneratedTurn]]] = []

    async def turn(self, wanted: WantedTurn) -> GeneratedTurn:
        """Return a turn, once all other conversations wait for theirs."""
        future: asyncio.Future[GeneratedTurn] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        self._generate_when_all_wait()
        return await future

    def leave(self) -> None:
        """Say that one conversation has ended."""
        self._running -= 1
        self._generate_when_all_wait()

    def _generate_when_all_wait(self) -> None:
        if not self._waiting or len(self._waiting) < self._running:
            return
        batch = sorted(self._waiting, key=lambda waiting: waiting[0].row)
        self._waiting = []
        try:
            generated = self._generate([wanted for wanted, _ in batch])
        except Exception as error:  # noqa: BLE001 - each conversation must hear of it, none may hang
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), turn in zip(batch, generated, strict=True):
            if not future.done():
                future.set_result(turn)
