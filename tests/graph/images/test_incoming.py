"""Photos as other programs give them."""

import base64
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

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


@pytest.mark.parametrize("data", [bytes(range(120, 256)) + bytes(n) for n in range(3)])
def test_base64_of_every_kind_is_decoded(folders: AllowedFolders, data: bytes) -> None:
    plain, broken = base64.b64encode(data), base64.encodebytes(data)
    url_safe = base64.urlsafe_b64encode(data)
    assert b"_" in url_safe
    assert b"\n" in broken
    texts = [
        plain.rstrip(b"="),
        broken,
        broken.replace(b"\n", b"\r\n"),
        b"  " + broken.replace(b"\n", b"\n\t"),
        url_safe,
        url_safe.rstrip(b"="),
        b"data:;base64," + plain,
        b"DATA:image/jpeg;name=a.jpg;Base64," + broken,
        b"data:image/jpeg;base64," + quote(plain).encode(),
        b"data:image/jpeg," + quote_from_bytes(data).encode(),
    ]
    for text in texts:
        for given in (text, text.decode()):
            assert read_photo(IncomingPhoto(base64=given), folders, 1000)[1] == data


def test_a_file_uri_below_the_folders_is_a_path(folders: AllowedFolders) -> None:
    (folders.roots[0] / "a b.jpg").write_bytes(DATA)
    uri = (folders.roots[0] / "a b.jpg").as_uri()
    assert "%20" in uri
    assert read_photo(IncomingPhoto(path=uri), folders, 1000) == ("a b.jpg", DATA)
    for outside in ("file:///etc/hosts", "file:///%2e%2e/etc/hosts"):
        with pytest.raises(PhotoError, match="outside the folders"):
            read_photo(IncomingPhoto(path=outside), folders, 1000)
    with pytest.raises(PhotoError, match="of another machine"):
        read_photo(IncomingPhoto(path="file://server/a.jpg"), folders, 1000)
    assert read_photo(IncomingPhoto(path=Path("a.jpg")), folders, 1000) == ("a.jpg", DATA)


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


@pytest.mark.parametrize(
    "text",
    [
        "no base64!",
        TEXT[:-1],
        TEXT[:-3],
        "A",
        f"{TEXT[:20]}={TEXT[20:]}",
        "\u0430" + TEXT,
        "data:image/jpeg;base64,%%%",
    ],
)
def test_what_is_no_base64_is_refused(folders: AllowedFolders, text: str) -> None:
    with pytest.raises(PhotoError, match="is not base64"):
        read_photo(IncomingPhoto(base64=text), folders, 1000)


def test_text_that_is_too_long_is_not_decoded(folders: AllowedFolders) -> None:
    with pytest.raises(PhotoError, match="longer than a file"):
        read_photo(IncomingPhoto(base64=TEXT), folders, 60)
