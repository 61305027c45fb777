"""The work of a batch: Arrow rows that name photos in, Arrow rows of answers out."""

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.batch.options import BatchOptions, BatchTools, open_tools
from geoagent_graph.batch.photo_source import PhotoSource, read_source
from geoagent_graph.errors import GeoAgentError, InputError
from geoagent_graph.state import dump
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer

if TYPE_CHECKING:
    import pyarrow as pa

UNEXPECTED: Final = "Unexpected"
"""The kind of a failure that nobody raised on purpose."""


def locate_batch(batch: "pa.RecordBatch", options: BatchOptions | None = None) -> "pa.RecordBatch":
    """Return one row of answers for every row of photos, in their order.

    The result depends on the rows, the options and the files they name alone, but for its column
    `seconds`. A photo that fails has `error` and `error_kind` and stops no other. The tools are
    opened at the first call in a process. Any engine that maps Arrow batches can run it.

    Args:
        batch: `photo` is a path, a URL or a name; `bytes`, where given, is the image file itself.
            `location`, `offset` and `length` may say where the bytes are, `problem` that there are
            none. Further columns are ignored.
        options: None takes the policy `evidence` and the settings.

    Returns:
        The columns of `geoagent locate --parquet`, `error_kind`, and `answer`, the whole answer
        with its steps and evidence as JSON.

    Raises:
        InputError: `batch` has no column `photo`.
        GeoAgentError: the tools themselves cannot be opened.
    """
    if "photo" not in batch.schema.names:
        raise InputError("locate_batch: the batch has no column `photo`; name paths or URLs in it")
    chosen = options or BatchOptions()
    tools = open_tools(chosen)
    sources = [PhotoSource.of_row(row) for row in batch.to_pylist()]
    results = _run_apart(sources, tools, chosen.in_flight)
    return batch_of_rows([row_of_result(*pair) for pair in zip(sources, results, strict=True)])


def answers_schema() -> "pa.Schema":
    """Return the columns that `locate_batch` returns."""
    import pyarrow as pa

    from geoagent_graph.render.formats.answer_rows import geoparquet_schema

    found = geoparquet_schema()
    return found.append(pa.field("error_kind", pa.string())).append(pa.field("answer", pa.string()))


def batch_of_rows(rows: Sequence[dict[str, Any]]) -> "pa.RecordBatch":
    """Return rows as `locate_batch` returns them."""
    import pyarrow as pa

    return pa.RecordBatch.from_pylist(list(rows), schema=answers_schema())


def row_of_result(source: PhotoSource, result: Answer | BaseException) -> dict[str, Any]:
    """Return the row of a photo that was located, or of what went wrong with it."""
    from geoagent_graph.render.formats.answer_rows import geo_row_of
    from geoagent_graph.render.formats.format import Failure
    from geoagent_graph.render.formats.json_answer import json_text
    from geoagent_graph.safe_text import visible

    if isinstance(result, Answer):
        return {**geo_row_of(result), "photo": source.name, "answer": json_text(dump(result))}
    if isinstance(result, GeoAgentError):
        kind, words = type(result).__name__, str(result)
    else:
        kind, words = UNEXPECTED, f"{type(result).__name__}: {result}"
    failure = Failure(source.name, visible(words))
    return {**geo_row_of(failure), "error_kind": kind}


def _run_apart(
    sources: Sequence[PhotoSource], tools: BatchTools, in_flight: int
) -> list[Answer | BaseException]:
    """Return the results from an event loop of its own, also where one runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_locate_all(sources, tools, in_flight))
    with ThreadPoolExecutor(1, thread_name_prefix="locate-batch") as pool:
        return pool.submit(asyncio.run, _locate_all(sources, tools, in_flight)).result()


async def _locate_all(
    sources: Sequence[PhotoSource], tools: BatchTools, in_flight: int
) -> list[Answer | BaseException]:
    slots = asyncio.Semaphore(in_flight)
    async with contextlib.aclosing(tools.toolbox):
        runs = (_locate_one(source, tools, slots) for source in sources)
        with tools.toolbox.keep_memory():
            # One photo of millions may meet a fault of ours: it is counted, and stops no other.
            results = await asyncio.gather(*runs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Exception):
            raise result
    return results


async def _locate_one(source: PhotoSource, tools: BatchTools, slots: asyncio.Semaphore) -> Answer:
    from geoagent_graph.api import locate

    async with slots:
        photo = await asyncio.to_thread(read_source, source, tools.max_bytes)
        toolbox = _for_one_photo(tools.toolbox)
        return await locate(photo, toolbox=toolbox, options=tools.run, name=source.name)


def _for_one_photo(toolbox: Toolbox) -> Toolbox:
    """Return the tools with a photo store that ends with the run: a batch sees no photo twice."""
    from geoagent_graph.images.store import PhotoStore

    if not isinstance(toolbox.images, PhotoStore):
        return toolbox
    return replace(toolbox, images=toolbox.images.empty_copy())
