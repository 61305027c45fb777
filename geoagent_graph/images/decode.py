"""Pixels of a photo from hostile bytes: every decoder runs in a child process with limits."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.images.decoders import DECODERS
from geoagent_graph.images.source import display_name
from geoagent_graph.settings import Settings

_FORMATS = "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A decoded photo.

    `pixels` is upright RGB of shape [height, width, 3], read-only and at most as long as was asked;
    `width` and `height` are those of the whole upright photo.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str
    warnings: tuple[str, ...]


def decode_photo(
    data: bytes, name: str, settings: Settings, max_side: int | None = None
) -> DecodedPhoto:
    """Return the upright photo as RGB, at most `max_side` pixels long.

    Raises:
        PhotoError: not a photo, damaged, incomplete, too large, or too slow to decode.
        ToolError: the decoding process cannot be started.
    """
    header, body = run_child("pixels", data, name, settings, max_side)
    width, height = header["size"]
    if len(body) != width * height * 3:
        raise PhotoError(f"{display_name(name)}: decoding broke off. Save the photo again as JPEG.")
    pixels = np.frombuffer(body, np.uint8).reshape(height, width, 3)
    full_width, full_height = header["full"]
    return DecodedPhoto(
        pixels, full_width, full_height, str(header["format"]), tuple(header["warnings"])
    )


def run_child(
    task: str, data: bytes, name: str, settings: Settings, max_side: int | None = None
) -> tuple[dict[str, Any], memoryview]:
    """Return the child's JSON reply and the bytes after it.

    Raises:
        PhotoError: the child found a fault in the photo, or ran into a limit.
        ToolError: the child cannot be started.
    """
    shown = display_name(name)
    order = {
        "task": task,
        "max_pixels": settings.max_pixels,
        "max_side": max_side or 0,
        "seconds": math.ceil(settings.decode_seconds),
    }
    try:
        reply, body = DECODERS.ask(order, data, settings.decode_seconds)
    except TimeoutError as error:
        raise PhotoError(
            f"{shown}: decoding took longer than {settings.decode_seconds:g} s. "
            "Save it again as JPEG, or raise GEOAGENT_DECODE_SECONDS."
        ) from error
    except EOFError as error:  # killed by a limit, or crashed inside a decoder
        raise PhotoError(_fault_text({"fault": "crash"}, data, shown, settings)) from error
    except OSError as error:
        raise ToolError(
            f"{shown}: the decoding process cannot be started ({error.strerror})."
        ) from error
    if "fault" in reply:
        raise PhotoError(_fault_text(reply, data, shown, settings))
    return reply, memoryview(body)


def _fault_text(reply: dict[str, Any], data: bytes, shown: str, settings: Settings) -> str:
    match reply["fault"]:
        case "unknown":
            return f"{shown}: {_what_it_is(data)}"
        case "too_large":
            megapixels = reply["width"] * reply["height"] / 1e6
            return (
                f"{shown}: {megapixels:.0f} megapixels, more than {settings.max_pixels / 1e6:.0f}. "
                "Save it smaller, or raise GEOAGENT_MAX_PIXELS."
            )
        case "memory":
            return f"{shown}: decoding needs too much memory. Save it smaller, as JPEG."
        case _:
            return f"{shown}: damaged or incomplete. Copy or download it again."


def _what_it_is(data: bytes) -> str:
    """Return what data of no known photo format is, and what to do."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[4:8] == b"ftyp":
        if data[8:12] in {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
            return (
                "HEIC, which needs one more package: pip install pillow-heif; or save it as JPEG."
            )
        return "a video, not a photo. Save one frame of it as JPEG."
    if b"<svg" in head:
        return "an SVG drawing, not a photo. Export it as PNG."
    if head.startswith((b"<!doctype html", b"<html")):
        return "a web page, not a photo. Save the picture itself, not the page."
    if head.startswith(b"%pdf"):
        return "a PDF, not a photo. Export the page as JPEG."
    if _is_text(data[:4096]):
        return "a text file, not a photo. Give the photo itself."
    return f"not a photo in a known format. Save it as {_FORMATS}."


def _is_text(head: bytes) -> bool:
    try:
        text = head[:4000].decode("utf-8", "strict") if len(head) < 4000 else head.decode("latin-1")
    except UnicodeDecodeError:
        return False
    printable = sum(character.isprintable() or character in "\r\n\t" for character in text)
    return printable > 0.95 * len(text)
