"""Checks the sun: its position against JPL's DE421, marked shadows on drawn scenes, bits it tells.

    python benchmarks/sun.py positions --draws 10000
    python benchmarks/sun.py scenes --draws 2000
    python benchmarks/sun.py bits --draws 300

`positions` needs the packages `skyfield` and `skyfield-data` (extra `dev`), which bring the
ephemeris; nothing is downloaded.
"""

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ValidationError

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.sun.clock import TimeSpan
from geoagent_graph.evidence.sun.reading import SunReading, read_sun
from geoagent_graph.evidence.sun.town_likelihood import town_log_likelihood
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.sun_position import sun_angles
from geoagent_graph.settings import load_settings
from geoagent_graph.sun_marks import FULL_FRAME_DIAGONAL_MM, MarkedPhoto, PhotoPoint, SunShadow

Floats = NDArray[np.float64]

FIRST_S, LAST_S = -2_208_902_400.0, 2_524_521_600.0  # 1900-01-02 to 2049-12-31
JULIAN_1970 = 2_440_587.5
YEAR_S = 365.2425 * 86_400.0
NEW_YEAR_2024_S = 1_704_067_200.0
MIN_HEIGHT_DEG = 5.0
ERROR_DEG = 3.0


def draw_places(draws: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return (latitudes, longitudes, seconds of UT1 since 1970), even over sphere and time."""
    generator = np.random.default_rng(seed)
    lat_deg = np.degrees(np.arcsin(generator.uniform(-1.0, 1.0, draws)))
    lon_deg = generator.uniform(-180.0, 180.0, draws)
    return lat_deg, lon_deg, generator.uniform(FIRST_S, LAST_S, draws)


def ephemeris_angles(lat_deg: Floats, lon_deg: Floats, ut1_s: Floats) -> tuple[Floats, Floats]:
    """Return (elevation, azimuth) of the sun after JPL's DE421, without refraction."""
    from skyfield.api import Loader, wgs84
    from skyfield_data import get_skyfield_data_path

    load = Loader(get_skyfield_data_path(), expire=False)
    moments = load.timescale().ut1_jd(JULIAN_1970 + ut1_s / 86_400.0)
    with contextlib.closing(load("de421.bsp")) as planets:
        observer = planets["earth"] + wgs84.latlon(lat_deg, lon_deg)
        height, bearing, _ = observer.at(moments).observe(planets["sun"]).apparent().altaz()
    return np.asarray(height.degrees), np.asarray(bearing.degrees)


def position_errors(draws: int) -> Floats:
    """Return how far the sun's positions are from the ephemeris, degrees of arc."""
    lat_deg, lon_deg, ut1_s = draw_places(draws, 18)
    found = directions(*sun_angles(lat_deg, lon_deg, ut1_s))
    right = directions(*ephemeris_angles(lat_deg, lon_deg, ut1_s))
    return np.asarray(np.degrees(2.0 * np.arcsin(np.linalg.norm(found - right, axis=-1) / 2.0)))


def directions(elevation: ArrayLike, azimuth: ArrayLike) -> Floats:
    """Return unit vectors (north, east, up), shape [..., 3]."""
    height, bearing = np.radians(np.asarray(elevation)), np.radians(np.asarray(azimuth))
    flat = np.cos(height)
    return np.stack([flat * np.cos(bearing), flat * np.sin(bearing), np.sin(height)], axis=-1)


@dataclass(frozen=True)
class Scene:
    """A drawn photo of a shadow, and where its sun stood."""

    said: SunShadow
    photo: MarkedPhoto
    elevation_deg: float
    relative_deg: float


def draw_scenes(draws: int, *, is_marked: bool, seed: int = 4) -> Iterator[Scene]:
    """Yield scenes of a camera at 1.6 m, with the errors that a person's marks have.

    Args:
        draws: at most so many; those whose marks lie outside the photo are left out.
        is_marked: whether the horizon is marked; else only the camera knows its tilt.
        seed: of the draws.
    """
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        scene = _draw_scene(generator, is_marked=is_marked)
        if scene is not None:
            yield scene


def _draw_scene(generator: np.random.Generator, *, is_marked: bool) -> Scene | None:
    width, height = (4000, 3000) if generator.random() < 0.7 else (3000, 4000)
    focal_mm = float(generator.uniform(24.0, 50.0))
    pitch, roll = np.radians(generator.normal(0.0, [8.0, 2.0]))
    camera = Camera(width, height, focal_mm, float(pitch), float(roll))
    elevation, bearing = generator.uniform(12.0, 70.0), generator.uniform(-180.0, 180.0)
    sun = directions(elevation, bearing)
    foot = np.array([generator.uniform(4.0, 12.0), generator.uniform(-3.0, 3.0), -1.6])
    tall = generator.uniform(0.8, 3.0)
    lean, slope = (
        np.radians(generator.normal(0.0, 1.5, 2)),
        np.radians(generator.normal(0.0, 2.0, 2)),
    )
    top = foot + tall * np.array([np.tan(lean[0]), np.tan(lean[1]), 1.0])
    normal = np.array([np.tan(slope[0]), np.tan(slope[1]), 1.0])
    tip = top - sun * ((top - foot) @ normal) / (sun @ normal)
    marks = [camera.point(place, generator, 0.003) for place in (foot, top, tip)]
    ahead = [np.array([1e6, side * 3e5, -1.6]) for side in (-1.0, 1.0)]
    horizon = [camera.point(place, generator, 0.006) for place in ahead]
    if None in marks or (is_marked and None in horizon):
        return None
    given = dict(zip(("foot", "top", "tip"), marks, strict=True))
    focal = {"focal_35mm_mm": focal_mm * float(np.exp(generator.normal(0.0, 0.04)))}
    try:
        said = SunShadow.model_validate(given | focal | ({"horizon": horizon} if is_marked else {}))
    except ValidationError:  # a thing or a shadow too short to mark
        return None
    return Scene(said, MarkedPhoto(width=width, height=height), elevation, bearing)


@dataclass(frozen=True)
class Camera:
    """A camera that looks north at the origin, tilted up by `pitch` and aside by `roll`."""

    width: int
    height: int
    focal_mm: float
    pitch: float
    roll: float

    def point(
        self, place: Floats, generator: np.random.Generator, error: float
    ) -> PhotoPoint | None:
        """Return where a place (north, east, up) is marked; None outside of the photo."""
        north, east, up = place
        ahead = north * np.cos(self.pitch) + up * np.sin(self.pitch)
        down = north * np.sin(self.pitch) - up * np.cos(self.pitch)
        if ahead <= 0.1:
            return None
        x = (east * np.cos(self.roll) - down * np.sin(self.roll)) / ahead
        y = (east * np.sin(self.roll) + down * np.cos(self.roll)) / ahead
        diagonal = float(np.hypot(self.width, self.height))
        x, y = np.array([x, y]) * self.focal_mm / FULL_FRAME_DIAGONAL_MM
        x, y = np.array([x, y]) + generator.normal(0.0, error, 2)
        share = (x * diagonal / self.width + 0.5, y * diagonal / self.height + 0.5)
        inside = all(0.0 <= value <= 1.0 for value in share)
        return PhotoPoint(x=share[0], y=share[1]) if inside else None


def scene_deviations(draws: int, *, is_marked: bool) -> tuple[Floats, Floats]:
    """Return (errors of height and bearing in degrees, the same in stated deviations), [n, 2]."""
    errors, stated = [], []
    for scene in draw_scenes(draws, is_marked=is_marked):
        try:
            found = read_sun(scene.said, scene.photo)
        except InputError:  # without a horizon the ground may seem to lie above it
            continue
        aside = ((found.relative_deg or 0.0) - scene.relative_deg + 180.0) % 360.0 - 180.0
        errors.append([(found.elevation_deg or 0.0) - scene.elevation_deg, aside])
        stated.append([found.elevation_error_deg, found.relative_error_deg])
    return np.array(errors), np.array(errors) / np.array(stated)


def bits_over_prior(model: BayesEvidence, draws: int) -> dict[str, float]:
    """Return the mean of log2 P(true country | sun) / P(true country), by what is known of it."""
    table, prior = model.town_table, model.prior
    generator = np.random.default_rng(7)
    country_prior = np.bincount(table.country, prior, len(table.codes))
    held = country_prior[country_prior > 0.0]
    found: dict[str, list[float]] = {"height": [], "height and bearing": [], "side": []}
    while len(found["side"]) < draws:
        town = int(generator.choice(len(prior), p=prior))
        moment = NEW_YEAR_2024_S + float(generator.uniform(0.0, YEAR_S))
        lat_deg, lon_deg = table.gazetteer.lat_deg[town], table.gazetteer.lon_deg[town]
        elevation, azimuth = (float(a) for a in sun_angles(lat_deg, lon_deg, moment))
        if elevation < MIN_HEIGHT_DEG:
            continue
        height = float(np.clip(elevation + generator.normal(0.0, ERROR_DEG), 0.0, 90.0))
        bearing = (azimuth + generator.normal(0.0, ERROR_DEG)) % 360.0
        side = "north" if np.cos(np.radians(azimuth)) > 0 else "south"
        readings = {
            "height": SunReading(height, ERROR_DEG),
            "height and bearing": SunReading(height, ERROR_DEG, bearing, ERROR_DEG),
            "side": SunReading(side="north" if side == "north" else "south"),
        }
        span = TimeSpan("", moment, moment, is_utc=True)
        for name, reading in readings.items():
            weights = prior * np.exp(town_log_likelihood(reading, span, table))
            posterior = np.bincount(table.country, weights, len(table.codes)) / weights.sum()
            number = table.country[town]
            found[name].append(float(np.log2(posterior[number] / country_prior[number])))
    told = {name: float(np.mean(values)) for name, values in found.items()}
    entropy = -float((held * np.log2(held)).sum())
    return {**told, "entropy of the prior": entropy, "countries as bits": float(np.log2(len(held)))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("positions", "scenes", "bits"))
    parser.add_argument("--draws", type=int, default=300)
    options = parser.parse_args()
    if options.what == "positions":
        errors = position_errors(options.draws)
        print(f"degrees from DE421: max {errors.max():.4f}, rms {np.sqrt((errors**2).mean()):.4f}")
    elif options.what == "scenes":
        for is_marked in (True, False):
            errors, stated = scene_deviations(options.draws, is_marked=is_marked)
            within = (np.abs(stated) < 1.645).mean(axis=0)
            size = np.median(np.abs(errors), axis=0)
            print(
                f"horizon {'marked' if is_marked else 'guessed'}: {len(errors)} scenes, median "
                f"error {size[0]:.1f} and {size[1]:.1f} degrees; within the stated nine of ten: "
                f"{within[0]:.2f} and {within[1]:.2f}"
            )
    else:
        model = BayesEvidence(open_gazetteer(load_settings()))
        for name, bits in bits_over_prior(model, options.draws).items():
            print(f"{name}: {bits:.2f} bits")


if __name__ == "__main__":
    main()
