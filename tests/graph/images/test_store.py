"""Photos of every known format become upright RGB pixels; a bad one gets one line."""

import io
import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoagent_graph.errors import PhotoError, StorageError
from geoagent_graph.images import store as store_module
from geoagent_graph.images.store import PhotoStore
from geoagent_graph.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path / "cache", home=tmp_path / "home")


@pytest.fixture
def store(settings: Settings) -> PhotoStore:
    return PhotoStore(settings)


def drawing(mode: str = "RGB", size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Left half dark, right half light."""
    image = Image.new("L", size, 40)
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, size[0], size[1]), fill=200)
    return image.convert(mode)


def saved(image: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def halves(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    width = pixels.shape[1]
    return pixels[:, : width // 2 - 4].mean(), pixels[:, width // 2 + 4 :].mean()


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_known_formats_become_rgb(store: PhotoStore, image_format: str) -> None:
    opened = store.open(saved(drawing(), image_format), "sign")
    assert (opened.image.width, opened.image.height) == (120, 80)
    assert opened.image.format == image_format
    pixels = store.pixels(opened.image)
    assert pixels.shape == (80, 120, 3)
    assert pixels.dtype == np.uint8
    assert halves(pixels) == pytest.approx((40, 200), abs=3)


def test_cmyk_is_not_inverted(store: PhotoStore) -> None:
    data = saved(drawing("CMYK"), "JPEG", quality=95)
    assert halves(store.pixels(store.open(data, "c").image)) == pytest.approx((40, 200), abs=4)


def test_sixteen_bits_are_scaled_not_saturated(store: PhotoStore) -> None:
    values = np.full((80, 120), 40 * 257, np.uint16)
    values[:, 60:] = 200 * 257
    data = saved(Image.fromarray(values), "PNG")
    assert halves(store.pixels(store.open(data, "deep").image)) == pytest.approx((40, 200), abs=1)


def test_transparent_palette_lies_on_white(store: PhotoStore) -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.paste(1, (20, 0, 40, 40))
    data = saved(image, "PNG", transparency=0)
    pixels = store.pixels(store.open(data, "palette").image)
    assert pixels[5, 5].tolist() == [255, 255, 255]
    assert pixels[5, 35].tolist() == [255, 0, 0]


def test_of_an_animation_the_first_frame_with_a_warning(store: PhotoStore) -> None:
    frames = [drawing(), Image.new("RGB", (120, 80), "white")]
    opened = store.open(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), "moving")
    assert len(opened.warnings) == 1
    assert halves(store.pixels(opened.image)) == pytest.approx((40, 200), abs=3)


def test_exif_orientation_is_applied(store: PhotoStore) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: the top of the scene is on the right of the file
    opened = store.open(saved(drawing(), "JPEG", exif=exif), "turned")
    assert (opened.image.width, opened.image.height) == (80, 120)
    pixels = store.pixels(opened.image)
    assert pixels[:50].mean() == pytest.approx(40, abs=4)
    assert pixels[70:].mean() == pytest.approx(200, abs=4)


def png_bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello, this is no photo\n" * 20, "a text file"),
        (b"<!DOCTYPE html><html><body>403</body></html>", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%PDF-1.7\n\xff\xfe", "PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heic", "HEIC.*pillow-heif"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isom", "a video"),
        (bytes(range(256)) * 8, "not a photo in a known format"),
        (png_bomb(10_000, 10_000), "100 megapixels"),
        (png_bomb(100, 100), "damaged or incomplete"),
        (saved(drawing(size=(900, 900)), "JPEG")[:3000], "damaged or incomplete"),
        (saved(drawing(size=(300, 300)), "WEBP")[:-20], "damaged or incomplete"),
        (b"8BPS\0\1" + bytes(20), "Photoshop document"),
        (b"\xff\x0a" + bytes(20), "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "JPEG XL"),
        (b"\0\0\0\x18ftypcrx \0\0\0\0crx ", "CR3.*no JPEG preview.*Convert it to JPEG"),
        (b"II*\0\x08\0\0\0\0\0", "a TIFF or a camera's raw file that cannot be read"),
        (b"<?xpacket begin=''?><x:xmpmeta/>", "XMP file that belongs to a photo"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_what_is_no_good_photo_gets_one_line_that_names_it(
    store: PhotoStore, data: bytes, words: str
) -> None:
    with pytest.raises(PhotoError, match=words) as caught:
        store.open(data, "evil\n\x1b[2Jname.jpg")
    text = str(caught.value)
    assert text.startswith("evil\\u000a\\u001b[2Jname.jpg: ")
    assert "\n" not in text
    assert "0x" not in text


def test_decoding_is_cut_off_in_time(settings: Settings) -> None:
    slow = settings.model_copy(update={"decode_seconds": 0.001})
    with pytest.raises(PhotoError, match="GEOAGENT_DECODE_SECONDS"):
        # the system looks at the time used a few hundred times a second
        PhotoStore(slow).open(saved(drawing(size=(3000, 2000)), "PNG"), "slow")


def test_shrinking_and_full_size(store: PhotoStore) -> None:
    opened = store.open(saved(drawing(size=(2400, 1200)), "JPEG"), "large")
    assert (opened.image.width, opened.image.height) == (2400, 1200)
    assert store.pixels(opened.image, 300).shape == (150, 300, 3)
    assert store.pixels(opened.image, 1600).shape == (800, 1600, 3)
    assert store.pixels(opened.image).shape == (1200, 2400, 3)
    assert store.pixels(opened.image, 9999).shape == (1200, 2400, 3)


def test_a_photo_of_very_many_pixels_is_decoded_once_at_a_part_of_its_size(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PhotoStore(settings.model_copy(update={"max_pixels": 2_000_000, "ocr_max_side": 1000}))
    opened = store.open(saved(drawing(size=(4000, 2000)), "JPEG"), "huge")
    assert (opened.image.width, opened.image.height) == (4000, 2000)
    assert opened.warnings == ("8 megapixels: decoded at 1/2 of width and height",)
    assert store.pixels(opened.image).shape == (1000, 2000, 3)
    monkeypatch.setattr(store_module, "decode_photo", None)  # it is held already
    assert store.pixels(opened.image).shape == (1000, 2000, 3)


def test_a_file_keeps_its_bytes_and_its_name(store: PhotoStore, tmp_path: Path) -> None:
    data = saved(drawing(), "JPEG")
    path = tmp_path / "Straße\u202e.jpg"
    path.write_bytes(data)
    image = store.open(path).image
    assert store.original(image) == data
    assert image.name == "Straße\\u202e.jpg"


def test_least_recently_used_originals_leave_memory_but_not_the_folder(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [saved(drawing(size=(100 + n, 80)), "PNG") for n in range(3)]
    monkeypatch.setattr(store_module, "MAX_ORIGINALS_BYTES", len(photos[0]) + len(photos[1]) + 10)
    without, kept = PhotoStore(settings), PhotoStore(settings, tmp_path / "photos")
    lost = [without.open(data, "p").image for data in photos]
    images = [kept.open(data, "p").image for data in photos]
    with pytest.raises(PhotoError, match="Open the photo again"):
        without.original(lost[0])
    assert [kept.original(image) for image in images] == photos
    files = [path for path in (tmp_path / "photos").rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == sorted(image.sha256[7:] for image in images)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_a_changed_copy_is_refused(settings: Settings, tmp_path: Path) -> None:
    image = PhotoStore(settings, tmp_path).open(saved(drawing(), "PNG"), "p").image
    path = tmp_path / image.sha256[7:9] / image.sha256[7:]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(PhotoError, match="has changed"):
        PhotoStore(settings, tmp_path).original(image)


def test_a_damaged_copy_heals_when_the_same_photo_is_given_again(
    settings: Settings, tmp_path: Path
) -> None:
    data = saved(drawing(), "PNG")
    image = PhotoStore(settings, tmp_path).open(data, "p").image
    path = tmp_path / image.sha256[7:9] / image.sha256[7:]
    for damaged in (data[:-1] + b"?", data[:10], b""):
        path.write_bytes(damaged)
        PhotoStore(settings, tmp_path).open(data, "p")
        assert PhotoStore(settings, tmp_path).original(image) == data


def test_what_killed_writers_left_goes_when_a_photo_is_kept(
    settings: Settings, tmp_path: Path
) -> None:
    left = tmp_path / "ab" / ".photo-left"
    left.parent.mkdir()
    left.write_bytes(b"half")
    PhotoStore(settings, tmp_path).open(saved(drawing(), "PNG"), "p")
    assert not left.exists()


def test_a_folder_that_cannot_be_made_is_a_storage_error(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be stored"):
        PhotoStore(settings, tmp_path / "file" / "below").open(saved(drawing(), "PNG"), "p")


def test_threads_share_a_store(store: PhotoStore) -> None:
    photos = [saved(drawing(size=(60 + n, 40)), "PNG") for n in range(6)]
    widths = {}

    def work(n: int) -> None:
        image = store.open(photos[n], str(n)).image
        widths[n] = store.pixels(image).shape[1]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert widths == {n: 60 + n for n in range(6)}
