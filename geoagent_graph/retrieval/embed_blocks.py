"""Photos embedded elsewhere: in processes of this machine, or in actors of Ray.

Blocks of Arrow rows name files and come back with what was made of them; the logs are written by
the process that builds the index alone. Each process opens the encoder once.
"""

import functools
import os
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geoagent_graph.errors import ToolError
from geoagent_graph.protocols import place_encoder_of
from geoagent_graph.retrieval.embed_photos import EmbeddingEngine
from geoagent_graph.retrieval.make_of_photos import (
    MadePhoto,
    PhotoEmbedder,
    PhotoFile,
    PhotoStep,
    make_of_photos,
)
from geoagent_graph.retrieval.photo_tasks import (
    KeypointTask,
    PhotoTask,
    make_keypoints,
    make_vectors,
)
from geoagent_graph.workers.block_actors import import_ray, map_on_ray
from geoagent_graph.workers.block_processes import BlockWork, map_in_processes
from geoagent_graph.workers.worker_count import count_cpus

if TYPE_CHECKING:
    import pyarrow as pa

EngineName = Literal["local", "ray"]
StepKind = Literal["vectors", "places", "keypoints"]


@dataclass(frozen=True, slots=True)
class DigestList(Container[str]):
    """Digests in order, 32 bytes each, to be sent to where photos are embedded."""

    joined: bytes

    @classmethod
    def of(cls, digests: Iterator[str]) -> "DigestList":
        """Return the list of digests in hexadecimal."""
        return cls(b"".join(sorted(map(bytes.fromhex, digests))))

    def __contains__(self, digest: object) -> bool:
        wanted = bytes.fromhex(str(digest))
        place = bisect_left(range(len(self.joined) // 32), wanted, key=self._digest_at)
        return self._digest_at(place) == wanted

    def _digest_at(self, place: int) -> bytes:
        return self.joined[32 * place : 32 * place + 32]


@dataclass(frozen=True, slots=True)
class EmbeddingWork:
    """What a process needs to embed photos.

    Args:
        open_embedder: called once in each process; it is pickled.
        encoder_id: of what it must open, on whatever machine.
        steps: what is made of photos, and of which it has been made before.
    """

    open_embedder: Callable[[], PhotoEmbedder]
    encoder_id: str
    steps: tuple[tuple[StepKind, DigestList], ...]


def embed_elsewhere(
    name: EngineName,
    open_embedder: Callable[[], PhotoEmbedder],
    encoder_id: str,
    workers: int | None,
) -> EmbeddingEngine:
    """Return the engine that embeds in so many processes of this machine, or actors of Ray.

    None takes one for each CPU that it has.

    A photo that ends its process becomes a problem of its row.

    Raises:
        InputError: Ray is to do it and is not installed.
        ToolError: Ray could not be started.
    """
    if name == "ray":
        import_ray()
    processes = workers or count_cpus(name)

    def run(
        chunks: Iterator[list[PhotoFile]], tasks: Sequence[PhotoTask]
    ) -> Iterator[list[MadePhoto]]:
        steps = tuple(
            (_kind_of(task, number), DigestList.of(task.log.digests()))
            for number, task in enumerate(tasks)
        )
        work = EmbeddingWork(open_embedder, encoder_id, steps)
        open_worker = functools.partial(open_block_maker, work)
        map_blocks = map_on_ray if name == "ray" else map_in_processes
        made = map_blocks(map(_block_of, chunks), BlockWork(open_worker, _failure_of), processes)
        numbers = [task.log.number for task in tasks]
        return (_photos_of(block, numbers) for block in made)

    return run


def open_block_maker(work: EmbeddingWork) -> "Callable[[pa.RecordBatch], pa.RecordBatch]":
    """Return what embeds the photos of a block, once the encoder is open in this process.

    Raises:
        GeoAgentError: it cannot be opened, or is another one.
    """
    embedder = work.open_embedder()
    found = embedder.encoder.encoder_id
    if found != work.encoder_id:
        raise ToolError(
            f"The encoder is {work.encoder_id} where the index is built and {found} where photos "
            "are embedded; put the same weights on every machine."
        )
    steps = [PhotoStep(_make_of(kind, embedder), known) for kind, known in work.steps]
    return functools.partial(_make_of_block, embedder=embedder, steps=steps)


def _kind_of(task: PhotoTask, number: int) -> StepKind:
    if isinstance(task, KeypointTask):
        return "keypoints"
    return "places" if number else "vectors"


def _make_of(kind: StepKind, embedder: PhotoEmbedder) -> Callable[..., Any]:
    if kind == "keypoints":
        return make_keypoints
    encoder = embedder.encoder if kind == "vectors" else place_encoder_of(embedder.encoder)
    if encoder is None:
        raise ToolError(f"The encoder {embedder.encoder.encoder_id} has no view of places here.")
    return functools.partial(make_vectors, encoder)


def _block_of(files: Sequence[PhotoFile]) -> "pa.RecordBatch":
    """Return files as rows; paths as bytes, since not every name of a file is text."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict(
        {
            "number": pa.array([file.number for file in files], pa.int64()),
            "path": pa.array([os.fsencode(file.path.absolute()) for file in files], pa.binary()),
            "wanted": pa.array([file.wanted for file in files], pa.list_(pa.bool_())),
        }
    )


def _make_of_block(
    block: "pa.RecordBatch", embedder: PhotoEmbedder, steps: Sequence[PhotoStep]
) -> "pa.RecordBatch":
    """Return what is made of the photos of a block; it runs in a worker."""
    files = [
        PhotoFile(row["number"], Path(os.fsdecode(row["path"])), tuple(row["wanted"]))
        for row in block.to_pylist()
    ]
    return _block_of_made(make_of_photos(files, embedder, steps))


def _failure_of(block: "pa.RecordBatch", error: BaseException) -> "pa.RecordBatch":
    why = f"it ended the process that embedded it ({type(error).__name__})"
    return _block_of_made([MadePhoto(block["number"][0].as_py(), problem=why)])


def _block_of_made(photos: Sequence[MadePhoto]) -> "pa.RecordBatch":
    import pyarrow as pa

    made = [[None if x is None else x.tobytes() for x in photo.made] for photo in photos]
    problems = [photo.problem.encode(errors="surrogateescape") for photo in photos]
    return pa.RecordBatch.from_pydict(
        {
            "number": pa.array([photo.number for photo in photos], pa.int64()),
            "sha256": pa.array([photo.sha256 for photo in photos], pa.string()),
            "made": pa.array(made, pa.list_(pa.binary())),
            "problem": pa.array(problems, pa.binary()),
        }
    )


def _photos_of(block: "pa.RecordBatch", numbers: Sequence[str]) -> list[MadePhoto]:
    """Return what a block says was made, of numbers as the logs of the tasks keep them."""
    return [
        MadePhoto(
            row["number"],
            row["sha256"],
            [
                None if made is None else np.frombuffer(made, number)
                for made, number in zip(row["made"], numbers, strict=False)
            ],
            row["problem"].decode(errors="surrogateescape"),
        )
        for row in block.to_pylist()
    ]
