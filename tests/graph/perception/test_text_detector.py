"""What the detector sees is what RapidOCR would show it."""

import numpy as np
import pytest

from geoagent_graph.perception.rapid_ocr import shared_engine
from geoagent_graph.perception.text_detector import _prepare_image


@pytest.mark.parametrize("shape", [(200, 300), (1200, 1600), (40, 1500), (64, 64), (5, 400)])
def test_an_image_is_prepared_as_rapidocr_prepares_it_to_the_last_bit(
    shape: tuple[int, int],
) -> None:
    steps = shared_engine(1).detector().get_preprocess()
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    expected = steps(np.ascontiguousarray(pixels[:, :, ::-1]))
    prepared = _prepare_image(steps, pixels)
    if expected is None:  # too thin to be looked at
        assert prepared is None
        return
    assert prepared is not None
    assert prepared.dtype == expected.dtype
    assert np.array_equal(prepared, expected)
