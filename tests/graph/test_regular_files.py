"""A file from outside is opened where it is a regular one; nothing hangs or is read without end."""

import os
import socket
from pathlib import Path

import pytest

from geoagent_graph.regular_files import open_regular, read_regular


def make_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def make_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    return path


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/dev/zero")
    kinds = [make_pipe(tmp_path / "pipe"), make_socket(tmp_path / "socket")]
    for path in [*kinds, Path("/dev/zero"), tmp_path / "link"]:
        for mode in ("rb", "r+b", "ab"):
            with pytest.raises(OSError, match="it is a device, pipe or socket, not a file"):
                open_regular(path, mode=mode)
    with pytest.raises(IsADirectoryError, match="it is a folder, not a file"):
        open_regular(tmp_path / "folder")
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "missing")


def test_a_size_is_kept_to(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1000)
    assert read_regular(path, 1000) == b"x" * 1000
    for opened in (open_regular, read_regular):
        with pytest.raises(OSError, match="it is larger than 1 kB"):
            opened(path, 999)
    if Path("/proc/self/maps").exists():  # has no size of its own
        with pytest.raises(OSError, match="it is larger than 0 kB"):
            read_regular(Path("/proc/self/maps"), 10)


def test_it_is_read_changed_and_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with open_regular(path, mode="ab") as file:
        file.write(b"one")
    with open_regular(path, mode="ab") as file:
        file.write(b" two")
    with open_regular(path, mode="r+b") as file:
        file.write(b"ONE")
    assert path.read_bytes() == b"ONE two"
