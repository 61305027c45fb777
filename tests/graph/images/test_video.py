"""Frames of videos, read in the decoding process."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.errors import PhotoError
from geoagent_graph.images import video
from geoagent_graph.images.video import frames_of, is_video
from geoagent_graph.settings import Settings
from tests.support.cases import photo_bytes
from tests.support.videos import SCENE_COLOURS, write_video


def test_every_scene_gives_one_frame_with_its_time(tmp_path: Path) -> None:
    data = write_video(tmp_path / "a.mp4")
    frames = frames_of(data, "a.mp4", Settings(), 24)
    assert [int(frame.at_s // 2) for frame in frames] == [0, 1, 2]
    for frame, colour in zip(frames, SCENE_COLOURS, strict=True):
        pixels = np.asarray(Image.open(io.BytesIO(frame.jpeg)).convert("RGB"))
        assert pixels.shape == (240, 320, 3)
        assert np.abs(pixels[5, 5].astype(int) - colour[::-1]).max() < 30


def test_of_too_many_scenes_the_longest_count(tmp_path: Path) -> None:
    red, green, blue = SCENE_COLOURS
    data = write_video(tmp_path / "a.mp4", [red, green, green, blue, blue], 2.0)
    frames = frames_of(data, "a.mp4", Settings(), 2)
    assert [2.0 <= frame.at_s < 6.0 for frame in frames] == [True, False]
    assert frames[1].at_s >= 6.0


def test_times_are_written_as_people_do() -> None:
    assert [video.VideoFrame(s, b"").time for s in (0.0, 9.96, 83.5, 600.0)] == [
        "0:00.0",
        "0:10.0",
        "1:23.5",
        "10:00.0",
    ]


def test_videos_are_told_from_photos(tmp_path: Path) -> None:
    assert is_video(write_video(tmp_path / "a.mp4"))
    assert is_video(b"\x1aE\xdf\xa3" + bytes(60))
    heic = bytes.fromhex("00000018") + b"ftypheic" + bytes(8) + b"mif1heic"
    avif = bytes.fromhex("0000001c") + b"ftypavif" + bytes(8)
    for photo in (photo_bytes(), heic, avif, b"\xff\xd8\xff\xe0" + bytes(60), b""):
        assert not is_video(photo)


@pytest.mark.parametrize("cut", ["cut", "noise", "empty"])
def test_what_is_no_whole_video_is_refused_in_one_line(tmp_path: Path, cut: str) -> None:
    whole = write_video(tmp_path / "a.mp4")
    noise = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 20
    data = {"cut": whole[: len(whole) // 2], "noise": noise, "empty": b""}[cut]
    with pytest.raises(PhotoError, match=r"^a\.mp4: ") as refused:
        frames_of(data, "a.mp4", Settings(), 24)
    assert "\n" not in str(refused.value)


def test_a_video_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    data = write_video(tmp_path / "a.mp4", SCENE_COLOURS * 8, 4.0)
    with pytest.raises(PhotoError, match="GEOAGENT_VIDEO_SECONDS"):
        frames_of(data, "a.mp4", Settings(video_seconds=0.02), 24)


def test_pixels_and_bytes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_video(tmp_path / "a.mp4")
    with pytest.raises(PhotoError, match="megapixels"):
        frames_of(data, "a.mp4", Settings(max_pixels=10_000), 24)
    monkeypatch.setattr(video, "MAX_VIDEO_BYTES", 1000)
    with pytest.raises(PhotoError, match="larger than"):
        frames_of(data, "a.mp4", Settings(), 24)
