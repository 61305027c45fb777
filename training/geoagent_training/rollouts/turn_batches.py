"""Turns of many conversations, generated together, none held up by another one's slow tool.

Once every conversation waits for its next turn or has ended, all turns that are waited for are
generated as one batch. A conversation that is still at its tools is waited for as long as
`patience_seconds` after the others are ready, and then no longer until it comes back by itself.
While all tools are quicker than that the batches are the same in every run, so that a resumed run
samples the same turns.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

DEFAULT_PATIENCE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class WantedTurn:
    """The conversation `row` so far, as tokens, and the most tokens its next turn may have.

    `letters` are the tokens of which one is asked for, with the log-probability of each wanted.
    """

    row: int
    tokens: tuple[int, ...]
    max_tokens: int
    letters: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratedTurn:
    """The tokens of a turn; `logprobs` where the sampler reports them.

    `letter_logprobs` are those of the letters asked for, in their order, as far as reported.
    """

    tokens: list[int]
    logprobs: list[float] | None
    letter_logprobs: tuple[float | None, ...] = ()


Generate = Callable[[Sequence[WantedTurn]], Sequence[GeneratedTurn]]


class Turns(Protocol):
    """Where conversations get their turns."""

    async def turn(self, wanted: WantedTurn) -> GeneratedTurn:
        """Return the next turn of a conversation."""
        ...

    def leave(self, row: int) -> None:
        """Say that a conversation has ended."""
        ...


class TurnBatches:
    """Collects turns in one event loop; every conversation says when it has ended.

    `left_behind` counts how often a batch was generated without waiting for a conversation.
    """

    def __init__(
        self,
        generate: Generate,
        conversations: int,
        patience_seconds: float = DEFAULT_PATIENCE_SECONDS,
    ) -> None:
        self._generate = generate
        self._running = set(range(conversations))
        self._late: set[int] = set()
        self._waiting: list[tuple[WantedTurn, asyncio.Future[GeneratedTurn]]] = []
        self._patience_seconds = patience_seconds
        self._timer: asyncio.TimerHandle | None = None
        self.left_behind = 0

    async def turn(self, wanted: WantedTurn) -> GeneratedTurn:
        """Return a turn, generated with those of the conversations that wait for theirs."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[GeneratedTurn] = loop.create_future()
        self._waiting.append((wanted, future))
        self._late.discard(wanted.row)
        loop.call_soon(self._generate_when_ready)  # what else a conversation asks comes first
        return await future

    def leave(self, row: int) -> None:
        """Say that one conversation has ended."""
        self._running.discard(row)
        self._late.discard(row)
        self._generate_when_ready()

    def _generate_when_ready(self) -> None:
        if not self._waiting:
            return
        missing = self._missing_rows()
        if not missing:
            self._generate_all()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._patience_seconds, self._wait_no_longer)

    def _missing_rows(self) -> set[int]:
        return self._running - self._late - {wanted.row for wanted, _ in self._waiting}

    def _wait_no_longer(self) -> None:
        self._timer = None
        self._late |= self._missing_rows()
        self._generate_when_ready()

    def _generate_all(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.left_behind += len(self._late)
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
