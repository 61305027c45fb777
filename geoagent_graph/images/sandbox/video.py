"""The frames of a video where its picture changes, as JPEGs with their times."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.images.sandbox.refused import Refused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.images.sandbox.allowance import Allowance

SAMPLE_SECONDS: Final = 0.5
"""How far apart the frames are that are looked at."""
MIN_CHANGE: Final = 0.35
"""Bhattacharyya distance (0 to 1) between the colours of two frames from which a new scene begins;
set by hand."""
MAX_OPEN_SCENES: Final = 64
MAX_FRAME_SIDE: Final = 2560  # pixels
JPEG_QUALITY: Final = 92
_BINS: Final = [8, 4, 4]  # of hue, saturation, value
_RANGES: Final = [0, 180, 0, 256, 0, 256]
_SMALL: Final = (160, 90)


@dataclass(slots=True)
class Scene:
    """A stretch of the video that shows much the same; `jpeg` is its sharpest sample."""

    colours: "NDArray[np.float32]"
    begin_s: float
    end_s: float
    sharpness: float
    at_s: float
    jpeg: bytes


def load_opencv() -> None:
    """Import what reading a video needs, once, before the first fork."""
    import cv2

    cv2.setNumThreads(1)
    cv2.ocl.setUseOpenCL(False)


def read_frames(
    data: bytes, max_frames: int, max_pixels: int, allowance: "Allowance | None"
) -> tuple[dict[str, Any], bytes]:
    """Return one frame of each scene, of the longest scenes where there are too many.

    The header has `frames`, the time in seconds and the length in bytes of each, and
    `duration_s`; the body is the JPEGs one after the other.
    """
    import cv2

    if allowance is not None:
        allowance.limit_video()
    film: Any = io.BytesIO(data)  # the stubs want OpenCV's own kind of stream
    capture = cv2.VideoCapture(film, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    if not capture.isOpened():
        raise Refused("no_video")
    width, height = (int(capture.get(side)) for side in (3, 4))
    if width * height > max_pixels:
        raise Refused("too_large", width=width, height=height)
    scenes, duration_s = _find_scenes(capture)
    if not scenes:
        raise Refused("damaged")
    longest = sorted(scenes, key=lambda scene: scene.begin_s - scene.end_s)[:max_frames]
    kept = sorted(longest, key=lambda scene: scene.at_s)
    header = {
        "frames": [[scene.at_s, len(scene.jpeg)] for scene in kept],
        "scenes": len(scenes),
        "duration_s": duration_s,
    }
    return header, b"".join(scene.jpeg for scene in kept)


def _find_scenes(capture: Any) -> tuple[list[Scene], float]:
    """Return the scenes of a video and its length in seconds, as far as it can be decoded."""
    import cv2

    scenes: list[Scene] = []
    at_s, next_s = 0.0, 0.0
    while capture.grab():
        at_s = max(at_s, capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0)
        if scenes and at_s < next_s:
            continue
        next_s = at_s + SAMPLE_SECONDS
        has_pixels, pixels = capture.retrieve()
        if has_pixels:
            _take_sample(scenes, pixels, at_s)
        if len(scenes) > MAX_OPEN_SCENES:  # the newest is still open
            scenes.remove(min(scenes[:-1], key=lambda scene: scene.end_s - scene.begin_s))
    return scenes, at_s


def _take_sample(scenes: list[Scene], pixels: Any, at_s: float) -> None:
    """Let a sample be part of the last scene, or begin another."""
    import cv2

    small = cv2.resize(pixels, _SMALL, interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    colours = cv2.calcHist([hsv], [0, 1, 2], None, _BINS, _RANGES)
    cv2.normalize(colours, colours, 1.0, 0.0, cv2.NORM_L1)
    sharpness = float(cv2.Laplacian(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())
    last = scenes[-1] if scenes else None
    if (
        last is None
        or cv2.compareHist(last.colours, colours, cv2.HISTCMP_BHATTACHARYYA) > MIN_CHANGE
    ):
        scenes.append(Scene(colours, at_s, at_s, sharpness, at_s, _jpeg_of(pixels)))
        return
    last.end_s = at_s
    if sharpness > last.sharpness:
        last.sharpness, last.at_s, last.jpeg = sharpness, at_s, _jpeg_of(pixels)


def _jpeg_of(pixels: Any) -> bytes:
    import cv2

    height, width = pixels.shape[:2]
    scale = MAX_FRAME_SIDE / max(height, width)
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(encoded)
