"""Blocks of Arrow rows through actors of Ray Data, on this machine or a cluster.

Ray restarts an actor that dies and gives its rows to another. On other machines the actors need
this package, and what they open, under the same paths, and the environment that holds keys.
"""

import contextlib
import logging
import sys
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.settings import prepare_ray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

_NEEDS: Final = "--engine ray: needs the extra `ray`; install geoagent-graph[ray]"
_OWN_ERRORS: Final = f"{InputError.__module__}."
_ROWS_AT_ONCE: Final = 100_000


class BlockActor:
    """Answers blocks of rows; Ray makes one in each of its processes."""

    def __init__(
        self, open_answer: "Callable[[], Callable[[pa.RecordBatch], pa.RecordBatch]]"
    ) -> None:
        self._answer = open_answer()

    def __call__(self, block: "pa.Table") -> "pa.Table":
        """Return the answers to a block."""
        import pyarrow as pa

        return pa.Table.from_batches([self._answer(batch) for batch in block.to_batches()])


def import_ray() -> Any:
    """Return the module `ray`, kept from reporting its use.

    Raises:
        InputError: Ray is not installed.
    """
    prepare_ray()
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise InputError(_NEEDS) from error
    return ray


def map_on_ray(
    blocks: "Iterator[pa.RecordBatch]",
    open_answer: "Callable[[], Callable[[pa.RecordBatch], pa.RecordBatch]]",
    workers: int,
) -> "Iterator[pa.RecordBatch]":
    """Yield what is answered to blocks, as it is done.

    Args:
        blocks: small ones; each goes to an actor whole.
        open_answer: called once in each actor; returns what answers a block. It is pickled.
        workers: actors; each takes one CPU.

    Raises:
        InputError: Ray is not installed.
        ToolError: Ray could not be started, or gave up, or what an actor raised, in its words.
    """
    ray = import_ray()
    is_ours = not ray.is_initialized()
    # Ray tells of dead actors on stdout, which is for results.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            if is_ours:
                ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
            while tables := _take_tables(blocks):
                yield from _run_actors(ray, tables, open_answer, workers)
        except ray.exceptions.RayError as error:
            raise ToolError(words_of(str(error))) from error
        finally:
            if is_ours:
                ray.shutdown()


def _run_actors(
    ray: Any,
    tables: "list[pa.Table]",
    open_answer: "Callable[[], Callable[[pa.RecordBatch], pa.RecordBatch]]",
    workers: int,
) -> "Iterator[pa.RecordBatch]":
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    answered = ray.data.from_arrow(tables).map_batches(
        BlockActor,
        fn_constructor_kwargs={"open_answer": open_answer},
        batch_format="pyarrow",
        batch_size=None,  # a block stays one
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
    )
    for answers in answered.iter_batches(
        batch_size=None, batch_format="pyarrow", prefetch_batches=0
    ):
        yield from answers.to_batches()


def _take_tables(blocks: "Iterator[pa.RecordBatch]") -> "list[pa.Table]":
    """Return the next blocks as tables, as many as Ray is given at a time."""
    import pyarrow as pa

    tables, rows = [], 0
    for block in blocks:
        tables.append(pa.Table.from_batches([block]))
        rows += block.num_rows
        if rows >= _ROWS_AT_ONCE:
            break
    return tables


def words_of(trace: str) -> str:
    """Return what an error of Ray is about: the last one of ours in its text, else its end.

    The error itself does not come with it from another process.
    """
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    ours = [line.partition(": ")[2] for line in lines if line.startswith(_OWN_ERRORS)]
    return ours[-1] if ours else f"Ray gave up: {lines[-1] if lines else 'it says no reason'}"
