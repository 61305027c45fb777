"""Decodes hostile photos; runs in a process of its own and imports nothing of the package.

Call: `python -I -S child.py SITE_PACKAGES`. Each request on standard input is a line of JSON with
`task`, `max_pixels`, `max_side`, `seconds` and `bytes`, then that many bytes of the file. Each
photo is decoded in a fork of this process, under limits of its own. The reply on standard output is
a line of JSON, for the task `pixels` followed by `bytes` bytes, the upright photo as raw RGB. A
fault is the JSON `{"fault": ...}` with one of the words that `decode.py` knows; texts of exceptions
stay here, because they carry addresses and attackers' words. When a fork is killed, by a limit or
by a crash in a decoder, this process ends as well.
"""

import importlib
import io
import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

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
BASE_MEMORY_BYTES = 512 << 20
MEMORY_BYTES_PER_PIXEL = 12  # coefficients of a progressive JPEG, the bitmap and its converted copy
MAX_TEXT_CHARS = 200
EXIF_IFD, GPS_IFD = 0x8769, 0x8825


def limit_resources(max_pixels: int, seconds: int) -> None:
    """Cap memory, CPU time and files of this process, where the system can."""
    import resource

    memory_bytes = BASE_MEMORY_BYTES + MEMORY_BYTES_PER_PIXEL * max_pixels
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, wanted in limits.items():
        _, hard = resource.getrlimit(kind)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(kind, (limit, limit))
        except (OSError, ValueError):  # macOS refuses some of them
            continue


def open_image(data: bytes, max_pixels: int) -> "Image":
    """Return the opened, not yet decoded photo; raises Refused when it is too large or unknown."""
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise Refused("unknown") from error
    if image.width * image.height > max_pixels:
        raise Refused("too_large", width=image.width, height=image.height)
    return image


def decode(data: bytes, max_pixels: int, max_side: int) -> tuple[dict[str, Any], bytes]:
    """Return the header and the raw RGB of the upright photo, at most `max_side` long."""
    from PIL import Image

    image = open_image(data, max_pixels)
    image_format = "JPEG" if image.format == "MPO" else image.format
    warnings = []
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        warnings.append("several frames or pages: only the first is looked at")
    full_size = image.size
    if max_side and max(full_size) > max_side:
        image.draft(None, (_fit_size(full_size, 2 * max_side)))  # JPEG: decodes at 1/2, 1/4 or 1/8
    image.load()
    turned = _exif_transposition(image, warnings)
    photo = to_rgb(image)
    if max_side and max(photo.size) > max_side:
        photo = photo.resize(
            _fit_size(full_size, max_side), Image.Resampling.LANCZOS, reducing_gap=2.0
        )
    if turned is not None:
        photo = photo.transpose(turned)
    swapped = turned is not None and turned.name in {
        "ROTATE_90",
        "ROTATE_270",
        "TRANSPOSE",
        "TRANSVERSE",
    }
    header = {
        "format": image_format,
        "full": full_size[::-1] if swapped else full_size,
        "size": photo.size,
        "warnings": warnings,
    }
    return header, photo.tobytes()


def _fit_size(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _exif_transposition(image: "Image", warnings: list[str]) -> Any:
    """Return the transposition that EXIF asks for, or None."""
    from PIL.Image import Transpose

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
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001  Pillow raises anything on damaged EXIF; the pixels are fine
        warnings.append("damaged EXIF: the photo's orientation is not known")
        return None
    return turns.get(orientation) if isinstance(orientation, int) else None


def to_rgb(image: "Image") -> "Image":
    """Return the photo as 8-bit RGB: deep bits scaled, transparency on white."""
    from PIL import Image

    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        image = _to_eight_bits(image)
    if image.has_transparency_data:
        pixels = image.convert("RGBA")
        photo = Image.new("RGB", image.size, "white")
        photo.paste(pixels, mask=pixels.getchannel("A"))
        return photo
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_eight_bits(image: "Image") -> "Image":
    import math

    if image.mode.startswith("I;16"):
        image = image.convert("I")
    low, high = (float(value) for value in image.getextrema())  # type: ignore[arg-type]
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Refused("damaged")
    if image.mode == "I" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0 if high > 255 else 255.0
    scale = 255.0 / (high - low) if high > low else 0.0
    return image.convert("F").point(lambda value: value * scale + (0.5 - low * scale)).convert("L")


def read_exif(data: bytes, max_pixels: int) -> dict[str, Any]:
    """Return the tags that say something about place, time and camera, as bounded plain values."""
    exif = open_image(data, max_pixels).getexif()
    details, gps = exif.get_ifd(EXIF_IFD), exif.get_ifd(GPS_IFD)
    return {
        "gps": {str(tag): plain(gps.get(tag)) for tag in (1, 2, 3, 4)},
        "taken_at": plain(details.get(0x9003) or details.get(0x9004) or exif.get(0x0132)),
        "utc_offset": plain(details.get(0x9011) or details.get(0x9010) or details.get(0x9012)),
        "make": plain(exif.get(0x010F)),
        "model": plain(exif.get(0x0110)),
        "software": plain(exif.get(0x0131)),
    }


def plain(value: Any) -> Any:
    """Return a tag as text, as a list of at most three numbers (None: not finite), or None."""
    if isinstance(value, bytes):
        value = value[:MAX_TEXT_CHARS].decode("utf-8", "replace")
    if isinstance(value, str):
        return value[:MAX_TEXT_CHARS]
    if isinstance(value, tuple):
        return [number(part) for part in value[:3]]
    return None if value is None else [number(value)]


def number(value: Any) -> float | None:
    """Return a finite float, or None (a rational over zero, a value that is no number)."""
    import math

    try:
        result = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return result if math.isfinite(result) else None


class Refused(Exception):
    """A fault with one of the words that the parent knows."""

    def __init__(self, fault: str, **details: int) -> None:
        super().__init__(fault)
        self.reply = {"fault": fault, **details}


def answer(task: str, data: bytes, max_pixels: int, max_side: int) -> tuple[dict[str, Any], bytes]:
    """Return the reply to one task; every fault becomes a word."""
    import struct

    try:
        if task == "exif":
            return read_exif(data, max_pixels), b""
        return decode(data, max_pixels, max_side)
    except Refused as refused:
        return refused.reply, b""
    except MemoryError:
        return {"fault": "memory"}, b""
    except (OSError, SyntaxError, ValueError, EOFError, struct.error):
        return {"fault": "damaged"}, b""
    except Exception:  # noqa: BLE001  a plugin's own mistake on hostile bytes; the process ends here
        return {"fault": "damaged"}, b""


def load_decoders() -> None:
    """Import everything that decoding needs, once, before the first fork."""
    import struct  # noqa: F401
    import warnings

    from PIL import Image

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # `open_image` has a limit of its own
    for plugin in PLUGINS.values():
        importlib.import_module(f"PIL.{plugin}")
    try:
        import pillow_heif  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return
    pillow_heif.register_heif_opener()
    FORMATS.append("HEIF")


def reply_and_exit(order: dict[str, Any], data: bytes) -> None:
    """Answer one request in a fork, and end it."""
    os.close(0)  # the requests to come are none of its business
    limit_resources(order["max_pixels"], order["seconds"])
    header, pixels = answer(order["task"], data, order["max_pixels"], order["max_side"])
    header["bytes"] = len(pixels)
    sys.stdout.buffer.write(json.dumps(header).encode("ascii") + b"\n")
    sys.stdout.buffer.write(pixels)
    sys.stdout.buffer.flush()
    os._exit(0)


def main() -> None:
    """Answer requests until standard input ends."""
    sys.path.append(sys.argv[1])
    load_decoders()
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        data = sys.stdin.buffer.read(order["bytes"])
        fork = os.fork()
        if fork == 0:
            reply_and_exit(order, data)
        del data
        _, status = os.waitpid(fork, 0)
        if status != 0:
            sys.exit(1)


if __name__ == "__main__":
    main()
