"""The seams of what sees: from the look of a photo to parts of the world, or to every town."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Geocell:
    """A part of the world: a country by its code, or a box without the countries that are cells.

    `box` is (south, west, north, east) in degrees.
    """

    country_code: str = ""
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class GeocellScore:
    """log P(photo | cell) up to a constant that is the same for all cells of a photo."""

    cell: Geocell
    log_likelihood: float


class PlaceClassifier(Protocol):
    """Says by the look of a photo which parts of the world it may be from."""

    @property
    def classifier_id(self) -> str:
        """Name of the weights, for the trace."""
        ...

    def classify(self, pixels: NDArray[np.uint8]) -> list[GeocellScore]:
        """Return a score for cells that cover the world, of an RGB photo [height, width, 3].

        Raises:
            ToolError: it cannot; the answer goes without it and says so.
        """
        ...


PHOTO_PLACES_MAX_SIDE_PX: Final = 1024
"""Longest side of the photos that a model that sees gets."""


class PhotoPlaces(Protocol):
    """Says by the look of a photo how likely it is from each town.

    The photo becomes an embedding once; a run keeps it, so that its answer can be weighed again
    without the photo.
    """

    @property
    def places_id(self) -> str:
        """Name of the weights; embeddings of another model are not weighed."""
        ...

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the embedding of an RGB photo [height, width, 3]: a unit vector, at most 4,096.

        Raises:
            ToolError: it cannot; the answer goes without it and says so.
        """
        ...

    def town_logs(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return log P(photo | town) up to a constant, shape [towns], as the model was trained.

        The towns are those of the gazetteer, in its order.

        Raises:
            ToolError: the embedding has another length.
        """
        ...
