"""The clock of the running event loop, moved by a test so that no limit is waited for."""

import asyncio
from collections.abc import Callable


def move_clock(seconds: float) -> None:
    """Let the event loop's time jump: timeouts and sleeps of that length are over at once."""
    loop = asyncio.get_running_loop()
    clock = loop.time if isinstance(loop.time, _MovedTime) else _MovedTime(loop.time)
    clock.ahead_seconds += seconds
    loop.time = clock  # type: ignore[method-assign]


def move_clock_soon(seconds: float, jumps: int = 1) -> None:
    """Move the clock in equal jumps; what is ready to be sent or read by then comes first."""

    def jump(left: int) -> None:
        move_clock(seconds / jumps)
        if left > 1:
            loop.call_later(0.01, jump, left - 1)

    loop = asyncio.get_running_loop()
    loop.call_later(0.01, jump, jumps)


class _MovedTime:
    """The time of a loop and what a test has added to it."""

    def __init__(self, real_time: Callable[[], float]) -> None:
        self._real_time = real_time
        self.ahead_seconds = 0.0

    def __call__(self) -> float:
        return self._real_time() + self.ahead_seconds
