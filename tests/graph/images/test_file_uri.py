"""Files of this machine by URI."""

from pathlib import Path

import pytest

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.file_uri import local_path, photo_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("file:///a/My%20Photo%23%201.jpg", "/a/My Photo# 1.jpg"),
        ("file://localhost/a/b.jpg", "/a/b.jpg"),
        ("FILE:/a/b.jpg", "/a/b.jpg"),
        ("file:///a/caf%C3%A9%E2%82%AC.jpg", "/a/café€.jpg"),
        ("file:///a/café.jpg", "/a/café.jpg"),
        ("file:///a/b#c?d.jpg", "/a/b#c?d.jpg"),
        ("file:///a/100%.jpg", "/a/100%.jpg"),
        ("file:///a/%FF.jpg", "/a/\udcff.jpg"),
        ("file:a.jpg", "file:a.jpg"),
        ("a%20b.jpg", "a%20b.jpg"),
        ("files:/a", "files:/a"),
    ],
)
def test_a_uri_stands_for_the_path_that_it_names(text: str, path: str) -> None:
    assert local_path(text) == path
    assert photo_path(text) == Path(path)
    # A `Path` keeps one slash of several.
    assert local_path(str(Path(text))) == path


@pytest.mark.parametrize("text", ["file://server/a/b.jpg", "file:////server/a.jpg"])
def test_a_file_of_another_machine_is_said_to_be_one(text: str) -> None:
    assert local_path(text) == text
    with pytest.raises(PhotoError, match="a file of another machine") as refused:
        photo_path(text)
    assert str(refused.value).startswith(text)
