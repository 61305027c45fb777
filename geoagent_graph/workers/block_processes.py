"""Blocks of Arrow rows through processes of this machine.

They are forked where that can be done, and so share what is loaded here. A process that dies takes
no other row with it than the one it died of.
"""

import functools
import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import GeoAgentError

if TYPE_CHECKING:
    import pyarrow as pa

_WAITING_PER_WORKER: Final = 2  # so that none waits for the next rows
_OPEN_ANSWER: Final[list[Callable[[], Any]]] = []
"""In a worker: returns what answers blocks, opened at the first."""


@dataclass(frozen=True, slots=True)
class BlockWork:
    """What processes do with blocks of rows.

    `open_answer` is called once in each process, at its first block, and returns what answers one;
    `fail` answers a block of one row that ended its process, or failed, by that error. Both are
    pickled where processes are not forked.
    """

    open_answer: "Callable[[], Callable[[pa.RecordBatch], pa.RecordBatch]]"
    fail: "Callable[[pa.RecordBatch, BaseException], pa.RecordBatch]"


def map_in_processes(
    blocks: "Iterator[pa.RecordBatch]", work: BlockWork, workers: int
) -> "Iterator[pa.RecordBatch]":
    """Yield what is answered to blocks, as it is done.

    A block that ends its process, or fails as a whole, is halved until the row is found that does
    it: that one becomes a failure.

    Raises:
        GeoAgentError: what a process raised: none could do better.
    """
    lost: deque[pa.RecordBatch] = deque()
    while True:
        with _pool_of(workers, work) as pool:
            yield from _run_pool(pool, blocks, workers, lost)
        if not lost:
            return
        while lost:
            yield from _answer_apart(lost.popleft(), work)


def start_method() -> str:
    """Return how processes begin: only Linux forks safely what macOS must start anew."""
    return "fork" if sys.platform.startswith("linux") else "spawn"


def _run_pool(
    pool: ProcessPoolExecutor,
    blocks: "Iterator[pa.RecordBatch]",
    workers: int,
    lost: "deque[pa.RecordBatch]",
) -> "Iterator[pa.RecordBatch]":
    """Yield what the processes answer until the blocks end or a process does.

    `lost` gets the blocks that are without an answer then.
    """
    running: dict[Future[pa.RecordBatch], pa.RecordBatch] = {}
    while True:
        while not lost and len(running) < _WAITING_PER_WORKER * workers:
            block = next(blocks, None)
            if block is None:
                break
            running[pool.submit(_answer_block, block)] = block
        if not running:
            return
        for done in wait(running, return_when=FIRST_COMPLETED).done:
            block, error = running.pop(done), done.exception()
            if isinstance(error, GeoAgentError):  # of the tools: no other process can open them
                raise error
            if error is None:
                yield done.result()
            else:
                lost.append(block)


def _answer_apart(block: "pa.RecordBatch", work: BlockWork) -> "Iterator[pa.RecordBatch]":
    """Yield the answers to a block from a process of its own, halved where that one ends too."""
    with _pool_of(1, work) as pool:
        future = pool.submit(_answer_block, block)
        error = future.exception()
    if error is None:
        yield future.result()
    elif isinstance(error, GeoAgentError):
        raise error
    elif block.num_rows == 1:
        yield work.fail(block, error)
    else:
        half = block.num_rows // 2
        yield from _answer_apart(block.slice(0, half), work)
        yield from _answer_apart(block.slice(half), work)


def _answer_block(block: "pa.RecordBatch") -> "pa.RecordBatch":
    """Return the answers to a block; it runs in a worker."""
    answers: pa.RecordBatch = _OPEN_ANSWER[0]()(block)
    return answers


@contextmanager
def _pool_of(workers: int, work: BlockWork) -> Iterator[ProcessPoolExecutor]:
    """Yield processes, forked from what is loaded here where that can be done."""
    gc.collect()
    gc.freeze()  # a collection would write to, and so copy, every page with an object
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context(start_method()),
        initializer=_begin_worker,
        initargs=(os.getpid(), work.open_answer),
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        gc.unfreeze()


def _begin_worker(parent_pid: int, open_answer: Callable[[], Any]) -> None:
    from geoagent_graph.allocator import bound_memory
    from geoagent_graph.workers.own_limits import end_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that keeps the results
    end_with_parent(parent_pid)
    bound_memory()
    _OPEN_ANSWER[:] = [functools.cache(open_answer)]
