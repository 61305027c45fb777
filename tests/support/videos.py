"""A drawn video for the tests: scenes of one colour each, with a ball that moves."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

FRAMES_PER_SECOND = 10
SCENE_COLOURS = ((20, 40, 200), (30, 180, 60), (220, 60, 40))


def write_video(
    path: Path, colours: Sequence[tuple[int, int, int]] = SCENE_COLOURS, seconds: float = 2.0
) -> bytes:
    """Write a video with a scene for each colour, and return its bytes."""
    code = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), code, FRAMES_PER_SECOND, (320, 240))
    for colour in colours:
        for number in range(int(seconds * FRAMES_PER_SECOND)):
            frame = np.full((240, 320, 3), colour, np.uint8)
            cv2.circle(frame, (40 + 5 * number, 120), 25, (255, 255, 255), -1)
            writer.write(frame)
    writer.release()
    return path.read_bytes()
