"""The engine `local`: processes of this machine, forked from one that has the tools open.

They share the place tables, which are mapped, and the pages of models and modules that nobody
writes to. A process that dies takes no other photo with it than the one it died of.
"""

import gc
import io
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from geoagent_graph.batch.locate_rows import batch_of_rows, locate_batch, row_of_result
from geoagent_graph.batch.options import BatchOptions, BatchTools, open_tools
from geoagent_graph.batch.photo_source import PhotoSource
from geoagent_graph.errors import GeoAgentError, ToolError

if TYPE_CHECKING:
    import pyarrow as pa

_WAITING_PER_WORKER: Final = 2  # so that none waits for the next rows
_WARM_SIZE_PX: Final = (640, 320)
_WARM_LINES: Final = (
    "Restaurant Central",
    "Rua Direita 24",
    "Tel. 0234 381 245",
    "www.sol-hotel.pt",
)


def locate_locally(
    chunks: "Iterator[pa.RecordBatch]", options: BatchOptions, workers: int
) -> "Iterator[pa.RecordBatch]":
    """Yield the answers to chunks of rows as they are done, each chunk's with its column `row`.

    A chunk that ends its process, or fails as a whole, is halved until the photo is found that
    does it: that one becomes a failure.

    Raises:
        GeoAgentError: the tools cannot be opened.
    """
    tools = open_tools(options)
    if _start_method() == "fork":
        warm_tools(tools)
    lost: deque[pa.RecordBatch] = deque()
    while True:
        with _pool_of(workers) as pool:
            yield from _run_pool(pool, chunks, options, workers, lost)
        if not lost:
            return
        while lost:
            yield from _locate_apart(lost.popleft(), options)


def _run_pool(
    pool: ProcessPoolExecutor,
    chunks: "Iterator[pa.RecordBatch]",
    options: BatchOptions,
    workers: int,
    lost: "deque[pa.RecordBatch]",
) -> "Iterator[pa.RecordBatch]":
    """Yield what the processes answer until the chunks end or a process does.

    `lost` gets the chunks that are without an answer then.
    """
    running: dict[Future[pa.RecordBatch], pa.RecordBatch] = {}
    while True:
        while not lost and len(running) < _WAITING_PER_WORKER * workers:
            chunk = next(chunks, None)
            if chunk is None:
                break
            running[pool.submit(_locate_chunk, chunk, options)] = chunk
        if not running:
            return
        for done in wait(running, return_when=FIRST_COMPLETED).done:
            chunk, error = running.pop(done), done.exception()
            if isinstance(error, GeoAgentError):  # of the tools: no other process can open them
                raise error
            if error is None:
                yield done.result()
            else:
                lost.append(chunk)


def _locate_apart(chunk: "pa.RecordBatch", options: BatchOptions) -> "Iterator[pa.RecordBatch]":
    """Yield the answers to a chunk from a process of its own, halved where that one ends too."""
    with _pool_of(1) as pool:
        future = pool.submit(_locate_chunk, chunk, options)
        error = future.exception()
    if error is None:
        yield future.result()
    elif chunk.num_rows == 1:
        yield _failure_of(chunk, error)
    else:
        half = chunk.num_rows // 2
        yield from _locate_apart(chunk.slice(0, half), options)
        yield from _locate_apart(chunk.slice(half), options)


def _failure_of(chunk: "pa.RecordBatch", error: BaseException) -> "pa.RecordBatch":
    source = PhotoSource.of_row(chunk.to_pylist()[0])
    why = ToolError(f"{source.name}: ended the process that located it ({type(error).__name__})")
    return with_row_numbers(batch_of_rows([row_of_result(source, why)]), chunk)


def _locate_chunk(chunk: "pa.RecordBatch", options: BatchOptions) -> "pa.RecordBatch":
    """Return the answers to a chunk; it runs in a worker."""
    from geoagent_graph.allocator import give_back_memory

    answers = with_row_numbers(locate_batch(chunk, options), chunk)
    give_back_memory()
    return answers


def with_row_numbers(answers: "pa.RecordBatch", chunk: "pa.RecordBatch") -> "pa.RecordBatch":
    """Return answers with the column `row` of the chunk they answer."""
    return answers.append_column("row", chunk["row"])


@contextmanager
def _pool_of(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yield processes, forked from what is loaded here where that can be done."""
    gc.collect()
    gc.freeze()  # a collection would write to, and so copy, every page with an object
    context = multiprocessing.get_context(_start_method())
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin_worker, initargs=(os.getpid(),)
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        gc.unfreeze()


def _start_method() -> str:
    """Return how workers begin: only Linux forks safely what macOS must start anew."""
    return "fork" if sys.platform.startswith("linux") else "spawn"


def _begin_worker(parent_pid: int) -> None:
    from geoagent_graph.allocator import bound_memory
    from geoagent_graph.workers.own_limits import end_with_parent

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that keeps the shards
    end_with_parent(parent_pid)
    bound_memory()


def warm_tools(tools: BatchTools) -> None:
    """Load what reads photos and weighs them, so that processes forked from this one share it."""
    from geoagent_graph.api import locate_sync

    answer = locate_sync(_warm_photo(), toolbox=tools.reading, options=tools.run)
    batch_of_rows([row_of_result(PhotoSource("sign", "sign"), answer)])  # Arrow's modules


def _warm_photo() -> bytes:
    """Return a small drawn photo of a sign, as PNG: its lines ask for the tables of names."""
    from PIL import Image, ImageDraw

    photo = Image.new("RGB", _WARM_SIZE_PX, "white")
    draw = ImageDraw.Draw(photo)
    for number, line in enumerate(_WARM_LINES):
        draw.text((20, 20 + 60 * number), line, fill="black", font_size=32)
    file = io.BytesIO()
    photo.save(file, "PNG")
    return file.getvalue()
