"""The guess at a script from shapes: what it says of drawn lines, of nothing, of any picture."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, features

from geoagent_graph.perception.line_image import line_strips
from geoagent_graph.perception.script_guess import (
    CELL_PX,
    LINE_HEIGHT_PX,
    MAX_LINE_WIDTH_PX,
    NO_SCRIPT,
    guess_script,
    script_guesser,
    window_features,
)
from geoagent_graph.perception.script_search import MIN_GUESS
from geoagent_graph.perception.tesseract import MODELS
from tools.draw_signs import find_fonts, load_signs

SIGNS = {sign.script: sign for sign in load_signs() if sign.script in MODELS}


def strip_of(text: str, language: str) -> Image.Image:
    """Return a drawn line as the search for scripts sees it."""
    fonts = find_fonts(language)
    if not fonts or not features.check("raqm"):
        pytest.skip("there is no font, or no shaping of text")
    font = ImageFont.truetype(str(fonts[0][0]), 60, index=fonts[0][1])
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    picture = Image.new("RGB", (right - left + 80, bottom - top + 80), "#145a32")
    ImageDraw.Draw(picture).text((40 - left, 40 - top), text, font=font, fill="white")
    x, y = picture.width - 34, picture.height - 34
    corners = np.array([[34, 34], [x, 34], [x, y], [34, y]], np.float32)
    return line_strips(np.asarray(picture), corners)[0]


@pytest.mark.parametrize("script", SIGNS)
def test_a_drawn_street_is_never_kept_from_the_model_of_its_script(script: str) -> None:
    guess = guess_script(strip_of(SIGNS[script].street, SIGNS[script].language))
    ranked = sorted(guess, key=lambda code: guess[code], reverse=True)
    assert script in ranked[:4]
    assert guess[script] > MIN_GUESS


def test_the_scripts_are_those_of_the_models() -> None:
    assert script_guesser().scripts == (*MODELS, NO_SCRIPT)


def test_a_blank_strip_is_in_no_script() -> None:
    guess = guess_script(Image.new("L", (200, 72), 255))
    assert max(guess, key=lambda code: guess[code]) == NO_SCRIPT
    assert sum(guess.values()) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (1, 900), (9000, 60), (33, 72)])
def test_a_strip_of_any_size_has_windows(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(5).integers(0, 255, size[::-1], np.uint8)
    windows = window_features(Image.fromarray(pixels))
    assert 1 <= len(windows) <= (MAX_LINE_WIDTH_PX - LINE_HEIGHT_PX) // CELL_PX + 1
    assert np.isfinite(windows).all()
    assert np.linalg.norm(windows, axis=1).max() <= 1.001
