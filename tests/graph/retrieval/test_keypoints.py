"""Local features: another view matches, another picture does not, records are bounded."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoagent_graph.retrieval.keypoints import (
    MAX_KEYPOINTS,
    RECORD_BYTES,
    count_matching_points,
    find_keypoints,
    keypoint_bytes,
    read_keypoints,
)


def street(seed: int) -> Image.Image:
    """Return a picture full of boxes, as a street of houses is of windows."""
    draw = np.random.default_rng(seed)
    image = Image.new("RGB", (360, 270), "grey")
    pen = ImageDraw.Draw(image)
    for left, top in draw.integers(0, (340, 250), (160, 2)).tolist():
        wide, high = draw.integers(6, 40, 2).tolist()
        colour = tuple(draw.integers(0, 256, 3).tolist())
        pen.rectangle((left, top, left + wide, top + high), fill=colour)
    return image


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("RGB"))


def test_another_view_of_a_place_matches_and_another_place_does_not() -> None:
    place = find_keypoints(pixels(street(1)))
    view = (
        street(1)
        .rotate(8, expand=True, fillcolor="white")
        .resize((300, 240))
        .crop((20, 20, 280, 220))
    )
    assert count_matching_points(place, find_keypoints(pixels(view))) > 20
    assert count_matching_points(place, find_keypoints(pixels(street(2)))) < 8
    mirrored = street(1).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert count_matching_points(place, find_keypoints(pixels(mirrored))) < 8


def test_records_keep_what_matches() -> None:
    place = find_keypoints(pixels(street(1)))
    assert 100 < len(place.xy) <= MAX_KEYPOINTS
    record = keypoint_bytes(place)
    assert len(record) == RECORD_BYTES
    found = read_keypoints(record)
    np.testing.assert_allclose(found.xy, place.xy, atol=0.02)
    np.testing.assert_allclose(found.descriptors, place.descriptors, atol=0.002)
    assert count_matching_points(place, found) > 0.8 * len(place.xy)


def test_a_plain_photo_has_none_and_matches_nothing() -> None:
    plain = find_keypoints(np.full((40, 50, 3), 90, np.uint8))
    assert len(plain.xy) == 0
    assert len(read_keypoints(keypoint_bytes(plain)).xy) == 0
    assert count_matching_points(plain, find_keypoints(pixels(street(1)))) == 0
    assert len(find_keypoints(np.zeros((1, 1, 3), np.uint8)).xy) == 0


def test_any_bytes_are_a_bounded_record() -> None:
    place = find_keypoints(pixels(street(1)))
    draw = np.random.default_rng(5)
    for record in (b"\xff" * RECORD_BYTES, bytes(RECORD_BYTES), draw.bytes(RECORD_BYTES)):
        found = read_keypoints(record)
        assert len(found.xy) <= MAX_KEYPOINTS
        assert np.isfinite(found.xy).all()
        assert count_matching_points(place, found) < 8


def test_one_spot_repeated_is_one_point() -> None:
    place = find_keypoints(pixels(street(1)))
    same = read_keypoints(keypoint_bytes(place))
    same.xy[:] = same.xy[0]
    assert count_matching_points(place, same) <= 1
