"""The engine `local`: processes of this machine, forked from one that has the tools open.

They share the place tables, which are mapped, and the pages of models and modules that nobody
writes to.
"""

import functools
import io
from typing import TYPE_CHECKING, Final

from geoagent_graph.batch.locate_rows import batch_of_rows, locate_batch, row_of_result
from geoagent_graph.batch.options import BatchOptions, BatchTools, open_tools
from geoagent_graph.batch.photo_source import PhotoSource
from geoagent_graph.errors import ToolError
from geoagent_graph.workers.block_processes import BlockWork, map_in_processes, start_method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

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

    A photo that ends the process that locates it becomes a failure, and takes no other with it.

    Raises:
        GeoAgentError: the tools cannot be opened.
    """
    tools = open_tools(options)
    if start_method() == "fork":
        warm_tools(tools)
    work = BlockWork(functools.partial(open_locator, options), fail_photo)
    return map_in_processes(chunks, work, workers)


def open_locator(options: BatchOptions) -> "Callable[[pa.RecordBatch], pa.RecordBatch]":
    """Return what locates a chunk in a process of its own, once the tools are open there.

    Raises:
        GeoAgentError: the tools cannot be opened.
    """
    open_tools(options)
    return functools.partial(_locate_chunk, options=options)


def fail_photo(chunk: "pa.RecordBatch", error: BaseException) -> "pa.RecordBatch":
    """Return the answer to a chunk of one photo that ended what located it, by that error."""
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


def warm_tools(tools: BatchTools) -> None:
    """Load what reads photos and weighs them, so that processes forked from this one share it."""
    from geoagent_graph.api import locate_sync

    tools.reading.keep_models()
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
