"""Photos as other programs give them."""

import base64
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.images.incoming import IncomingPhoto, read_photo

DATA = bytes(range(90))
TEXT = base64.b64encode(DATA).decode()


@pytest.fixture
def folders(tmp_path: Path) -> AllowedFolders:
    (tmp_path / "a.jpg").write_bytes(DATA)
    return AllowedFolders([tmp_path])


@pytest.mark.parametrize("text", [TEXT, f"data:image/jpeg;base64,{TEXT}"])
def test_base64_is_decoded_with_and_without_the_head_of_a_url(
    folders: AllowedFolders, text: str
) -> None:
    assert read_photo(IncomingPhoto(base64=text), folders, 1000) == ("photo", DATA)


def test_a_path_is_read_and_may_be_called_otherwise(folders: AllowedFolders) -> None:
    assert read_photo(IncomingPhoto(path="a.jpg"), folders, 1000) == ("a.jpg", DATA)
    photo = IncomingPhoto(path="a.jpg", name="the street\n")
    assert read_photo(photo, folders, 1000) == ("the street\\u000a", DATA)


def test_one_photo_must_be_given(folders: AllowedFolders) -> None:
    with pytest.raises(InputError, match="give a photo"):
        read_photo(IncomingPhoto(name="a"), folders, 1000)
    with pytest.raises(InputError, match="not both"):
        read_photo(IncomingPhoto(path="a.jpg", base64=TEXT), folders, 1000)
    assert not IncomingPhoto(name="a").is_given
    assert IncomingPhoto(base64="").is_given


@pytest.mark.parametrize("text", ["no base64!", TEXT[:-1], "data:image/jpeg;base64,%%%"])
def test_what_is_no_base64_is_refused(folders: AllowedFolders, text: str) -> None:
    with pytest.raises(PhotoError, match="is not base64"):
        read_photo(IncomingPhoto(base64=text), folders, 1000)


def test_text_that_is_too_long_is_not_decoded(folders: AllowedFolders) -> None:
    with pytest.raises(PhotoError, match="longer than a file"):
        read_photo(IncomingPhoto(base64=TEXT), folders, 60)
