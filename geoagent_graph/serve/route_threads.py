"""The threads of the routes: no run works in them, so that routes answer while all runs work."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
MAX_ROUTE_THREADS: Final = 8
_THREADS: Final = ThreadPoolExecutor(MAX_ROUTE_THREADS, thread_name_prefix="route")


async def run_for_route(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns that takes a moment: it reads a trace, looks a name up.

    What may take seconds, a photo that is decoded say, has slots of its own.
    """
    call = partial(copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, call)
