"""A photo as the numbers that an image tower was trained on, after its `preprocessor_config.json`.

The steps are those of the image processors of CLIP, SigLIP and DINOv2 in transformers, with Pillow:
resize, cut out the middle, values times a factor, minus the mean, over the spread.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from geoagent_graph.errors import ToolError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.validation_words import validation_words

FILE_NAME: Final = "preprocessor_config.json"
MAX_SIDE_PX: Final = 2048
_MAX_FILE_BYTES: Final = 1_000_000
Side = Annotated[int, Field(ge=1, le=MAX_SIDE_PX)]
Three = tuple[float, float, float]
Spread = Annotated[float, Field(gt=0.0)]


class _Stated(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Size(_Stated):
    """A height and a width, or the length of the shorter side."""

    shortest_edge: Side | None = None
    height: Side | None = None
    width: Side | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        square = self.height is not None and self.width is not None
        if square == (self.shortest_edge is not None):
            raise ValueError("a size is a height and a width, or a shortest edge")
        return self


class PictureInput(_Stated):
    """What is done to a photo; `resample` is Pillow's number (2 bilinear, 3 bicubic)."""

    size: Size
    crop_size: Size | None = None
    resample: Literal[0, 1, 2, 3, 4, 5] = 3
    do_resize: Literal[True] = True
    do_center_crop: bool = False
    do_rescale: Literal[True] = True
    do_normalize: Literal[True] = True
    rescale_factor: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0 / 255.0
    image_mean: Three
    image_std: tuple[Spread, Spread, Spread]

    @field_validator("size", "crop_size", mode="before")
    @classmethod
    def _read_number(cls, value: Any, info: Any) -> Any:
        """Take a single number as older files have it: the shorter side, or a square."""
        if not isinstance(value, int) or isinstance(value, bool):
            return value
        if info.field_name == "size":
            return {"shortest_edge": value}
        return {"height": value, "width": value}

    @model_validator(mode="after")
    def _require_room(self) -> Self:
        if self.do_center_crop:
            crop = self.crop_size
            if crop is None or crop.height is None or crop.width is None:
                raise ValueError("crop_size: a height and a width are needed")
            least = self.size.shortest_edge or min(self.size.height or 0, self.size.width or 0)
            if max(crop.height, crop.width) > least:
                raise ValueError("crop_size: is larger than what the photo is resized to")
        elif self.size.shortest_edge is not None:
            raise ValueError("size: photos of one size are needed, so cut out the middle")
        return self

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that tell this preprocessing from others."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def apply(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return an RGB photo [height, width, 3] as the tower's input, [3, height, width]."""
        from PIL import Image

        height, width = photo.shape[:2]
        resized_to = self._resized_to(height, width)
        picture = Image.fromarray(photo).resize(resized_to[::-1], Image.Resampling(self.resample))
        values = np.asarray(picture, np.float64)
        crop = self.crop_size
        if self.do_center_crop and crop is not None and crop.height and crop.width:
            top, left = (resized_to[0] - crop.height) // 2, (resized_to[1] - crop.width) // 2
            values = values[top : top + crop.height, left : left + crop.width]
        values = (values * self.rescale_factor - np.array(self.image_mean)) / self.image_std
        return np.ascontiguousarray(values.transpose(2, 0, 1), np.float32)

    def _resized_to(self, height: int, width: int) -> tuple[int, int]:
        """Return (height, width): as stated, or the shorter side as stated and the shape kept."""
        edge = self.size.shortest_edge
        if edge is None:
            return self.size.height or 1, self.size.width or 1
        longer = int(edge * max(height, width) / min(height, width))
        return (longer, edge) if width <= height else (edge, longer)


def read_picture_input(folder: Path) -> PictureInput:
    """Return the preprocessing of a folder of weights.

    Raises:
        ToolError: the file is missing, or is none.
    """
    path = folder / FILE_NAME
    try:
        return PictureInput.model_validate_json(read_regular(path, _MAX_FILE_BYTES))
    except OSError as error:
        raise ToolError(
            f"{path}: cannot be read ({error.strerror}); pull the weights again."
        ) from (error)
    except ValidationError as error:
        raise ToolError(f"{path}: {validation_words(error, 'the file')}.") from error
