"""Which geocell an embedding is of, by a linear layer that an index learnt from its own photos."""

import io
import json
import zipfile
from dataclasses import asdict, dataclass
from typing import Annotated, Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.protocols import Geocell, GeocellScore
from geoagent_graph.retrieval.geocells import MAX_CELLS

_ARRAYS: Final = ("weights", "bias", "log_prior")
_ABOUT: Final = "about"
_MAX_ABOUT_BYTES: Final = 1 << 20


class ClassifierSkill(BaseModel):
    """What the classifier is worth on photos of places that it had not seen, each place once.

    Gains are in nats of the truth's log-likelihood over the shares of the photos that it learnt
    from; `low_nats` and `high_nats` hold it in 95 of 100 cases.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    places: int
    cells: int
    gain_nats: float
    low_nats: float
    high_nats: float
    country_right: float
    country_right_by_prior: float


class Likeness(BaseModel):
    """How like the index's photos are to their nearest of other places, by mean cosine of the hits.

    A photo at `low` or below is of another kind than these, one at `usual` or above is one of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    hits: Annotated[int, Field(ge=1, le=1000)]
    low: Annotated[float, Field(ge=-1.01, le=1.01)]
    usual: Annotated[float, Field(ge=-1.01, le=1.01)]

    def share_of(self, cosines: NDArray[np.float32]) -> float:
        """Return how far a photo is of their kind, 0 to 1, by the cosines of its nearest hits."""
        beyond = float(np.mean(cosines)) - self.low
        return float(np.clip(beyond / max(self.usual - self.low, 1e-6), 0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class CellClassifier:
    """log P(cell | embedding) is the softmax of `weights` @ embedding + `bias`, both calibrated.

    `weights` has shape [cells, dimension], `bias` and `log_prior` [cells]; `log_prior` is that of
    the photos it learnt from.
    """

    cells: tuple[Geocell, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    log_prior: NDArray[np.float32]
    skill: ClassifierSkill
    likeness: Likeness | None = None

    def scores(self, embedding: NDArray[np.float32], share: float = 1.0) -> list[GeocellScore]:
        """Return log P(embedding | cell) of every cell up to a constant: what to add to a prior.

        `share` is how far the photo is of the kind of those that it learnt from: it says so much
        less.
        """
        logits = self.weights.astype(np.float64) @ embedding + self.bias
        log_posterior = logits - logits.max()
        log_posterior -= np.log(np.exp(log_posterior).sum())
        ratios = share * (log_posterior - self.log_prior)
        return [
            GeocellScore(cell, round(float(ratio), 3))
            for cell, ratio in zip(self.cells, ratios, strict=True)
        ]


def classifier_bytes(classifier: CellClassifier) -> bytes:
    """Return a classifier as a NumPy archive without pickles."""
    about = {
        "cells": [asdict(cell) for cell in classifier.cells],
        "skill": classifier.skill.model_dump(),
        "likeness": classifier.likeness.model_dump() if classifier.likeness else None,
    }
    arrays: dict[str, Any] = {name: getattr(classifier, name) for name in _ARRAYS}
    arrays[_ABOUT] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return sink.getvalue()


def read_classifier(file: BinaryIO, size_bytes: int, dimension: int) -> CellClassifier:
    """Return the classifier in an open file whose sha256 has been checked.

    Raises:
        ReferenceIndexError: it is none for embeddings of this dimension; the message does not name
            the folder, the caller adds it.
    """
    limit = 4 * MAX_CELLS * (dimension + 2) + _MAX_ABOUT_BYTES
    if size_bytes > limit + 4096:
        raise ReferenceIndexError("it is larger than any classifier")
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(part.file_size for part in archive.infolist()) > limit + 4096:
                raise ReferenceIndexError("it unpacks to more than any classifier")
        file.seek(0)
        with np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in (*_ARRAYS, _ABOUT)}
        about = json.loads(arrays.pop(_ABOUT).astype(np.uint8).tobytes())
        cells = TypeAdapter(tuple[Geocell, ...]).validate_python(about["cells"])
        skill = ClassifierSkill.model_validate(about["skill"])
        likeness = TypeAdapter(Likeness | None).validate_python(about.get("likeness"))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, ValidationError) as error:
        raise ReferenceIndexError("it is no classifier") from error
    _check_cells(cells)
    _check_arrays(arrays, len(cells), dimension)
    return CellClassifier(cells, **arrays, skill=skill, likeness=likeness)


def _check_cells(cells: tuple[Geocell, ...]) -> None:
    """Refuse cells that are neither a country's code nor a box on the globe."""
    for cell in cells:
        code, box = cell.country_code, cell.box
        if box is None:
            fits = len(code) == 2 and code.isascii() and code.isupper()
        else:
            south, west, north, east = box
            fits = (
                code == "" and -90.0 <= south <= north <= 90.0 and -180.0 <= west <= east <= 180.0
            )
        if not fits:
            raise ReferenceIndexError("its cells do not fit")


def _check_arrays(arrays: dict[str, NDArray[Any]], cells: int, dimension: int) -> None:
    shapes = {"weights": (cells, dimension), "bias": (cells,), "log_prior": (cells,)}
    for name, shape in shapes.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
            raise ReferenceIndexError(f"its {name} do not fit")
    if not 2 <= cells <= MAX_CELLS or np.abs(arrays["log_prior"]).max() > 50.0:
        raise ReferenceIndexError("its cells do not fit")
