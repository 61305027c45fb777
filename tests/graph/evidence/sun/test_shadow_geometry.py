"""Shadows on drawn scenes: what is measured, how far it is from the truth, and what is refused."""

from typing import Any

import numpy as np
import pytest

from benchmarks.sun import draw_scenes, scene_deviations
from geoagent_graph.errors import InputError
from geoagent_graph.evidence.sun.shadow_geometry import measure_shadow
from geoagent_graph.sun_marks import MarkedPhoto, SunShadow

PHOTO = MarkedPhoto(width=4000, height=3000, focal_35mm_mm=28.0)
LEVEL = ((0.0, 0.5), (1.0, 0.5))


def shadow(
    foot: tuple[float, float],
    top: tuple[float, float],
    tip: tuple[float, float],
    horizon: tuple[tuple[float, float], tuple[float, float]] | None = LEVEL,
    **more: Any,
) -> SunShadow:
    def point(place: tuple[float, float]) -> dict[str, float]:
        return {"x": place[0], "y": place[1]}

    given = {"foot": point(foot), "top": point(top), "tip": point(tip), **more}
    if horizon is not None:
        given["horizon"] = [point(end) for end in horizon]
    return SunShadow.model_validate(given)


def test_a_shadow_as_long_as_its_thing_to_the_right() -> None:
    # the thing reaches half-way up to the horizon; a shadow across the view is as long in pixels
    high = 0.15 * 3000
    found = measure_shadow(
        shadow((0.5, 0.8), (0.5, 0.65), (0.5 + high / 4000, 0.8), focal_35mm_mm=28.0), PHOTO
    )
    assert found.elevation_deg == pytest.approx(45.0, abs=1.0)
    assert found.relative_deg == pytest.approx(-90.0, abs=1.0)
    assert 0.5 < found.elevation_error_deg < 4.0


def test_a_shadow_towards_the_camera_has_the_sun_ahead() -> None:
    found = measure_shadow(shadow((0.5, 0.7), (0.5, 0.55), (0.5, 0.85)), PHOTO)
    assert found.relative_deg == pytest.approx(0.0, abs=1.0)
    away = measure_shadow(shadow((0.5, 0.8), (0.5, 0.7), (0.5, 0.72)), PHOTO)
    assert abs(away.relative_deg) == pytest.approx(180.0, abs=1.0)


def test_a_camera_that_is_turned_measures_the_same() -> None:
    turned = MarkedPhoto(width=3000, height=4000, focal_35mm_mm=28.0)
    upright = shadow((0.5, 0.8), (0.5, 0.6), (0.6, 0.75))
    # the same picture turned by a quarter: (x, y) becomes (1 - y, x)
    aside = shadow((0.2, 0.5), (0.4, 0.5), (0.25, 0.6), ((0.5, 0.0), (0.5, 1.0)))
    one, other = measure_shadow(upright, PHOTO), measure_shadow(aside, turned)
    assert other.elevation_deg == pytest.approx(one.elevation_deg, abs=0.3)
    assert other.relative_deg == pytest.approx(one.relative_deg, abs=0.5)


def test_without_horizon_or_focal_length_the_errors_are_larger_and_said() -> None:
    marked = shadow((0.4, 0.75), (0.4, 0.5), (0.6, 0.72), focal_35mm_mm=26.0)
    guessed = marked.model_copy(update={"horizon": None, "focal_35mm_mm": None})
    unknown = PHOTO.model_copy(update={"focal_35mm_mm": None})
    exact, rough = measure_shadow(marked, PHOTO), measure_shadow(guessed, unknown)
    assert rough.elevation_error_deg > 2.0 * exact.elevation_error_deg
    assert any("a guess" in words for words in rough.assumptions)
    assert any("held level" in words for words in rough.assumptions)
    assert "as given" in exact.assumptions[0]
    assert measure_shadow(marked, PHOTO) == exact


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (shadow((0.4, 0.3), (0.4, 0.1), (0.6, 0.3), None), "mark the horizon"),
        (shadow((0.4, 0.6), (0.4, 0.7), (0.6, 0.6), None), "lies below the foot"),
        (shadow((0.4, 0.6), (0.4, 0.4), (0.6, 0.3)), "must be below the horizon"),
    ],
)
def test_what_is_no_thing_on_the_ground_is_refused(said: SunShadow, words: str) -> None:
    with pytest.raises(InputError, match=words):
        measure_shadow(said, PHOTO)


def test_the_stated_errors_hold_on_drawn_scenes() -> None:
    assert sum(1 for _ in draw_scenes(10, is_marked=True)) >= 3
    errors, stated = scene_deviations(150, is_marked=True)
    within = (np.abs(stated) < 1.645).mean(axis=0)
    assert (within > 0.8).all()
    assert np.median(np.abs(errors[:, 0])) < 5.0
