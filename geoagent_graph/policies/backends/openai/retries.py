"""Calls that are tried again within a budget of tries and seconds."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

from pydantic import Field

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.backends.openai.faults import Fault, fault_of, fault_types
from geoagent_graph.settings import (
    DEFAULT_CALL_SECONDS,
    DEFAULT_QUESTION_SECONDS,
    CallSeconds,
    QuestionSeconds,
)
from geoagent_graph.types import FrozenModel

MAX_LIMIT_WAIT_SECONDS: Final = 60.0
_LIMIT_GROWTH: Final = 3.0
ResultT = TypeVar("ResultT")


class RetryOptions(FrozenModel):
    """How long and how often a server is asked.

    One call may take `call_seconds`; a question with all its retries `question_seconds`. A failed
    call is tried again after `backoff_seconds`, then twice as long, or as long as the server asks.
    A server that limits the rate of calls is asked `limited_attempts` times, after longer waits.
    """

    call_seconds: CallSeconds = DEFAULT_CALL_SECONDS
    question_seconds: QuestionSeconds = DEFAULT_QUESTION_SECONDS
    connect_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    limited_attempts: Annotated[int, Field(ge=1, le=50)] = 10
    backoff_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5


async def call_with_retries(
    call: Callable[[], Awaitable[ResultT]], options: RetryOptions, named: str, secret: str
) -> ResultT:
    """Return what a call returns, trying again within the budget.

    Raises:
        PolicyError: the last fault of the server `named`, with the number of tries and seconds; the
            fault is its cause.
    """
    now = asyncio.get_running_loop().time  # the clock of the timeouts
    began = now()
    failed = limited = 0
    allowed = ""
    while True:
        left = options.question_seconds - (now() - began)
        try:
            async with asyncio.timeout(max(0.001, min(options.call_seconds, left))):
                return await call()
        except fault_types() as error:
            fault = fault_of(error, secret)
        failed, limited = (failed, limited + 1) if fault.limited else (failed + 1, limited)
        spent = now() - began
        if not fault.retry or failed >= options.attempts or limited >= options.limited_attempts:
            break
        wait = fault.wait_seconds
        if wait is None:
            wait = _pause_seconds(options, fault, failed + limited)
        if spent + wait >= options.question_seconds:
            allowed = f"; the next try would pass the {options.question_seconds:g} s allowed"
            break
        await asyncio.sleep(wait)
    tries = failed + limited
    tried = f" (tried {tries} times in {spent:.0f} s)" if tries > 1 else ""
    raise PolicyError(f"model server {named}: {fault}{allowed}{tried}") from fault


def _pause_seconds(options: RetryOptions, fault: Fault, tries: int) -> float:
    """Return the seconds to wait where the server does not say, a little at random."""
    growth = _LIMIT_GROWTH if fault.limited else 2.0
    pause = min(options.backoff_seconds * growth ** (tries - 1), MAX_LIMIT_WAIT_SECONDS)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311
