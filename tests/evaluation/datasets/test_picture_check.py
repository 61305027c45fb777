import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from geoagent_evaluation.datasets.near_copies import (
    Signatures,
    find_in_references,
    find_near_copies,
)
from geoagent_evaluation.datasets.photo_row import PhotoRow
from geoagent_evaluation.datasets.picture_check import Reference, check_pictures
from geoagent_evaluation.datasets.picture_facts import UnreadablePicture, measure_picture
from geoagent_evaluation.datasets.picture_files import find_pictures
from geoagent_evaluation.datasets.picture_hash import hamming_distance
from PIL import Image, ImageDraw

from tests.support.drawn_photos import draw_photo


def photo(name: str, lat_deg: float = 10.0, lon_deg: float = 20.0) -> PhotoRow:
    return PhotoRow(1, name, f"{name}.jpg", lat_deg, lon_deg, {})


def save(folder: Path, name: str, picture: Image.Image, quality: int = 90) -> Path:
    path = folder / f"{name}.jpg"
    picture.save(path, quality=quality)
    return path


ALTERED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "smaller": lambda picture: picture.resize((150, 150)),
    "cut": lambda picture: picture.crop((6, 6, 314, 314)),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_an_altered_copy_is_a_near_copy_of_the_first(
    tmp_path: Path, change: Callable[[Image.Image], Image.Image]
) -> None:
    picture = draw_photo(1, 320)
    files = {
        "other": save(tmp_path, "other", draw_photo(2, 320)),
        "first": save(tmp_path, "first", picture),
        "copy": save(tmp_path, "copy", change(picture), quality=40),
    }
    marks = check_pictures([photo("other"), photo("first"), photo("copy", 48.0)], files)
    assert [(one.id, one.kind, one.duplicate_of) for one in marks] == [
        ("copy", "near copy", "first")
    ]
    assert marks[0].label_fault
    assert marks[0].distance_km == pytest.approx(4225, abs=5)


def test_different_pictures_are_not_marked(tmp_path: Path) -> None:
    names = [f"p{n}" for n in range(30)]
    files = {name: save(tmp_path, name, draw_photo(n)) for n, name in enumerate(names)}
    assert check_pictures([photo(name) for name in names], files) == []


def test_placeholders_copies_and_missing_files_are_told_apart(tmp_path: Path) -> None:
    tile = Image.new("RGB", (500, 374), (204, 204, 204))
    ImageDraw.Draw(tile).text((60, 180), "This photo is no longer available", fill=(90, 90, 90))
    files = {
        "tile": save(tmp_path, "tile", tile),
        "tiny": save(tmp_path, "tiny", draw_photo(3, 16)),
        "a": save(tmp_path, "a", draw_photo(4)),
        "b": save(tmp_path, "b", draw_photo(4)),
        "broken": tmp_path / "broken.jpg",
    }
    files["broken"].write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    marks = check_pictures([photo(name) for name in (*files, "gone")], files)
    assert {one.id: one.kind for one in marks} == {
        "tile": "placeholder",
        "tiny": "placeholder",
        "b": "identical",
        "broken": "unreadable",
        "gone": "missing",
    }
    assert marks[0].truth_fields == {"placeholder": True}
    assert marks[0].row()["placeholder"] is True
    assert next(one for one in marks if one.id == "b").truth_fields == {"duplicate_of": "a"}


def test_one_file_at_three_places_is_a_placeholder(tmp_path: Path) -> None:
    files = {name: save(tmp_path, name, draw_photo(5)) for name in "abc"}
    marks = check_pictures([photo("a", 0), photo("b", 30), photo("c", 60)], files)
    assert {one.kind for one in marks} == {"placeholder"}
    here = check_pictures([photo("a"), photo("b"), photo("c")], files)
    assert [(one.id, one.kind) for one in here] == [("b", "identical"), ("c", "identical")]


def test_a_photo_of_the_index_is_found(tmp_path: Path) -> None:
    files = {"a": save(tmp_path, "a", draw_photo(6)), "b": save(tmp_path, "b", draw_photo(7))}
    shown = save(tmp_path, "reference", draw_photo(7).resize((60, 60)))
    [mark] = check_pictures([photo("a"), photo("b")], files, [Reference(shown, 10.0, 20.0)])
    assert (mark.id, mark.kind, mark.duplicate_of) == ("b", "in references", "reference.jpg")
    assert mark.distance_km == 0.0
    assert not mark.label_fault


def test_blocks_give_what_all_pairs_give() -> None:
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**63, 3000, dtype=np.uint64)
    thumbs = random.integers(0, 256, (3000, 256), dtype=np.uint8)
    for copy, original in ((2999, 5), (1500, 1023), (1024, 1023)):
        hashes[copy] = hashes[original] ^ np.uint64(0b1011)
        thumbs[copy] = thumbs[original]
    pictures = Signatures(hashes, thumbs)
    found = [(one.index, one.original, one.bits) for one in find_near_copies(pictures)]
    assert found == [(1024, 1023, 3), (1500, 1023, 3), (2999, 5, 3)]
    same = find_in_references(pictures, pictures)
    assert len(same) == 3000
    assert [one.original for one in same if one.index in {5, 1024}] == [5, 1023]


def test_like_hashes_of_unlike_pictures_are_no_copies() -> None:
    thumbs = np.random.default_rng(1).integers(0, 256, (2, 256), dtype=np.uint8)
    assert find_near_copies(Signatures(np.zeros(2, dtype=np.uint64), thumbs)) == []


def test_bits_are_counted() -> None:
    one, other = np.array([0b1011, 0], dtype=np.uint64), np.array([0, 2**64 - 1], dtype=np.uint64)
    assert hamming_distance(one, other).tolist() == [3, 64]


def test_a_picture_of_too_many_pixels_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path, "large", draw_photo(8))
    monkeypatch.setattr("geoagent_evaluation.datasets.picture_facts.MAX_PIXELS", 9000)
    with pytest.raises(UnreadablePicture, match="has more than 9000 pixels"):
        measure_picture(path)


def test_a_pipe_is_no_picture(tmp_path: Path) -> None:
    pipe = tmp_path / "a.jpg"
    os.mkfifo(pipe)
    with pytest.raises(UnreadablePicture, match="is no file"):
        measure_picture(pipe)


def test_pictures_are_found_below_the_folder_and_not_outside(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "00").mkdir(parents=True)
    deep = save(folder / "00", "deep", draw_photo(1))
    named = save(folder, "Rome_00024_231521_x", draw_photo(2))
    (folder / "out.jpg").symlink_to(save(tmp_path, "elsewhere", draw_photo(3)))
    found = find_pictures([photo("deep"), photo("231521_x"), photo("out"), photo("no")], folder)
    assert found == {"deep": deep, "231521_x": named}
