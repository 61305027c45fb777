"""Models that see, for tests: one that says the same of every photo, and one that reads a point.

`PointPhotoEncoder` makes SYNTHETIC embeddings: of a picture that `point_photo` drew, GeoCLIP's
location embedding of the point in its colours, mixed with noise. With it a run goes through the
real table of towns where no image tower is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.geoclip import DIMENSION, FILE_NAME, GeoClip
from geoagent_graph.weights.catalogue import find_entry
from geoagent_graph.weights.store import WeightStore

if TYPE_CHECKING:
    from geoagent_graph.geo.gazetteer import Gazetteer
    from geoagent_graph.protocols import PhotoPlaces
    from geoagent_graph.settings import Settings

SIGNAL: Final = 0.35
"""Share of the point in a synthetic embedding; the rest is noise."""
_STEPS: Final = 2**24 - 1
_SIDE_PX: Final = 64


@dataclass
class FixedPhotoPlaces:
    """A `PhotoPlaces` that gives every photo the same scores, or fails with `error`."""

    scores: NDArray[np.float32]
    error: Exception | None = None
    places_id: str = "fixed/v1"
    asked: list[tuple[int, ...]] = field(default_factory=list)
    """Shapes of the photos that it was asked about."""

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return a vector of one number, or raise the error."""
        if self.error is not None:
            raise self.error
        self.asked.append(pixels.shape)
        return np.ones(1, np.float32)

    def town_logs(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores."""
        del embedding
        return self.scores


def point_photo(lat_deg: float, lon_deg: float) -> NDArray[np.uint8]:
    """Return a picture [64, 128, 3] whose left half is a latitude and whose right a longitude."""
    photo = np.empty((_SIDE_PX, 2 * _SIDE_PX, 3), np.uint8)
    photo[:, :_SIDE_PX] = _colour((lat_deg + 90.0) / 180.0)
    photo[:, _SIDE_PX:] = _colour((lon_deg + 180.0) / 360.0)
    return photo


def read_point(photo: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the latitude and longitude, in degrees, of a picture that `point_photo` drew."""
    height, width = photo.shape[:2]
    sides = [photo[height // 2, width // 4], photo[height // 2, 3 * width // 4]]
    shares = [int.from_bytes(side.tobytes(), "big") / _STEPS for side in sides]
    return shares[0] * 180.0 - 90.0, min(shares[1] * 360.0 - 180.0, 179.9999)


class PointPhotoEncoder:
    """A `VisualEncoder` into GeoCLIP's space, of pictures that `point_photo` drew."""

    encoder_id = "synthetic-point/v1"
    dimension = DIMENSION

    def __init__(self, model: GeoClip) -> None:
        self._model = model

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return a synthetic unit vector per picture, shape [len(photos), 512]."""
        points = np.array([read_point(photo) for photo in photos])
        signal = self._model.embed_points(points[:, 0], points[:, 1])
        noise = np.random.default_rng(0).standard_normal(signal.shape)
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        mixed = SIGNAL * signal + np.sqrt(1.0 - SIGNAL**2) * noise
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def open_point_places(settings: "Settings", gazetteer: "Gazetteer") -> "PhotoPlaces":
    """Return GeoCLIP over the towns, with synthetic embeddings: a plug-in of `photo_places`.

    Raises:
        InputError: GeoCLIP's weights are not on this machine.
        ToolError: they are damaged.
    """
    from geoagent_graph.evidence.geoclip_places import GeoClipPlaces
    from geoagent_graph.evidence.geoclip_table import open_town_embeddings

    folder = WeightStore(settings.weights_dir).require(find_entry("geoclip"))
    encoder = PointPhotoEncoder(GeoClip(folder / FILE_NAME))
    return GeoClipPlaces(encoder, open_town_embeddings(gazetteer, settings))


def _colour(share: float) -> NDArray[np.uint8]:
    """Return a share of 0 to 1 as three bytes."""
    if not 0.0 <= share <= 1.0:
        raise ToolError("The point lies outside of the world.")
    return np.frombuffer(round(share * _STEPS).to_bytes(3, "big"), np.uint8)
