"""Pixels of a photo from hostile bytes: every decoder runs in a child process with limits."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.images.decoders import DECODERS
from geoagent_graph.images.formats import describe_raw, describe_refused
from geoagent_graph.images.source import display_name
from geoagent_graph.settings import Settings


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """A decoded photo.

    `pixels` is upright RGB of shape [height, width, 3], read-only and at most as long as was asked;
    `width` and `height` are those of the whole upright photo, and `largest` is the longest side
    that it can be decoded at: a photo of very many pixels only at a part of its size.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str
    warnings: tuple[str, ...]
    largest: int


def decode_photo(
    data: bytes, name: str, settings: Settings, max_side: int | None = None
) -> DecodedPhoto:
    """Return the upright photo as RGB, at most `max_side` pixels long.

    Raises:
        PhotoError: not a photo, damaged, mostly missing, too large, or too slow to decode.
        ToolError: the decoding process cannot be started.
    """
    header, body = run_child("pixels", data, name, settings, max_side)
    width, height = header["size"]
    if len(body) != width * height * 3:
        raise PhotoError(f"{display_name(name)}: decoding broke off. Save the photo again as JPEG.")
    pixels = np.frombuffer(body, np.uint8).reshape(height, width, 3)
    full_width, full_height = header["full"]
    return DecodedPhoto(
        pixels=pixels,
        width=full_width,
        height=full_height,
        format=str(header["format"]),
        warnings=tuple(header["warnings"]),
        largest=int(header["largest"]),
    )


def run_child(
    task: str,
    data: bytes,
    name: str,
    settings: Settings,
    max_side: int | None = None,
    max_frames: int | None = None,
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
        "seconds": settings.decode_seconds,
    }
    if max_frames is not None:
        order |= {"max_frames": max_frames, "seconds": settings.video_seconds}
    try:
        reply, body = DECODERS.ask(order, data)
    except TimeoutError as error:
        raise PhotoError(
            _too_slow(shown, settings) if max_frames is None else _too_slow_video(shown, settings)
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


def _too_slow(shown: str, settings: Settings) -> str:
    return (
        f"{shown}: decoding took longer than {settings.decode_seconds:g} s of CPU time, or a "
        "small photo's share. Save it again as JPEG, or raise GEOAGENT_DECODE_SECONDS."
    )


def _too_slow_video(shown: str, settings: Settings) -> str:
    return (
        f"{shown}: decoding the video took longer than {settings.video_seconds:g} s of CPU time. "
        "Cut it shorter or save it smaller, or raise GEOAGENT_VIDEO_SECONDS."
    )


def _fault_text(reply: dict[str, Any], data: bytes, shown: str, settings: Settings) -> str:
    match reply["fault"]:
        case "unknown":
            return f"{shown}: {describe_refused(data)}"
        case "raw":
            return f"{shown}: {describe_raw(data)}"
        case "too_large":
            megapixels = reply["width"] * reply["height"] / 1e6
            return (
                f"{shown}: {megapixels:.0f} megapixels, more than {settings.max_pixels / 1e6:.0f}. "
                "Save it smaller, or raise GEOAGENT_MAX_PIXELS."
            )
        case "implausible":
            return (
                f"{shown}: {len(data):,} bytes that claim {reply['width']} x {reply['height']} "
                "pixels, which is no photo. Save it again as JPEG."
            )
        case "costly":
            return (
                f"{shown}: made of far more parts than a photo is, which takes too long to decode. "
                "Save it again as JPEG."
            )
        case "no_video":
            return f"{shown}: a video that cannot be read. Save it as MP4 (H.264)."
        case "memory":
            return f"{shown}: decoding needs too much memory. Save it smaller, as JPEG."
        case _:
            return f"{shown}: damaged or incomplete. Copy or download it again."
