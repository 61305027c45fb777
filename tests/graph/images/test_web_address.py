"""A web address given as a photo is said to be one, as it was given."""

from pathlib import Path

import pytest

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.images.file_uri import photo_path
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.images.web_address import is_web_address
from geoagent_graph.settings import Settings

ADDRESS = "https://example.org/a//b/../photo.jpg?size=2#top"


def test_a_web_address_is_refused_unbroken() -> None:
    with pytest.raises(PhotoError, match="a web address, not a file") as caught:
        photo_path(ADDRESS)
    assert str(caught.value).startswith(f"{ADDRESS}: ")


def test_a_path_that_was_an_address_gets_its_slash_back(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"^https://example\.org/photo\.jpg: a web address"):
        PhotoStore(Settings(home=tmp_path)).open(Path("https://example.org/photo.jpg"))
    with pytest.raises(PhotoError, match=r"^s3://bucket/photo\.jpg: a web address"):
        AllowedFolders([tmp_path]).read("s3://bucket/photo.jpg", 10)


@pytest.mark.parametrize("text", ["photo.jpg", "C:/photo.jpg", "a/https:/b", "http:", "-", "/x"])
def test_other_paths_are_paths(text: str) -> None:
    assert not is_web_address(text)
    assert photo_path(text) == Path(text)
