"""Photos out of a video: one frame for each scene, with its time since the video began."""

from dataclasses import dataclass
from typing import Final

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.decode import run_child
from geoagent_graph.images.source import check_size, display_name
from geoagent_graph.settings import Settings

MAX_VIDEO_BYTES: Final = 256_000_000
VIDEO_ENDINGS: Final = (".mp4", ".mov", ".m4v", ".3gp", ".webm", ".mkv", ".avi")
_STILL_BRANDS: Final = {b"avif", b"avis", b"mif1", b"msf1"}
_MATROSKA, _RIFF, _AVI = b"\x1aE\xdf\xa3", b"RIFF", b"AVI "


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """A frame of a video as a JPEG file; `at_s` are seconds since the video began."""

    at_s: float
    jpeg: bytes

    @property
    def time(self) -> str:
        """The time as people write it, as 1:23.5."""
        minutes, seconds = divmod(round(self.at_s, 1), 60.0)
        return f"{int(minutes)}:{seconds:04.1f}"


def is_video(data: bytes) -> bool:
    """Return whether bytes begin as a video's do: MP4, QuickTime, Matroska, WebM or AVI."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return brand not in _STILL_BRANDS and not brand.startswith((b"hei", b"hev", b"crx"))
    if data[4:8] in (b"moov", b"mdat", b"wide") and data[:4] != b"\x89PNG":
        return True
    return data.startswith(_MATROSKA) or (data.startswith(_RIFF) and data[8:12] == _AVI)


def frames_of(data: bytes, name: str, settings: Settings, max_frames: int) -> list[VideoFrame]:
    """Return the sharpest frame of every scene in the order of their times.

    Where there are more scenes than `max_frames`, the longest ones count. The video is decoded in a
    process without files, as photos are.

    Raises:
        PhotoError: no video, damaged, too large, or too slow to decode.
        ToolError: the decoding process cannot be started.
    """
    check_size(data, name, MAX_VIDEO_BYTES)
    header, body = run_child("frames", data, name, settings, max_frames=max_frames)
    frames, start = [], 0
    for at_s, size in header["frames"]:
        frames.append(VideoFrame(float(at_s), bytes(body[start : start + size])))
        start += size
    if start != len(body) or not frames:
        raise PhotoError(f"{display_name(name)}: decoding broke off. Save the video again as MP4.")
    return frames
