"""A few photos at a time: read, decoded, and made into what an index keeps of them."""

import hashlib
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.source import read_file
from geoagent_graph.protocols import VisualEncoder

CHUNK_PHOTOS: Final = 8
"""How many go through an encoder together, whoever runs it: so that the vectors are the same."""


@dataclass(frozen=True, slots=True)
class PhotoEmbedder:
    """How a file becomes a vector: read at most `max_bytes`, decode(data, name), encode."""

    encoder: VisualEncoder
    decode: Callable[[bytes, str], NDArray[np.uint8]]
    max_bytes: int


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """The file of a row, by the row's number, and which of the steps its photo is wanted for."""

    number: int
    path: Path
    wanted: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class PhotoStep:
    """What is made of photos, and the sha256 of those of which it has been made before."""

    make: Callable[[list[NDArray[np.uint8]]], list[NDArray[Any] | None]]
    known: Container[str]


@dataclass(slots=True)
class MadePhoto:
    """What the steps made of a row's photo, None where nothing was to do; or what is wrong."""

    number: int
    sha256: str = ""
    made: list[NDArray[Any] | None] = field(default_factory=list)
    problem: str = ""


def make_of_photos(
    files: Sequence[PhotoFile], embedder: PhotoEmbedder, steps: Sequence[PhotoStep]
) -> list[MadePhoto]:
    """Return what the steps make of photos, in their order.

    Raises:
        ToolError: an encoder failed or returned another shape than it promises.
    """
    results: list[MadePhoto] = []
    missing: list[list[int]] = [[] for _ in steps]
    pixels: dict[int, NDArray[np.uint8]] = {}
    for place, file in enumerate(files):
        try:
            data = read_file(file.path, embedder.max_bytes)
            sha256 = hashlib.sha256(data).hexdigest()
            needed = [
                is_wanted and sha256 not in step.known
                for is_wanted, step in zip(file.wanted, steps, strict=True)
            ]
            if any(needed):
                pixels[place] = embedder.decode(data, str(file.path))
        except PhotoError as error:
            # Without the path in front: the row carries that itself.
            why = str(error).removeprefix(f"{file.path}: ")
            results.append(MadePhoto(file.number, problem=why))
            continue
        results.append(MadePhoto(file.number, sha256, [None] * len(steps)))
        for places, is_needed in zip(missing, needed, strict=True):
            places += [place] if is_needed else []
    for number, (step, wanted) in enumerate(zip(steps, missing, strict=True)):
        places = [place for place in wanted if not results[place].problem]
        made = step.make([pixels[place] for place in places])
        for place, vector in zip(places, made, strict=True):
            results[place].made[number] = vector
            if vector is None:
                results[place].problem = "the encoder returned no usable vector"
    return results
