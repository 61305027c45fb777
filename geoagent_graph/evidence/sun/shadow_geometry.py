"""The direction to the sun from a thing and its shadow in a perspective picture.

The horizon and the focal length say which way is up for the camera, and so where the ground lies
under every point of the picture, but for the height of the camera, which drops out. The shadow's
tip and the thing's foot lie on the ground; the thing rises from its foot along up; the sun lies in
the line from the tip to the top. The principal point is taken to be the middle of the picture, so a
photo that was cropped unevenly, or a lens that bends straight lines, is measured wrongly.

What is not known exactly is drawn many times; the spread of what comes out is the error.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.sun_marks import FULL_FRAME_DIAGONAL_MM, MarkedPhoto, PhotoPoint, SunShadow

Floats = NDArray[np.float64]

DRAWS: Final = 4000
MIN_SOUND_SHARE: Final = 0.5  # of the draws that must be a thing on the ground under the sun
MIN_BELOW_HORIZON: Final = 0.002  # in focal lengths; nearer to it the ground is endlessly far
_SEED: Final = 20


@dataclass(frozen=True, slots=True)
class MeasuredShadow:
    """The sun's height, and its bearing from the camera's axis (right is positive), in degrees."""

    elevation_deg: float
    elevation_error_deg: float
    relative_deg: float
    relative_error_deg: float
    covariance: float
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Camera:
    """Draws of a camera: pixels in diagonals from the middle, x right, y down, z ahead."""

    focal: Floats
    up: Floats


def measure_shadow(said: SunShadow, photo: MarkedPhoto) -> MeasuredShadow:
    """Return where the sun stood, with the errors that follow from what is assumed.

    The same marks give the same figures.

    Raises:
        InputError: foot and tip do not lie below the horizon, or the top not above the foot.
    """
    generator = np.random.default_rng(_SEED)
    camera, assumptions = _draw_camera(said, photo, generator)
    directions = _sun_directions(said, photo, camera, generator)
    elevation, relative, sound = _sun_angles(directions, camera.up)
    if sound.mean() < MIN_SOUND_SHARE:
        raise InputError(_what_is_wrong(said))
    return _summarise_draws(elevation[sound], relative[sound], assumptions)


def _draw_camera(
    said: SunShadow, photo: MarkedPhoto, generator: "np.random.Generator"
) -> tuple[_Camera, tuple[str, ...]]:
    weights = parameters().sun
    known_mm = said.focal_35mm_mm or photo.focal_35mm_mm
    focal_mm = known_mm or weights.guessed_focal_mm
    error = weights.focal_error if known_mm else weights.guessed_focal_error
    focal = focal_mm / FULL_FRAME_DIAGONAL_MM * np.exp(error * generator.standard_normal(DRAWS))
    source = "as given" if said.focal_35mm_mm else "as the file says" if known_mm else "a guess"
    assumptions = [f"focal length {focal_mm:g} mm (35 mm equivalent), {source}"]
    if said.horizon is None:
        up = _level_up(generator)
        assumptions.append("camera held level: no horizon is marked")
    else:
        ends = [
            _draw_point(point, photo, weights.horizon_share, generator) for point in said.horizon
        ]
        foot = _draw_point(said.foot, photo, 0.0, generator)
        up = _up_of_horizon(ends[0], ends[1], foot, focal)
        assumptions.append("horizon as marked")
    assumptions.append(
        "the thing stands upright and the ground is level, both within a few degrees"
    )
    return _Camera(focal, up), tuple(assumptions)


def _level_up(generator: "np.random.Generator") -> Floats:
    """Return draws of the direction up for a camera that was held level, shape [draws, 3]."""
    weights = parameters().sun
    pitch = np.radians(weights.level_deg) * generator.standard_normal(DRAWS)
    roll = np.radians(weights.roll_deg) * generator.standard_normal(DRAWS)
    flat = np.cos(pitch)
    return np.stack([flat * np.sin(roll), -flat * np.cos(roll), np.sin(pitch)], axis=1)


def _up_of_horizon(one: Floats, other: Floats, foot: Floats, focal: Floats) -> Floats:
    """Return the direction at right angles to all rays to the horizon, away from the foot."""
    up = np.cross(_rays_to(one, focal), _rays_to(other, focal))
    up *= -np.sign(_dot_products(up, _rays_to(foot, focal)))[:, None]
    return np.asarray(up / np.linalg.norm(up, axis=1, keepdims=True), dtype=np.float64)


def _rays_to(points: Floats, focal: Floats) -> Floats:
    """Return the directions to points of the picture, shape [draws, 3], not normalised."""
    return np.concatenate([points / focal[:, None], np.ones((len(points), 1))], axis=1)


def _sun_directions(
    said: SunShadow, photo: MarkedPhoto, camera: _Camera, generator: "np.random.Generator"
) -> Floats:
    """Return draws of the direction to the sun, shape [draws, 3]; not finite where there is none.

    The camera is one unit above the ground.
    """
    weights = parameters().sun
    marks = [
        _rays_to(_draw_point(point, photo, weights.mark_share, generator), camera.focal)
        for point in (said.foot, said.top, said.tip)
    ]
    ground = _tilt_draws(camera.up, weights.slope_deg, generator)
    axis = _tilt_draws(camera.up, weights.lean_deg, generator)
    foot, tip = _on_ground(marks[0], ground), _on_ground(marks[2], ground)
    return foot + axis * _height_along(foot, axis, marks[1])[:, None] - tip


def _on_ground(rays: Floats, ground: Floats) -> Floats:
    """Return where rays meet the ground, NaN where they do not."""
    down = -_dot_products(rays, ground)
    return rays / np.where(down > MIN_BELOW_HORIZON, down, np.nan)[:, None]


def _height_along(foot: Floats, axis: Floats, ray: Floats) -> Floats:
    """Return how far along `axis` from `foot` the line comes nearest to a ray, NaN below 0."""
    ray = ray / np.linalg.norm(ray, axis=1, keepdims=True)
    along, cosine = _dot_products(foot, ray), _dot_products(axis, ray)
    height = (along * cosine - _dot_products(foot, axis)) / (1.0 - cosine**2)
    return np.where(height > 0.0, height, np.nan)


def _sun_angles(directions: Floats, up: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return height and bearing in degrees, and which draws are sound: the sun above the ground."""
    length = np.linalg.norm(directions, axis=1)
    elevation = np.degrees(np.arcsin(np.clip(_dot_products(directions, up) / length, -1.0, 1.0)))
    ahead = np.array([0.0, 0.0, 1.0]) - up * up[:, 2:3]
    right = np.cross(ahead, up)  # x right, y down, z ahead
    relative = np.degrees(
        np.arctan2(_dot_products(directions, right), _dot_products(directions, ahead))
    )
    return elevation, relative, np.isfinite(length) & (elevation > 0.0)


def _summarise_draws(
    elevation: Floats, relative: Floats, assumptions: tuple[str, ...]
) -> MeasuredShadow:
    turns = np.exp(1j * np.radians(relative))
    middle = float(np.degrees(np.angle(turns.mean())))
    away = (relative - middle + 180.0) % 360.0 - 180.0
    height = elevation - elevation.mean()
    return MeasuredShadow(
        elevation_deg=float(elevation.mean()),
        elevation_error_deg=float(np.sqrt((height**2).mean())),
        relative_deg=middle,
        relative_error_deg=float(np.sqrt((away**2).mean())),
        covariance=float((height * away).mean()),
        assumptions=assumptions,
    )


def _what_is_wrong(said: SunShadow) -> str:
    if said.top.y >= said.foot.y:
        return "top: lies below the foot; mark the foot where the thing stands, then its upper end"
    if said.horizon is None:
        return (
            "foot, tip: they do not lie below the horizon, which is taken to cross the middle of "
            "the photo; mark the horizon"
        )
    return "foot, tip: the ground that they lie on must be below the horizon; check the marks"


def _draw_point(
    point: PhotoPoint, photo: MarkedPhoto, share: float, generator: "np.random.Generator"
) -> Floats:
    """Return draws of a marked point, in diagonals from the middle, shape [draws, 2]."""
    diagonal = float(np.hypot(photo.width, photo.height))
    middle = [(point.x - 0.5) * photo.width / diagonal, (point.y - 0.5) * photo.height / diagonal]
    return np.array(middle) + share * generator.standard_normal((DRAWS, 2))


def _tilt_draws(up: Floats, error_deg: float, generator: "np.random.Generator") -> Floats:
    """Return directions near `up`, tilted to either side by that error."""
    noise = np.radians(error_deg) * generator.standard_normal((DRAWS, 3))
    tilted = up + noise - up * _dot_products(noise, up)[:, None]
    return np.asarray(tilted / np.linalg.norm(tilted, axis=1, keepdims=True), dtype=np.float64)


def _dot_products(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", one, other), dtype=np.float64)
