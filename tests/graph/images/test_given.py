"""Photos as a program has them: each becomes a path or the bytes of a file, or is refused."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.exif import PhotoExifReader
from geoagent_graph.images.given import PhotoSource, given_name, photo_source
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.settings import load_settings

DATA = b"the bytes of a file"
TEXT = base64.b64encode(DATA).decode()


def source_of(photo: Any) -> PhotoSource:
    return photo_source(photo, 1_000_000)


@pytest.mark.parametrize("photo", ["a b.jpg", Path("a b.jpg"), "file:a b.jpg"])
def test_paths_stay_paths(photo: Any) -> None:
    assert source_of(photo) == PhotoSource(Path(photo))
    assert given_name(photo) == str(photo)


def test_a_uri_is_a_path() -> None:
    assert source_of("file:///a%20b.jpg").source == Path("/a b.jpg")
    assert source_of(f"data:image/jpeg;base64,{TEXT}") == PhotoSource(DATA, "photo")
    assert given_name(f"data:image/jpeg;base64,{TEXT}") == "photo"


@pytest.mark.parametrize("photo", [DATA, bytearray(DATA), memoryview(DATA)])
def test_bytes_of_every_kind_are_bytes(photo: Any) -> None:
    assert source_of(photo) == PhotoSource(DATA)


def test_an_open_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"head" + DATA)
    with path.open("rb") as file:
        file.seek(4)
        assert source_of(file) == PhotoSource(DATA, "a.jpg")
        with pytest.raises(PhotoError, match=r"a\.jpg: the open file is at its end. Call seek"):
            source_of(file)
    with path.open() as text, pytest.raises(PhotoError, match="open as text"):
        source_of(text)
    with pytest.raises(PhotoError, match="larger than"):
        photo_source(io.BytesIO(DATA), 5)
    with pytest.raises(PhotoError, match="the file is empty"):
        source_of(io.BytesIO())


def test_a_file_that_is_asynchronous_says_so() -> None:
    class Upload:
        filename = "folder/a.jpg"

        async def read(self, size: int = -1) -> bytes:
            return DATA[:size]

    with pytest.raises(PhotoError, match=r"a\.jpg: this file is asynchronous"):
        source_of(Upload())


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK", "F", "1"])
def test_a_pillow_image_of_any_mode_is_kept_as_png(mode: str) -> None:
    kept = source_of(Image.new("RGB", (20, 10), "red").convert(mode))
    assert isinstance(kept.source, bytes)
    with Image.open(io.BytesIO(kept.source)) as image:
        assert (image.format, image.size) == ("PNG", (20, 10))


def test_a_pillow_image_keeps_what_its_file_claims(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    exif.get_ifd(0x8825).update({1: "S", 2: (33.0, 27.0, 0.0), 3: "W", 4: (70.0, 40.0, 0.0)})
    path = tmp_path / "plaza.jpg"
    Image.new("RGB", (20, 10)).save(path, exif=exif, xmp=b"<x:xmpmeta/>")
    settings = load_settings()
    store = PhotoStore(settings)
    with Image.open(path) as image:
        opened = store.open(image).image
    assert (opened.name, opened.format) == ("plaza.jpg", "PNG")
    claims = PhotoExifReader(settings).read(store.original(opened))
    assert (claims.lat_deg, claims.lon_deg) == pytest.approx((-33.45, -70.6667), abs=1e-3)
    assert b"<x:xmpmeta/>" in store.original(opened)


def test_a_pillow_image_whose_file_is_closed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (20, 10)).save(path)
    with Image.open(path) as image:
        pass
    with pytest.raises(PhotoError, match=r"a\.png: this Pillow image cannot be read"):
        source_of(image)


@pytest.mark.parametrize("shape", [(10, 20), (10, 20, 1), (10, 20, 3), (10, 20, 4)])
def test_an_array_is_kept_without_loss(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    kept = source_of(array)
    assert isinstance(kept.source, bytes)
    with Image.open(io.BytesIO(kept.source)) as image:
        assert np.array_equal(np.asarray(image).reshape(shape), array)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((3, 10, 20), np.uint8), "an array of uint8, 3 x 10 x 20; give uint8, height"),
        (np.zeros((10, 20, 3)), "an array of float64, 10 x 20 x 3"),
        (np.zeros((0, 20), np.uint8), "0 x 20"),
        (np.array(1, np.uint8), "a single number"),
    ],
)
def test_an_array_that_is_no_photo_is_refused(array: Any, says: str) -> None:
    with pytest.raises(PhotoError, match=says):
        source_of(array)


@pytest.mark.parametrize("photo", [None, 5, [DATA], object()])
def test_anything_else_is_refused_with_what_to_give(photo: Any) -> None:
    with pytest.raises(PhotoError, match=f"is a {type(photo).__name__}; give a path, the bytes"):
        source_of(photo)
