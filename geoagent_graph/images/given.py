"""Photos as a program of this process has them: paths, URIs, bytes, files, pictures, arrays."""

import io
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.file_uri import photo_path
from geoagent_graph.images.incoming import decode_data_uri, is_data_uri
from geoagent_graph.images.source import display_name, read_stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    GivenPhoto = (
        str
        | os.PathLike[str]
        | bytes
        | bytearray
        | memoryview
        | BinaryIO
        | Image
        | NDArray[np.uint8]
    )

UNNAMED: Final = "photo"
_PNG_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_XMP_KEY: Final = "XML:com.adobe.xmp"


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """A photo as an image store takes it, and what it is called; None leaves that to its path."""

    source: Path | bytes
    name: str | None = None


def photo_source(photo: "GivenPhoto", max_bytes: int) -> PhotoSource:
    """Return a photo as a path or as the bytes of an image file.

    Strings are paths, `file:` URIs or `data:` URIs. An open file is read from where it stands. A
    Pillow image or an array is kept without loss as PNG, with the EXIF and XMP of the image.

    Raises:
        PhotoError: it is nothing of these, a file of another machine, or above `max_bytes`.
    """
    if isinstance(photo, str) and is_data_uri(photo):
        return PhotoSource(decode_data_uri(photo, "data URI", max_bytes), UNNAMED)
    if isinstance(photo, str | os.PathLike):
        return PhotoSource(photo_path(os.fsdecode(photo)))
    if isinstance(photo, bytes | bytearray | memoryview):
        return PhotoSource(bytes(photo))
    if (image := _picture_of(photo)) is not None:
        return PhotoSource(_png_bytes(image), given_name(photo))
    if hasattr(photo, "read"):
        name = given_name(photo)
        return PhotoSource(_file_bytes(cast("BinaryIO", photo), name, max_bytes), name)
    raise PhotoError(
        f"photo: is a {type(photo).__name__}; give a path, the bytes of an image file, a file "
        "opened with 'rb', a Pillow image or an array of uint8, height x width x 3 (RGB)."
    )


def given_name(photo: object) -> str:
    """Return what a photo is called in messages: its path or its file's name, as far as known."""
    if isinstance(photo, str):
        return UNNAMED if is_data_uri(photo) else photo
    if isinstance(photo, os.PathLike):
        return os.fsdecode(photo)
    for attribute in ("filename", "name"):  # of a Pillow image, of an open file
        name = getattr(photo, attribute, None)
        if isinstance(name, str) and name:
            return display_name(Path(name).name)
    return UNNAMED


def _picture_of(photo: object) -> "Image | None":
    """Return a Pillow image, or an array as one; None where it is neither."""
    pillow: Any = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(photo, pillow.Image):
        return cast("Image", photo)
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not isinstance(photo, numpy.ndarray):
        return None
    array = cast("NDArray[np.uint8]", photo)
    _check_array(array.shape, str(array.dtype))
    from PIL import Image

    return Image.fromarray(array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array)


def _check_array(shape: Iterable[int], dtype: str) -> None:
    sides = tuple(shape)
    right_shape = len(sides) == 2 or (len(sides) == 3 and sides[2] in (1, 3, 4))
    if dtype != "uint8" or not right_shape or 0 in sides:
        raise PhotoError(
            f"photo: is an array of {dtype}, {' x '.join(map(str, sides)) or 'a single number'}; "
            "give uint8, height x width x 3 (RGB), values 0 to 255."
        )


def _png_bytes(image: "Image") -> bytes:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    buffer = io.BytesIO()
    try:
        image.load()
        exif = image.info.get("exif") or image.getexif().tobytes()
        xmp = image.info.get("xmp")
        if xmp:
            texts.add_itxt(
                _XMP_KEY, xmp if isinstance(xmp, str) else xmp.decode("utf-8", "replace")
            )
        kept = image if image.mode in _PNG_MODES else image.convert("RGB")
        kept.save(buffer, "PNG", compress_level=1, exif=exif, pnginfo=texts)
    except (OSError, ValueError, TypeError, SyntaxError, AssertionError) as error:  # a closed file
        raise PhotoError(
            f"{given_name(image)}: this Pillow image cannot be read ({type(error).__name__}). "
            "Open its file again, or give the path."
        ) from error
    return buffer.getvalue()


def _file_bytes(file: BinaryIO, name: str, max_bytes: int) -> bytes:
    first = cast("object", file.read(0))
    if not isinstance(first, bytes):
        how = "open as text" if isinstance(first, str) else "asynchronous"
        if hasattr(first, "close"):
            first.close()  # a coroutine that nobody will await
        raise PhotoError(f"{name}: this file is {how}. Open it with 'rb', or give its bytes.")
    if _is_at_end(file):
        raise PhotoError(f"{name}: the open file is at its end. Call seek(0) first.")
    return read_stream(file, name, max_bytes)


def _is_at_end(file: BinaryIO) -> bool:
    """Return whether a file that holds something has been read already."""
    try:
        here = file.tell()
        end = file.seek(0, io.SEEK_END)
        file.seek(here)
    except (AttributeError, OSError, ValueError):  # a pipe, a socket
        return False
    return 0 < end <= here
