"""Photos come from paths, pipes and streams; what is none is refused in one line."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.source import display_name, read_file, read_stream


def test_names_show_no_controls_and_stay_on_one_line() -> None:
    shown = display_name("a\nb\x1b[31m\u202egpj.exe\udcff.jpg")
    assert shown == "a\\u000ab\\u001b[31m\\u202egpj.exe\\udcff.jpg"
    assert shown.encode("utf-8")
    assert display_name("東京 Straße.jpg") == "東京 Straße.jpg"
    assert len(display_name("x" * 5000)) <= 160
    assert display_name("") == "(no name)"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing.jpg", "no such file"),
        (lambda folder: folder, "a folder"),
        (lambda folder: folder / ("x" * 5000), "too long"),
        (lambda folder: folder / "a\0b.jpg", "not a valid file name"),
        (lambda folder: Path("/dev/zero"), "a device"),
    ],
)
def test_paths_that_are_no_files_are_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    with pytest.raises(PhotoError, match=words) as caught:
        read_file(make(tmp_path), 1000)
    assert "\n" not in str(caught.value)


def test_a_pipe_without_a_writer_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    with pytest.raises(PhotoError, match="pipe"):
        read_file(pipe, 1000)


def test_circular_links_and_empty_and_large_files(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(PhotoError, match="circle"):
        read_file(tmp_path / "loop", 1000)
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PhotoError, match="empty"):
        read_file(tmp_path / "empty.jpg", 1000)
    (tmp_path / "large.jpg").write_bytes(b"x" * 1001)
    with pytest.raises(PhotoError, match="GEOAGENT_MAX_BYTES"):
        read_file(tmp_path / "large.jpg", 1000)
    assert read_file(tmp_path / "large.jpg", 1001) == b"x" * 1001


def test_a_stream_that_never_ends_is_cut_off() -> None:
    class Endless(io.BytesIO):
        served = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            self.served += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(PhotoError, match="larger than"):
        read_stream(stream, "-", 5_000_000)
    assert stream.served == 5_000_001
