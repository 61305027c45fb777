"""The engine `ray`: the same rows through actors of Ray, on this machine or a cluster."""

import functools
from typing import TYPE_CHECKING

from geoagent_graph.batch.local_engine import fail_photo, open_locator
from geoagent_graph.batch.options import BatchOptions
from geoagent_graph.workers.block_actors import map_on_ray
from geoagent_graph.workers.block_processes import BlockWork

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


def locate_on_ray(
    chunks: "Iterator[pa.RecordBatch]", options: BatchOptions, workers: int
) -> "Iterator[pa.RecordBatch]":
    """Yield the answers to chunks of rows as they are done, with their column `row`.

    A photo that ends its actor each time becomes a failure, and takes no other with it.

    Args:
        chunks: rows as `locate_batch` takes them, and `row`.
        options: what photos are located with.
        workers: actors at most; each takes one CPU.

    Raises:
        InputError: Ray is not installed.
        ToolError: Ray could not be started, or gave up.
    """
    work = BlockWork(functools.partial(open_locator, options), fail_photo)
    return map_on_ray(chunks, work, workers)
