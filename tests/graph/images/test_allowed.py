"""Photos by path below allowed folders, and nothing beside them."""

import os
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.allowed import AllowedFolders


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "trip").mkdir(parents=True)
    (tmp_path / "photos" / "a.jpg").write_bytes(b"a")
    (tmp_path / "photos" / "trip" / "b.jpg").write_bytes(b"b")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return tmp_path / "photos"


def test_files_below_the_folder_are_read_by_relative_and_absolute_path(root: Path) -> None:
    folders = AllowedFolders([root])
    assert folders.read("trip/b.jpg", 10) == ("b.jpg", b"b")
    assert folders.read(str(root / "a.jpg"), 10) == ("a.jpg", b"a")


def test_a_relative_path_is_looked_for_in_every_folder(root: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    folders = AllowedFolders([tmp_path / "empty", root])
    assert folders.read("a.jpg", 10) == ("a.jpg", b"a")


@pytest.mark.parametrize("path", ["../secret.txt", "trip/../../secret.txt", "/etc/passwd"])
def test_paths_that_lead_out_are_refused(root: Path, path: str) -> None:
    with pytest.raises(PhotoError, match="outside the folders that may be read"):
        AllowedFolders([root]).read(path, 10_000)


def test_a_link_that_leads_out_is_refused_and_one_inside_is_followed(root: Path) -> None:
    (root / "out").symlink_to(root.parent / "secret.txt")
    (root / "inside").symlink_to(root / "a.jpg")
    folders = AllowedFolders([root])
    with pytest.raises(PhotoError, match="outside"):
        folders.read("out", 10)
    assert folders.read("inside", 10) == ("a.jpg", b"a")


def test_what_is_no_file_is_refused_in_one_line(root: Path) -> None:
    os.mkfifo(root / "pipe")
    folders = AllowedFolders([root])
    for path in ("trip", "pipe", "missing.jpg", "a\0b"):
        with pytest.raises(PhotoError) as caught:
            folders.read(path, 10)
        assert "\n" not in str(caught.value)


def test_a_file_above_the_limit_is_refused(root: Path) -> None:
    (root / "large.jpg").write_bytes(bytes(11))
    with pytest.raises(PhotoError, match="larger than"):
        AllowedFolders([root]).read("large.jpg", 10)


def test_folders_must_be_given_and_be_there(root: Path) -> None:
    with pytest.raises(InputError, match="name a folder"):
        AllowedFolders([])
    with pytest.raises(InputError, match="no such folder"):
        AllowedFolders([root / "a.jpg"])
