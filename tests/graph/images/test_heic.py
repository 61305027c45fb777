"""HEIC photos with the extra `heic`: pixels, position and orientation."""

import io

import pytest
from PIL import Image

from geoagent_graph.images.exif import read_file_claims
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.settings import Settings
from tests.support.photo_files import GPS, SANTIAGO, exif_bytes

pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra `heic`")


def test_a_heic_photo_is_read_with_its_position() -> None:
    buffer = io.BytesIO()
    picture = pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red"))
    picture.save(buffer, exif=exif_bytes(GPS))
    data = buffer.getvalue()
    opened = PhotoStore(Settings()).open(data, "phone.heic")
    assert (opened.image.width, opened.image.height, opened.image.format) == (64, 48, "HEIF")
    claims = read_file_claims(data, Settings())
    assert (claims.lat_deg, claims.lon_deg) == pytest.approx(SANTIAGO)
