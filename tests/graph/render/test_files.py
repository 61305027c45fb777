"""Files are written whole or not at all, and never over what they must not replace."""

import errno
from pathlib import Path
from typing import Never

import pytest

from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.render.files import check_target, write_whole


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.html", "Straße")
    write_whole(tmp_path / "a.html", "新")
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    assert (tmp_path / "a.html").read_text("utf-8") == "新"


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.html").write_text("old")

    def full(number: int) -> Never:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match=r"a\.html: cannot be written \(No space left"):
        write_whole(tmp_path / "a.html", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    assert (tmp_path / "a.html").read_text() == "old"


def test_a_full_device_is_a_storage_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(StorageError, match="No space left"):
        write_whole(Path("/dev/full"), "text")


def test_a_link_is_followed_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    write_whole(tmp_path / "link.html", "new")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_text() == "new"
    write_whole(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()


def test_names_that_cannot_be_written_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        write_whole(tmp_path / ("x" * 300 + "\n.html"), "text")
    assert "\n" not in str(caught.value)


def test_impossible_targets_are_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        check_target(tmp_path, "--html")
    with pytest.raises(InputError, match="its folder does not exist"):
        check_target(tmp_path / "no" / "a.html", "--html")
    check_target(tmp_path / "a.html", "--html")
