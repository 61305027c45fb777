"""Turns are generated together, and no conversation waits for another one's slow tool."""

import asyncio
from collections.abc import Sequence
from typing import Any

from geoagent_training.rollouts.turn_batches import GeneratedTurn, TurnBatches, WantedTurn


class Batches:
    """What was generated: the rows of every batch."""

    def __init__(self) -> None:
        self.rows: list[list[int]] = []

    def __call__(self, wanted: Sequence[WantedTurn]) -> list[GeneratedTurn]:
        self.rows.append([one.row for one in wanted])
        return [GeneratedTurn([one.row], None) for one in wanted]


async def converse(batches: TurnBatches, row: int, turns: int, tool: Any = None) -> None:
    for number in range(turns):
        if tool is not None and number == 1:
            await tool()
        assert (await batches.turn(WantedTurn(row, (1,), 4))).tokens == [row]
    batches.leave(row)


def test_all_that_are_ready_are_generated_together() -> None:
    made = Batches()

    async def everyone() -> None:
        batches = TurnBatches(made, 3)
        await asyncio.gather(*(converse(batches, row, 1 + row) for row in range(3)))

    asyncio.run(everyone())
    assert made.rows == [[0, 1, 2], [1, 2], [2]]


def test_a_slow_tool_holds_nobody_else() -> None:
    made = Batches()

    async def everyone() -> TurnBatches:
        batches = TurnBatches(made, 4, patience_seconds=0.0)
        others_done = asyncio.Event()  # the slow tool answers when nobody else is left

        async def others() -> None:
            await asyncio.gather(*(converse(batches, row, 5) for row in (0, 1, 3)))
            others_done.set()

        await asyncio.gather(others(), converse(batches, 2, 3, others_done.wait))
        return batches

    batches = asyncio.run(everyone())
    # one batch with all, four without the slow one, two of its own; waited for once, not each time
    assert made.rows == [[0, 1, 2, 3], *[[0, 1, 3]] * 4, [2], [2]]
    assert batches.left_behind == 4


def test_a_quick_tool_is_waited_for_so_that_batches_are_the_same_in_every_run() -> None:
    made = Batches()

    async def quick() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def everyone() -> TurnBatches:
        batches = TurnBatches(made, 2)
        await asyncio.gather(converse(batches, 0, 3), converse(batches, 1, 3, quick))
        return batches

    assert asyncio.run(everyone()).left_behind == 0
    assert made.rows == [[0, 1]] * 3


def test_what_one_conversation_asks_at_once_is_one_batch() -> None:
    made = Batches()

    async def everyone() -> None:
        batches = TurnBatches(made, 1)
        asked = (batches.turn(WantedTurn(0, (1,), 1, (7,))) for _ in range(3))
        await asyncio.gather(*asked)
        batches.leave(0)

    asyncio.run(everyone())
    assert made.rows == [[0, 0, 0]]


def test_a_conversation_that_comes_back_is_waited_for_again() -> None:
    made = Batches()

    async def everyone() -> None:
        batches = TurnBatches(made, 2, patience_seconds=0.0)
        twice = asyncio.Event()

        async def quick() -> None:
            await converse(batches, 0, 2)
            twice.set()

        await asyncio.gather(quick(), converse(batches, 1, 3, twice.wait))

    asyncio.run(everyone())
    assert made.rows == [[0, 1], [0], [1], [1]]
