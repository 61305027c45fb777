"""The engine `ray`: the same rows through actors of Ray Data, on this machine or a cluster.

Ray restarts an actor that dies and gives its rows to another. Every actor opens the tools once; on
other machines they need this package, the index and the weights under the same paths, and the
environment that holds keys.
"""

from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.batch.locate_rows import locate_batch
from geoagent_graph.batch.options import BatchOptions, open_tools
from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.settings import prepare_ray

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

_NEEDS: Final = "--engine ray: needs the extra `ray`; install geoagent-graph[ray]"
_ROWS_AT_ONCE: Final = 100_000


class LocatingActor:
    """Answers blocks of rows; Ray opens one in each of its processes."""

    def __init__(self, options: BatchOptions) -> None:
        self._options = options
        open_tools(options)

    def __call__(self, block: "pa.Table") -> "pa.Table":
        """Return the answers to a block, with its column `row`."""
        import pyarrow as pa

        answers = [
            locate_batch(batch, self._options).append_column("row", batch["row"])
            for batch in block.to_batches()
        ]
        return pa.Table.from_batches(answers)


def locate_on_ray(
    chunks: "Iterator[pa.RecordBatch]", options: BatchOptions, workers: int
) -> "Iterator[pa.RecordBatch]":
    """Yield the answers to chunks of rows as they are done, with their column `row`.

    Args:
        chunks: rows as `locate_batch` takes them, and `row`.
        options: what photos are located with.
        workers: actors; each takes one CPU.

    Raises:
        InputError: Ray is not installed.
        ToolError: Ray could not be started, or gave up.
    """
    prepare_ray()
    try:
        import ray
    except ImportError as error:
        raise InputError(_NEEDS) from error
    is_ours = not ray.is_initialized()
    try:
        if is_ours:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="warning")
        while tables := _take_tables(chunks):
            yield from _run_actors(tables, options, workers)
    except ray.exceptions.RayError as error:
        raise ToolError(f"Ray gave up: {_first_line(error)}") from error
    finally:
        if is_ours:
            ray.shutdown()


def _run_actors(
    tables: "list[pa.Table]", options: BatchOptions, workers: int
) -> "Iterator[pa.RecordBatch]":
    import ray

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    located = ray.data.from_arrow(tables).map_batches(
        LocatingActor,
        fn_constructor_kwargs={"options": options},
        batch_format="pyarrow",
        batch_size=None,  # a block is one chunk
        compute=ray.data.ActorPoolStrategy(size=workers),
        num_cpus=1,
    )
    for answers in located.iter_batches(
        batch_size=None, batch_format="pyarrow", prefetch_batches=0
    ):
        yield from answers.to_batches()


def _take_tables(chunks: "Iterator[pa.RecordBatch]") -> "list[pa.Table]":
    """Return the next chunks as tables, as many as Ray is given at a time."""
    import pyarrow as pa

    tables, rows = [], 0
    for chunk in chunks:
        tables.append(pa.Table.from_batches([chunk]))
        rows += chunk.num_rows
        if rows >= _ROWS_AT_ONCE:
            break
    return tables


def _first_line(error: Any) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__
