"""The leakage guard: training photos that are, nearly, evaluation photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.geo.sphere import km_to_chord, unit_vectors
from geoagent_training.data.record_files import Problem
from geoagent_training.data.sources import SourceFormat, SourceRow, read_source
from geoagent_training.errors import DataError

_HASH_SIDE: Final = 8
_CHUNK_ROWS: Final = 512


@dataclass(frozen=True, slots=True)
class Leak:
    """One training row that is too near to one evaluation row, and how."""

    training: str
    evaluation: str
    reason: str

    def __str__(self) -> str:
        return f"{self.training} leaks {self.evaluation}: {self.reason}"


def picture_hash(picture: Image.Image) -> int:
    """Return 64 bits that hardly change when a photo is scaled, recompressed or brightened.

    Each bit says whether the photo, shrunk to 9 x 8 grey pixels, grows brighter to the right.
    """
    grey = picture.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(grey, dtype=np.int16)
    bits = (pixels[:, 1:] > pixels[:, :-1]).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def near_places(
    training: NDArray[np.float64], evaluation: NDArray[np.float64], within_km: float
) -> list[tuple[int, int]]:
    """Return (training, evaluation) rows at most `within_km` apart; each training row once."""
    from scipy.spatial import cKDTree

    tree = cKDTree(unit_vectors(evaluation[:, 0], evaluation[:, 1]))
    found = tree.query(unit_vectors(training[:, 0], training[:, 1]))
    distance, nearest = np.asarray(found[0]), np.asarray(found[1])
    rows = np.flatnonzero(distance <= float(km_to_chord(within_km)) + 1e-12)
    return [(int(row), int(nearest[row])) for row in rows]


def near_pictures(
    training: Sequence[int], evaluation: Sequence[int], bits: int
) -> list[tuple[int, int]]:
    """Return (training, evaluation) rows whose hashes differ in at most `bits` of 64."""
    found: list[tuple[int, int]] = []
    others = np.array(evaluation, dtype=np.uint64)
    own = np.array(training, dtype=np.uint64)
    if not len(others):
        return found
    for start in range(0, len(own), _CHUNK_ROWS):
        different = np.bitwise_count(own[start : start + _CHUNK_ROWS, None] ^ others)
        nearest = different.argmin(axis=1)
        close = np.flatnonzero(different.min(axis=1) <= bits)
        found += [(start + int(row), int(nearest[row])) for row in close]
    return found


def find_leaks(
    training: Sequence[SourceRow], evaluation: Sequence[SourceRow], within_km: float, bits: int
) -> list[Leak]:
    """Return every training row that is too near to an evaluation row, by place or by picture."""
    if not training or not evaluation:
        return []
    places = near_places(_positions_of(training), _positions_of(evaluation), within_km)
    leaks = [
        Leak(training[a].where, evaluation[b].where, f"within {within_km:g} km") for a, b in places
    ]
    pictures = near_pictures(_picture_hashes(training), _picture_hashes(evaluation), bits)
    leaks += [
        Leak(training[a].where, evaluation[b].where, f"the pictures differ in at most {bits} bits")
        for a, b in pictures
    ]
    return leaks


def find_leaks_in_files(
    training: Path,
    source: SourceFormat,
    evaluation: Path,
    evaluation_source: SourceFormat,
    within_km: float,
    bits: int,
) -> list[Leak]:
    """Return the leaks between two files; rows that cannot be used are left out.

    Raises:
        DataError: a file cannot be read, or holds no usable row.
    """
    sides = [
        [row.without_bytes() for row in read_source(path, kind) if not isinstance(row, Problem)]
        for path, kind in ((training, source), (evaluation, evaluation_source))
    ]
    for path, rows in zip((training, evaluation), sides, strict=True):
        if not rows:
            raise DataError(f"{path}: it holds no usable row to compare; try geoagent-train check")
    return find_leaks(sides[0], sides[1], within_km, bits)


def _positions_of(rows: Sequence[SourceRow]) -> NDArray[np.float64]:
    return np.array([[row.photo.lat_deg, row.photo.lon_deg] for row in rows])


def _picture_hashes(rows: Sequence[SourceRow]) -> list[int]:
    hashes = []
    for row in rows:
        with Image.open(row.open_photo()) as picture:
            hashes.append(picture_hash(picture))
    return hashes
