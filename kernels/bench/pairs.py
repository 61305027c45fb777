"""Pairs of points by how far apart they are, float64 degrees: where formulas go wrong."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch

RADIUS_M = 6371008.8

Pairs = tuple[torch.Tensor, torch.Tensor]


def pair_sets() -> Iterator[tuple[str, Callable[[int, torch.Generator], Pairs]]]:
    """Yield name and generator of twenty sets: near zero to half the globe, and its odd corners."""
    yield "identical", partial(apart, 0.0)
    for metres in (0.01, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 5e6, 1e7):
        yield f"{distance_name(metres)} apart", partial(apart, metres)
    yield "uniform", uniform
    for metres in (1e6, 1e5, 1e3, 10.0, 1.0):
        yield f"{distance_name(metres)} from antipode", partial(opposite, metres)
    yield "poles", poles
    yield "date line", date_line
    yield "equator", equator


def distance_name(metres: float) -> str:
    """1000.0 -> '1 km'."""
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def sphere(count: int, generator: torch.Generator) -> torch.Tensor:
    """[count, 2] points, uniform on the sphere."""
    z, turn = torch.rand(2, count, dtype=torch.float64, generator=generator)
    return torch.stack((torch.rad2deg(torch.asin(2 * z - 1)), 360 * turn - 180), 1)


def clustered(count: int, generator: torch.Generator) -> torch.Tensor:
    """[count, 2] points in bunches of some fifty within a degree or two, as towns lie."""
    centres = sphere(max(1, count // 50), generator)
    pick = torch.randint(len(centres), (count,), generator=generator)
    away = 0.7 * torch.randn(count, 2, dtype=torch.float64, generator=generator)
    edge = torch.tensor([90.0, 180.0], dtype=torch.float64)
    return (centres[pick] + away).clamp(-edge, edge)


def uniform(count: int, generator: torch.Generator) -> Pairs:
    """Both points anywhere."""
    return sphere(count, generator), sphere(count, generator)


def apart(metres: float, count: int, generator: torch.Generator) -> Pairs:
    """Half to once `metres` apart, in any direction."""
    a = sphere(count, generator)
    share, turn = torch.rand(2, count, dtype=torch.float64, generator=generator)
    return a, _move_points(a, metres * (0.5 + share / 2), 2 * math.pi * turn)


def opposite(metres: float, count: int, generator: torch.Generator) -> Pairs:
    """Half to once `metres` from each other's antipode."""
    a, b = apart(metres, count, generator)
    return a, torch.stack((-b[:, 0], _wrap_longitude(b[:, 1] + 180)), 1)


def poles(count: int, generator: torch.Generator) -> Pairs:
    """1e-6 to 3 degrees from the same pole, any longitude."""
    exponent = torch.rand(2, count, dtype=torch.float64, generator=generator) * 6.5 - 6
    sign = torch.randint(2, (count,), generator=generator) * 2 - 1
    lon = torch.rand(2, count, dtype=torch.float64, generator=generator) * 360 - 180
    lat = sign * (90 - 10**exponent)
    return torch.stack((lat[0], lon[0]), 1), torch.stack((lat[1], lon[1]), 1)


def date_line(count: int, generator: torch.Generator) -> Pairs:
    """1e-6 to 10 degrees from the date line, on either side of it."""
    exponent = torch.rand(2, count, dtype=torch.float64, generator=generator) * 7 - 6
    lat = torch.rand(count, dtype=torch.float64, generator=generator) * 170 - 85
    shift = torch.randn(count, dtype=torch.float64, generator=generator) * 1e-3
    east = torch.stack((lat, 180 - 10 ** exponent[0]), 1)
    return east, torch.stack((lat + shift, 10 ** exponent[1] - 180), 1)


def equator(count: int, generator: torch.Generator) -> Pairs:
    """Both exactly on the equator."""
    lon = torch.rand(2, count, dtype=torch.float64, generator=generator) * 360 - 180
    return tuple(torch.stack((torch.zeros_like(x), x), 1) for x in lon)


def _move_points(points: torch.Tensor, metres: torch.Tensor, bearing: torch.Tensor) -> torch.Tensor:
    lat, lon = torch.deg2rad(points).unbind(1)
    angle = metres / RADIUS_M
    sine = lat.sin() * angle.cos() + lat.cos() * angle.sin() * bearing.cos()
    new_lat = torch.asin(sine.clamp(-1, 1))
    east = bearing.sin() * angle.sin() * lat.cos()
    new_lon = lon + torch.atan2(east, angle.cos() - lat.sin() * sine)
    moved = torch.stack((torch.rad2deg(new_lat), _wrap_longitude(torch.rad2deg(new_lon))), 1)
    return torch.where(metres[:, None] == 0, points, moved)


def _wrap_longitude(lon: torch.Tensor) -> torch.Tensor:
    return torch.remainder(lon + 180, 360) - 180
