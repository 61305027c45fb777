"""The XMP file beside a photo is kept with it, and is read where claims of files count."""

from pathlib import Path

import pytest

from geoagent_graph.images.sidecar import MAX_SIDECAR_BYTES, Sidecar, read_sidecar
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.protocols import Photo
from geoagent_graph.settings import Settings
from geoagent_graph.types import ImageRef
from tests.support.photo_files import photo, xmp_position

XMP = xmp_position()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.jpg").write_bytes(photo())
    return tmp_path


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp", "a.jpg.XMP", "a.XMP"])
def test_the_file_beside_the_photo_is_found(folder: Path, name: str) -> None:
    (folder / name).write_bytes(XMP)
    assert read_sidecar(folder / "a.jpg").data == XMP


def test_the_longer_name_is_this_photos_own(folder: Path) -> None:
    (folder / "a.xmp").write_bytes(b"of a.raw, perhaps")
    (folder / "a.jpg.xmp").write_bytes(XMP)
    assert read_sidecar(folder / "a.jpg").data == XMP


def test_one_that_cannot_be_read_is_a_warning(folder: Path) -> None:
    (folder / "a.xmp").write_bytes(b"x" * (MAX_SIDECAR_BYTES + 1))
    found = read_sidecar(folder / "a.jpg")
    assert found.data is None
    assert "was not read" in found.warnings[0]
    assert read_sidecar(folder / "b.jpg") == Sidecar()


def test_the_store_keeps_it_with_the_photo(folder: Path) -> None:
    store = PhotoStore(Settings(), folder / "photos")
    alone = store.open(folder / "a.jpg").image
    assert alone.sidecar is None
    assert "sidecar" not in alone.model_dump(mode="json")
    (folder / "a.xmp").write_bytes(XMP)
    image = store.open(folder / "a.jpg").image
    assert image.sha256 == alone.sha256
    again = ImageRef.model_validate(image.model_dump(mode="json"))
    assert Photo(again, PhotoStore(Settings(), folder / "photos")).sidecar() == XMP
    assert Photo(alone, store).sidecar() is None
