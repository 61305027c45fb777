"""Files are there whole or not at all, durable, and what killed writers left goes away."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoagent_graph.whole_files import (
    OWNER_ONLY,
    SHARED,
    make_folders,
    remove_orphans,
    replace_file,
)

PREFIX = ".test-"


def test_content_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"old", b"new"):
        replace_file(path, [content[:1], content[1:]], PREFIX, OWNER_ONLY)
    assert [found.name for found in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == OWNER_ONLY


def test_file_and_folder_are_synced_around_the_renaming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "below" / "file", list[tuple[str, bool]]()
    sync = os.fsync

    def note(handle: int) -> None:
        what = "folder" if os.path.samestat(os.fstat(handle), path.parent.stat()) else "file"
        synced.append((what, path.exists()))
        sync(handle)

    make_folders(path.parent)
    monkeypatch.setattr(os, "fsync", note)
    replace_file(path, [b"content"], PREFIX, SHARED)
    assert synced == [("file", False), ("folder", True)]


def test_new_folders_are_synced_in_the_folders_they_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    make_folders(tmp_path / "a" / "b")
    assert synced == [tmp_path.stat().st_ino, (tmp_path / "a").stat().st_ino]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"first"
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="No space"):
        replace_file(path, chunks(), PREFIX, SHARED)
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


KILLED_WHILE_WRITING = """
import os, pathlib, signal, sys
from geoagent_graph.whole_files import replace_file
def chunks():
    yield b"half"
    os.kill(os.getpid(), signal.SIGKILL)
replace_file(pathlib.Path(sys.argv[1]), chunks(), ".test-", 0o600)
"""


def test_what_a_killed_writer_left_is_removed_and_what_is_being_written_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], check=False)
    (left,) = tmp_path.iterdir()
    (tmp_path / ".test-link").symlink_to(tmp_path / "elsewhere")

    def chunks() -> Iterator[bytes]:
        yield b"whole"
        remove_orphans(tmp_path, f"{PREFIX}*")
        assert not left.exists()

    replace_file(path, chunks(), PREFIX, SHARED)
    assert path.read_bytes() == b"whole"


def test_a_writer_that_was_taken_for_gone_before_its_lock_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = os.open, list[Path]()

    looking: list[int] = []

    def open_and_lose(path: Path, *how: int) -> int:
        handle = make(path, *how)
        made.append(path)
        if len(made) == 1:
            Path(path).unlink()
        elif len(made) == 2:  # whoever looks has the lock, and will remove it
            looking.append(make(path, os.O_RDONLY))
            fcntl.flock(looking[0], fcntl.LOCK_EX)
        return handle

    monkeypatch.setattr(os, "open", open_and_lose)
    replace_file(tmp_path / "file", [b"content"], PREFIX, SHARED)
    os.close(looking[0])
    assert (tmp_path / "file").read_bytes() == b"content"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]
