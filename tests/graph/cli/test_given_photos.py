"""What people name as photos: folders, quoted patterns, ZIP files; what is no photo is counted."""

import zipfile
from pathlib import Path

import pytest

from geoagent_graph.cli import given_photos
from geoagent_graph.cli.given_photos import find_photos
from geoagent_graph.errors import PhotoError

MAX_BYTES = 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "trip"
    (found / "day 2").mkdir(parents=True)
    for name in ("b.JPG", "a.png", "notes.txt", "clip.mp4", "day 2/c.webp", "day 2/d.mp4"):
        (found / name).write_bytes(name.encode())
    return found


def test_a_folder_stands_for_its_photos_by_name_and_the_rest_is_counted(folder: Path) -> None:
    empty = folder.parent / "empty"
    empty.mkdir()
    with find_photos([str(folder), str(empty), "c.jpg", "-"], MAX_BYTES) as given:
        assert given.paths == [
            str(folder / "a.png"),
            str(folder / "b.JPG"),
            str(folder / "day 2" / "c.webp"),
            str(empty),
            "c.jpg",
            "-",
        ]
        assert given.labels == given.paths
        assert given.note() == "left out 3 files that are no photos (.mp4: 2, .txt: 1)"


def test_nothing_left_out_needs_no_words(folder: Path) -> None:
    with find_photos([str(folder / "a.png")], MAX_BYTES) as given:
        assert given.note() is None


def test_a_quoted_pattern_stands_for_its_photos(folder: Path) -> None:
    with find_photos([f"{folder}/**/*"], MAX_BYTES) as given:
        assert [Path(path).name for path in given.paths] == ["a.png", "b.JPG", "c.webp"]
        assert given.skipped.total() == 3
    with find_photos([f"{folder}/*.gif"], MAX_BYTES) as given:
        assert given.paths == [f"{folder}/*.gif"]  # a bad photo, which is said when it is opened


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path) -> None:
    odd = folder / "[1].jpg"
    odd.write_bytes(b"x")
    with find_photos([str(odd)], MAX_BYTES) as given:
        assert given.paths == [str(odd)]


def test_a_zip_stands_for_its_photos_under_the_names_they_have_in_it(tmp_path: Path) -> None:
    packed = tmp_path / "trip.zip"
    with zipfile.ZipFile(packed, "w") as file:
        for name in ("b.jpg", "../../evil.png", "readme.md", "__MACOSX/._b.jpg"):
            file.writestr(name, f"content of {name}")
        file.writestr("large.jpg", b"x" * 5000)
    with find_photos([str(packed)], MAX_BYTES) as given:
        names = [label.removeprefix(f"{packed}/") for label in given.labels]
        assert names == ["../../evil.png", "b.jpg", "large.jpg"]
        contents = [Path(path).read_bytes() for path in given.paths]
        assert contents[:2] == [b"content of ../../evil.png", b"content of b.jpg"]
        assert len(contents[2]) == MAX_BYTES + 1  # refused when it is opened
        assert given.skipped == {".md": 1, ".jpg": 1}
        unpacked = Path(given.paths[0]).parent
        assert sorted(path.name for path in unpacked.iterdir()) == ["0.png", "2.jpg", "3.jpg"]
    assert not unpacked.exists()
    assert not (tmp_path.parent / "evil.png").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"x" * 100])
def test_a_damaged_zip_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    packed = tmp_path / "trip.zip"
    packed.write_bytes(content)
    with pytest.raises(PhotoError, match=r"trip\.zip: is damaged or encrypted"):
        find_photos([str(packed)], MAX_BYTES).__enter__()


def test_a_zip_without_photos_or_with_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "trip.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.txt", b"x")
    with pytest.raises(PhotoError, match="no photos in it"):
        find_photos([str(packed)], MAX_BYTES).__enter__()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(9):
            file.writestr(f"{number}.jpg", b"\0" * 900)
    monkeypatch.setattr(given_photos, "MAX_UNPACKED_BYTES", 5000)
    with pytest.raises(PhotoError, match="more than 5,000 bytes"):
        find_photos([str(packed)], MAX_BYTES).__enter__()
    monkeypatch.setattr(given_photos, "MAX_MEMBERS", 8)
    with pytest.raises(PhotoError, match="more than 8 files"):
        find_photos([str(packed)], MAX_BYTES).__enter__()
