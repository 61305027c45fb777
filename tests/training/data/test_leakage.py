"""Photos and places of a test set are found in training data."""

from pathlib import Path

import numpy as np
from geoagent_training.data.leakage import find_leaks, near_pictures, near_places, picture_hash
from geoagent_training.data.rows import LocatedPhoto
from geoagent_training.data.sources import SourceRow
from PIL import Image, ImageEnhance


def _texture(seed: int) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC)


def _row(folder: Path, name: str, picture: Image.Image, lat: float, lon: float) -> SourceRow:
    picture.save(folder / name)
    photo = LocatedPhoto(image=str(folder / name), lat_deg=lat, lon_deg=lon, country="")
    return SourceRow(name, photo)


def test_a_hash_survives_what_copies_go_through_and_tells_others_apart(tmp_path: Path) -> None:
    original = _texture(0)
    original.save(tmp_path / "q.jpg", quality=40)
    copies = [
        original.resize((200, 150)),
        Image.open(tmp_path / "q.jpg"),
        ImageEnhance.Brightness(original).enhance(1.2),
    ]
    own = picture_hash(original)
    assert all((own ^ picture_hash(copy)).bit_count() <= 6 for copy in copies)
    others = [picture_hash(_texture(seed)) for seed in range(1, 60)]
    assert min((own ^ other).bit_count() for other in others) > 10


def test_near_places_use_the_great_circle() -> None:
    training = np.array([[0.0, 179.9999], [10.0, 10.0], [89.9999, 0.0], [50.0, 8.002]])
    evaluation = np.array([[0.0, -179.9999], [89.9999, 180.0], [50.0, 8.0]])
    assert near_places(training, evaluation, 0.1) == [(0, 0), (2, 1)]
    assert near_places(training, evaluation, 0.2) == [(0, 0), (2, 1), (3, 2)]


def test_near_pictures_match_brute_force() -> None:
    rng = np.random.default_rng(1)
    evaluation = [int(x) for x in rng.integers(0, 2**63, 300, dtype=np.uint64)]
    training = [e ^ (1 << int(rng.integers(64))) for e in evaluation[:50]]
    training += [int(x) for x in rng.integers(0, 2**63, 1000, dtype=np.uint64)]
    expected = {
        row for row, t in enumerate(training) if min((t ^ e).bit_count() for e in evaluation) <= 6
    }
    assert {row for row, _ in near_pictures(training, evaluation, 6)} == expected
    assert set(range(50)) <= expected


def test_leaks_are_found_by_place_and_by_picture(tmp_path: Path) -> None:
    evaluation = [_row(tmp_path, "e.png", _texture(1), 38.7, -9.1)]
    training = [
        _row(tmp_path, "same-place.png", _texture(2), 38.7001, -9.1),
        _row(tmp_path, "same-picture.png", _texture(1).resize((160, 120)), 10, 10),
        _row(tmp_path, "other.png", _texture(3), 10, 10),
    ]
    leaks = find_leaks(training, evaluation, within_km=0.1, bits=6)
    assert {leak.training for leak in leaks} == {"same-place.png", "same-picture.png"}
    assert find_leaks(training, [], 0.1, 6) == []
