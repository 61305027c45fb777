"""Upright RGB pixels of one photo."""

import io
import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from geoagent_graph.images.sandbox.allowance import Allowance
from geoagent_graph.images.sandbox.cost_checks import (
    require_affordable,
    require_plausible,
    webp_size,
)
from geoagent_graph.images.sandbox.cut_files import Missing, load_pixels
from geoagent_graph.images.sandbox.frames import has_more_frames
from geoagent_graph.images.sandbox.metadata_blocks import find_blocks
from geoagent_graph.images.sandbox.raw_files import read_raw
from geoagent_graph.images.sandbox.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

# Pillow's plugins by file; JPEG opens MPO by itself.
PLUGINS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "GIF": "GifImagePlugin",
    "BMP": "BmpImagePlugin",
    "TIFF": "TiffImagePlugin",
    "AVIF": "AvifImagePlugin",
}
FORMATS = list(PLUGINS)
JPEG_FORMATS = {"JPEG", "MPO"}
JPEG_SCALES = (1, 2, 4, 8)  # what libjpeg can divide width and height by as it decodes
_QUARTER_TURNS = {"ROTATE_90", "ROTATE_270", "TRANSPOSE", "TRANSVERSE"}


@dataclass(slots=True)
class PhotoFile:
    """A file to be decoded: the bytes that hold its picture, and what to say about them.

    `raw_data` is the whole file where `data` is the preview in it.
    """

    data: bytes
    format: str | None = None
    raw_data: bytes | None = None
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, data: bytes) -> "PhotoFile":
        """Return the file, or the preview where it is a camera's raw file.

        Raises:
            Refused: a raw file without a preview.
        """
        raw = read_raw(data)
        if raw is None:
            return cls(data)
        if raw.preview is None:
            raise Refused("raw")
        words = f"{raw.name}, a camera's raw file: the JPEG preview in it was looked at"
        return cls(raw.preview, raw.name, data, [words])


def decode(
    data: bytes, max_pixels: int, max_side: int, allowance: Allowance | None = None
) -> tuple[dict[str, Any], bytes]:
    """Return the header and the raw RGB of the upright photo, at most `max_side` long.

    `largest` in the header is the longest side that this photo can be decoded at. `allowance` is
    what it may cost; None sets no limits.
    """
    allowance = allowance or Allowance()
    allowance.limit_header()
    file = PhotoFile.of(data)
    require_affordable(file.data)
    if (claimed := webp_size(file.data)) is not None:  # opening it makes room for its pixels
        choose_scale(claimed, "WEBP", max_pixels)
        allowance.limit_memory("WEBP", claimed)
    opened = open_image(file.data)
    full_size, image_format = opened.size, opened.format
    scale = choose_scale(full_size, image_format, max_pixels)
    require_plausible(full_size, len(file.data))
    wanted = _draft_size(full_size, scale, max_side)
    if wanted is not None:
        opened.draft(None, wanted)
    allowance.limit_pixels(opened, full_size)
    del opened  # that of a WebP holds the whole picture
    image, missing = load_pixels(lambda: _open_at(file.data, wanted))
    _add_warnings(file, image, full_size, scale, missing)
    turned = _exif_transposition(image, file)
    photo = to_rgb(image, partial(_at_most, full_size=full_size, max_side=max_side))
    if turned is not None:
        photo = photo.transpose(turned)
    swapped = turned is not None and turned.name in _QUARTER_TURNS
    header = {
        "format": file.format or ("JPEG" if image_format == "MPO" else image_format),
        "full": full_size[::-1] if swapped else full_size,
        "size": photo.size,
        "largest": max(full_size) // scale,
        "warnings": file.warnings,
    }
    return header, photo.tobytes()


def open_image(data: bytes) -> "ImageFile":
    """Return the opened, not yet decoded photo; raises Refused where no decoder knows it."""
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise Refused("unknown") from error


def choose_scale(size: tuple[int, int], image_format: str | None, max_pixels: int) -> int:
    """Return what to divide width and height by so that the photo has at most `max_pixels`.

    Raises:
        Refused: it cannot be decoded that small.
    """
    scales = JPEG_SCALES if image_format in JPEG_FORMATS else JPEG_SCALES[:1]
    for scale in scales:
        if -(-size[0] // scale) * -(-size[1] // scale) <= max_pixels:
            return scale
    raise Refused("too_large", width=size[0], height=size[1])


def _draft_size(size: tuple[int, int], scale: int, max_side: int) -> tuple[int, int] | None:
    """Return what a JPEG may be decoded at: twice what is asked, for a clean reduction."""
    largest = max(size) // scale
    if max_side and max_side < largest:
        return _fit_size(size, min(2 * max_side, largest))
    return (max(1, size[0] // scale), max(1, size[1] // scale)) if scale > 1 else None


def _open_at(data: bytes, wanted: tuple[int, int] | None) -> "ImageFile":
    image = open_image(data)
    if wanted is not None:
        image.draft(None, wanted)  # JPEG alone: 1/2, 1/4 or 1/8 of width and height
    return image


def _fit_size(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _at_most(photo: "Image", *, full_size: tuple[int, int], max_side: int) -> "Image":
    from PIL.Image import Resampling

    if not max_side or max(photo.size) <= max_side:
        return photo
    return photo.resize(_fit_size(full_size, max_side), Resampling.LANCZOS, reducing_gap=2.0)


def _add_warnings(
    file: PhotoFile,
    image: "ImageFile",
    full_size: tuple[int, int],
    scale: int,
    missing: Missing | None,
) -> None:
    warnings = file.warnings
    if has_more_frames(image, file.data):
        warnings.append("several frames or pages: only the first is looked at")
    if scale > 1:
        megapixels = full_size[0] * full_size[1] / 1e6
        warnings.append(f"{megapixels:.0f} megapixels: decoded at 1/{scale} of width and height")
    if missing is None:
        return
    if missing.is_guess:
        warnings.append(
            f"the last {missing.share:.0%} of the picture are flat grey, as where a JPEG was cut"
        )
    elif missing.share < 0.005:
        warnings.append("the file lacks its end; the picture is there")
    else:
        warnings.append(f"the file breaks off: about {missing.share:.0%} of the picture is missing")


def _exif_transposition(image: "ImageFile", file: PhotoFile) -> Any:
    """Return the transposition that EXIF asks for, or None; a raw file's own EXIF counts."""
    from PIL.Image import Exif, Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        exif = image.getexif()
        if file.raw_data is not None and 0x0112 not in exif:
            exif = Exif()
            exif.load(next(iter(find_blocks(file.raw_data).exif), b""))
        orientation = exif.get(0x0112, 1)
    except Exception:  # noqa: BLE001  Pillow raises anything on damaged EXIF; the pixels are fine
        file.warnings.append("damaged EXIF: the photo's orientation is not known")
        return None
    return turns.get(orientation) if isinstance(orientation, int) else None


def to_rgb(image: "Image", shrink: "Callable[[Image], Image]" = lambda photo: photo) -> "Image":
    """Return the photo as 8-bit RGB: deep bits scaled, transparency on white.

    `shrink` makes it smaller as soon as its colours can be mixed, so that few copies are large.
    """
    from PIL import Image

    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        image = _to_eight_bits(image)
    if image.has_transparency_data:
        pixels = shrink(image.convert("RGBA"))
        photo = Image.new("RGB", pixels.size, "white")
        photo.paste(pixels, mask=pixels.getchannel("A"))
        return photo
    if image.mode in {"L", "RGB", "CMYK", "YCbCr"}:
        image = shrink(image)
    return image if image.mode == "RGB" else shrink(image.convert("RGB"))


def _to_eight_bits(image: "Image") -> "Image":
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Refused("damaged")
    if image.mode == "I" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0 if high > 255 else 255.0
    scale = 255.0 / (high - low) if high > low else 0.0
    return image.convert("F").point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
